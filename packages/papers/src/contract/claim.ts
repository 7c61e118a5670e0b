/** What a paper says, put so that a measurement can decide it. */
import { meanInterval } from "@etude/learn";
import { type Bar, confidence, limits } from "./bar.ts";

export interface Claim<R> {
  readonly id: string;
  /** One sentence that the measurement decides, with the quantity and its unit. */
  readonly statement: string;
  /** What the paper reports about it; says so where its figures are not known here. */
  readonly paper: string;
  readonly bar: Bar;
  /** The measured quantity: one number a seed, in the order of the results. */
  measure(results: readonly R[]): readonly number[];
}

export type Verdict = "holds" | "does not hold here" | "inconclusive";

export interface JudgedClaim {
  readonly id: string;
  readonly statement: string;
  readonly paper: string;
  readonly bar: Bar;
  /** One number a seed. */
  readonly samples: readonly number[];
  readonly mean: number;
  /** The interval of `confidence` for the mean over seeds; null with a single seed. */
  readonly interval: readonly [low: number, high: number] | null;
  readonly verdict: Verdict;
}

/**
 * Decides a claim by its measurements alone:
 * - *holds*: the interval for the mean over seeds lies on the right side of the bar;
 * - *does not hold here*: it lies on the wrong side, or a measurement is not a number;
 * - *inconclusive*: the bar is inside, or there was only one seed.
 */
export function judge<R>(claim: Claim<R>, results: readonly R[]): JudgedClaim {
  const samples = claim.measure(results);
  if (samples.length !== results.length) {
    throw new Error(
      `claim "${claim.id}" measured ${samples.length} numbers over ${results.length} seeds; one a seed is needed`,
    );
  }
  const { id, statement, paper, bar } = claim;
  const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
  const interval =
    samples.length > 1 && Number.isFinite(mean) ? meanInterval(samples, confidence) : null;
  return {
    id,
    statement,
    paper,
    bar,
    samples,
    mean,
    interval,
    verdict: verdictOf(bar, mean, interval),
  };
}

function verdictOf(bar: Bar, mean: number, interval: readonly [number, number] | null): Verdict {
  if (!Number.isFinite(mean)) return "does not hold here";
  if (interval === null) return "inconclusive";
  const [low, high] = interval;
  const [floor, ceiling] = limits(bar);
  if (low >= floor && high <= ceiling) return "holds";
  if (high < floor || low > ceiling) return "does not hold here";
  return "inconclusive";
}
