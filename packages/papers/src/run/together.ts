/** Several computations at a time, each of which tells how it is getting on. */
import type { RunEvent, Running } from "../contract/events.ts";

/** An event of one of several computations. */
export interface Told {
  /** Which of them, from 0. */
  readonly index: number;
  /** Absent when it has ended. */
  readonly event?: RunEvent;
}

/**
 * Runs computations, `atOnce` at a time, begun in their order.
 *
 * @param tasks each is given a signal that is aborted when nobody wants its result any more
 * @returns their results in the same order
 * @throws what the first that fails throws; the others are stopped
 */
export async function* together<R>(
  tasks: readonly ((signal: AbortSignal) => Running<R>)[],
  atOnce: number,
): AsyncGenerator<Told, R[], void> {
  const results = new Map<number, R>();
  const running = new Map<number, Running<R>>();
  const steps = new Map<number, Promise<{ index: number; step: IteratorResult<RunEvent, R> }>>();
  const over = new AbortController();
  const advance = (index: number, run: Running<R>): void => {
    const step = run.next().then((step) => ({ index, step }));
    // Only the first failure is told.
    step.catch(() => {});
    // At the end, so that whoever told something last is heard last.
    steps.delete(index);
    steps.set(index, step);
  };
  const waiting = tasks.entries();
  try {
    for (;;) {
      while (steps.size < atOnce) {
        const next = waiting.next();
        if (next.done) break;
        const [index, task] = next.value;
        const run = task(over.signal);
        running.set(index, run);
        advance(index, run);
      }
      if (steps.size === 0) return tasks.map((_, index) => results.get(index) as R);
      const { index, step } = await Promise.race(steps.values());
      if (step.done) {
        results.set(index, step.value);
        steps.delete(index);
        running.delete(index);
        yield { index };
      } else {
        yield { index, event: step.value };
        const run = running.get(index);
        if (run !== undefined) advance(index, run);
      }
    }
  } finally {
    over.abort();
    await Promise.allSettled([...running.values()].map((run) => run.return(undefined as never)));
  }
}
