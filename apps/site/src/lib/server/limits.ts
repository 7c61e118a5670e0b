/** Token buckets: how often one visitor may do a thing. */

export interface Limit {
  /** So many at once. */
  readonly burst: number;
  /** And so many more a minute. */
  readonly perMinute: number;
}

interface Bucket {
  tokens: number;
  seen: number;
}

/** Buckets that are kept; the longest unused ones are forgotten first. */
const mostBuckets = 50_000;

/**
 * Whether one more is allowed now, for each key by itself. Kept in the process: with several, each
 * allows as much.
 *
 * @param clock milliseconds
 * @example
 * const votes = limiter({ burst: 20, perMinute: 10 });
 * if (!votes(visitor)) error(429, "too many votes; try again in a minute");
 */
export function limiter(
  { burst, perMinute }: Limit,
  clock: () => number = Date.now,
): (key: string) => boolean {
  const buckets = new Map<string, Bucket>();
  return (key) => {
    const now = clock();
    const bucket = buckets.get(key) ?? { tokens: burst, seen: now };
    buckets.delete(key);
    const refilled = bucket.tokens + ((now - bucket.seen) * perMinute) / 60_000;
    const tokens = Math.min(burst, refilled);
    const allowed = tokens >= 1;
    buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, seen: now });
    if (buckets.size > mostBuckets) {
      const [oldest] = buckets.keys();
      buckets.delete(oldest);
    }
    return allowed;
  };
}
