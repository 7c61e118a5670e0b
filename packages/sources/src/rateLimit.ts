import { type Clock, systemClock } from "./clock.ts";

/** A queue in front of a source. */
export interface RateLimit {
  /**
   * Do something when its turn comes.
   *
   * @throws what `action` throws; the reason of `signal` when it is aborted before the turn came
   */
  run<T>(action: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/**
 * At most one request at a time, each starting at least `interval` milliseconds after the one before;
 * in the order of asking, for all callers that share the limit.
 */
export function rateLimit(interval: number, clock: Clock = systemClock): RateLimit {
  let previous: Promise<unknown> = Promise.resolve();
  let started = Number.NEGATIVE_INFINITY;
  return {
    async run(action, signal) {
      const turn = previous;
      const done = Promise.withResolvers<void>();
      previous = Promise.all([turn, done.promise]);
      try {
        await unlessAborted(turn, signal);
        // No longer than the interval, even where the clock was set back meanwhile.
        const wait = Math.min(interval, started + interval - clock.now());
        if (wait > 0) await clock.sleep(wait, signal);
        started = clock.now();
        return await action();
      } finally {
        done.resolve();
      }
    },
  };
}

/** Waits for a promise that never rejects, or rejects with the signal's reason. */
function unlessAborted(promise: Promise<unknown>, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const give = () => reject(signal?.reason);
    signal?.addEventListener("abort", give, { once: true });
    promise.then(() => {
      signal?.removeEventListener("abort", give);
      resolve();
    });
  });
}
