import { type Clock, systemClock } from "./clock.ts";
import { SourceError } from "./errors.ts";

export interface RetryRules {
  /** How often something is tried. */
  readonly attempts?: number;
  /** Milliseconds: the longest wait before the second attempt; doubled before each further one. */
  readonly backOff?: number;
  /** Milliseconds: what the doubling stops at. */
  readonly longestBackOff?: number;
  /** Milliseconds: the most that a server's `Retry-After` is followed. */
  readonly longestRetryAfter?: number;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/**
 * Try something again while it fails with a transient {@link SourceError}.
 *
 * The waits are drawn from [0, back-off) (full jitter), so that clients that failed together do not
 * come back together, and are at least what the server asked for by `Retry-After`.
 *
 * @throws the last error, when attempts are used up or it is not transient
 */
export async function retry<T>(action: () => Promise<T>, rules: RetryRules = {}): Promise<T> {
  const { attempts = 5, backOff = 1_000, longestBackOff = 60_000 } = rules;
  const { longestRetryAfter = 300_000, clock = systemClock, signal } = rules;
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof SourceError && error.transient) || attempt >= attempts) throw error;
      const jittered = clock.random() * Math.min(longestBackOff, backOff * 2 ** (attempt - 1));
      const asked = retryAfter(error.retryAfter, clock.now()) ?? 0;
      await clock.sleep(Math.max(jittered, Math.min(asked, longestRetryAfter)), signal);
    }
  }
}

/**
 * Milliseconds that a `Retry-After` header asks to wait: seconds, or an HTTP date.
 *
 * @returns undefined for anything else
 */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  // "Wed, 21 Oct 2015 07:28:00 GMT": `Date.parse` alone would read "-5" or "soon 3" as dates too.
  const date = /^\s*[A-Z][a-z]{2}, .* GMT\s*$/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
