/** Answers that are kept for a moment, since many visitors ask the same. */

/** Grows when something is written here: what was read before is not given any more. */
let writes = 0;

/** To be called after every write, so that whoever wrote sees it at once. */
export function forgetReads(): void {
  writes += 1;
}

interface Kept<T> {
  readonly value: Promise<T>;
  readonly until: number;
  readonly writes: number;
}

/** Answers of one kind that are kept; the oldest go first. */
const most = 1000;

/**
 * `read`, asked at most once in so many seconds for each key, and again after every write of this
 * process. Other processes' writes are seen when the time is over.
 *
 * @param clock milliseconds
 */
export function remembered<K, T>(
  seconds: number,
  keyOf: (question: K) => string,
  read: (question: K) => Promise<T>,
  clock: () => number = Date.now,
): (question: K) => Promise<T> {
  const kept = new Map<string, Kept<T>>();
  return (question) => {
    const key = keyOf(question);
    const before = kept.get(key);
    if (before !== undefined && before.writes === writes && clock() < before.until)
      return before.value;
    const value = read(question);
    kept.delete(key);
    kept.set(key, { value, until: clock() + 1000 * seconds, writes });
    value.catch(() => kept.delete(key));
    if (kept.size > most) kept.delete(kept.keys().next().value ?? key);
    return value;
  };
}
