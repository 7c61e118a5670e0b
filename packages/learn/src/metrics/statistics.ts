/** What repeated runs say, and how surely. */
import { random } from "@etude/tensor";
import { fail } from "../errors.ts";
import { type Numbers, numbersOf, pairsOf } from "./arguments.ts";
import { normalQuantile, studentQuantile, studentTwoSided } from "./distributions.ts";

export { normalCdf, normalQuantile, studentCdf, studentQuantile } from "./distributions.ts";

export function meanOf(values: Numbers): number {
  const numbers = numbersOf("meanOf", "values", values);
  return Array.from(numbers).reduce((sum, value) => sum + value, 0) / numbers.length;
}

/** The sample standard deviation, with n - 1 in the denominator. */
export function standardDeviation(values: Numbers): number {
  return deviationOf("standardDeviation", values);
}

function deviationOf(statistic: string, values: Numbers): number {
  const numbers = numbersOf(statistic, "values", values);
  if (numbers.length < 2)
    fail(`${statistic}: one value says nothing of the spread; give two or more`);
  const centre = meanOf(values);
  const squares = Array.from(numbers).reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (numbers.length - 1));
}

/** The standard deviation of the mean: that of the values over the root of their number. */
export function standardError(values: Numbers): number {
  const { length } = numbersOf("standardError", "values", values);
  return deviationOf("standardError", values) / Math.sqrt(length);
}

/** The ends of an interval that holds the true value with the confidence asked for. */
export type Interval = readonly [low: number, high: number];

/** The probability up to the upper end of a two-sided interval. */
function upperEnd(statistic: string, level: number): number {
  if (!(level > 0 && level < 1)) fail(`${statistic}: level ${level} is not between 0 and 1`);
  return 0.5 + level / 2;
}

/**
 * Student's interval for the mean, mean +- t s / sqrt(n), exact for normally distributed values.
 *
 * @param values two or more, such as a metric over seeds
 * @param level the confidence
 */
export function meanInterval(values: Numbers, level = 0.95): Interval {
  const { length } = numbersOf("meanInterval", "values", values);
  const error = deviationOf("meanInterval", values) / Math.sqrt(length);
  const reach = studentQuantile(upperEnd("meanInterval", level), length - 1) * error;
  const mean = meanOf(values);
  return [mean - reach, mean + reach];
}

export interface BootstrapOptions {
  /** The confidence, 0.95 by default. */
  level?: number;
  /** What is estimated; the mean by default. */
  statistic?: (values: ArrayLike<number>) => number;
  /** How often values are drawn anew; 10,000 by default. */
  resamples?: number;
  /** The same seed gives the same interval; 0 by default. */
  seed?: number;
}

/**
 * The percentile bootstrap: the interval between quantiles of the statistic over samples drawn with
 * replacement from the values (Efron and Tibshirani 1993, "An introduction to the bootstrap", section
 * 13.3). With fewer than about ten values it is too narrow; prefer {@link meanInterval}.
 */
export function bootstrapInterval(values: Numbers, options: BootstrapOptions = {}): Interval {
  const { level = 0.95, statistic = meanOf, resamples = 10_000, seed = 0 } = options;
  const numbers = numbersOf("bootstrapInterval", "values", values);
  const upper = upperEnd("bootstrapInterval", level);
  if (!Number.isInteger(resamples) || resamples < 2)
    fail(`bootstrapInterval: ${resamples} is no number of resamples`);
  const chance = random.generator(seed);
  const sample = new Float64Array(numbers.length);
  const results = Float64Array.from({ length: resamples }, () => {
    for (let i = 0; i < sample.length; i++) sample[i] = numbers[chance.integer(numbers.length)];
    return statistic(sample);
  }).sort();
  return [sortedQuantile(results, 1 - upper), sortedQuantile(results, upper)];
}

/** A quantile of sorted values, linear between neighbours. */
function sortedQuantile(sorted: ArrayLike<number>, p: number): number {
  const place = p * (sorted.length - 1);
  const below = Math.min(Math.floor(place), sorted.length - 1);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/** The p-quantile of values, linear between neighbours in their order; 0.5 is the median. */
export function quantileOf(values: Numbers, p: number): number {
  if (!(p >= 0 && p <= 1)) fail(`quantileOf: p is ${p}, not between 0 and 1`);
  return sortedQuantile(Float64Array.from(numbersOf("quantileOf", "values", values)).sort(), p);
}

export interface PairedDifference {
  /** The mean of a - b. */
  readonly mean: number;
  /** Student's interval for it. */
  readonly interval: Interval;
  /** The mean difference over its standard error; infinite where all differences are equal. */
  readonly t: number;
  /** How often chance alone would give a t as far from 0, were there no difference. */
  readonly pValue: number;
}

/**
 * The mean of a - b over pairs (the same seeds, the same data) with Student's interval and paired
 * test: what the pairs have in common cancels, which separate intervals for a and b cannot use.
 *
 * @param a the values of one method
 * @param b those of the other, in the same order
 * @param level the confidence of the interval
 */
export function pairedDifference(a: Numbers, b: Numbers, level = 0.95): PairedDifference {
  const [first, second] = pairsOf("pairedDifference", ["values of a", "values of b"], a, b);
  const differences = Float64Array.from(first, (value, i) => value - second[i]);
  const error = deviationOf("pairedDifference", differences) / Math.sqrt(differences.length);
  const mean = meanOf(differences);
  const t = mean === 0 ? 0 : mean / error;
  const interval = meanInterval(differences, level);
  return { mean, interval, t, pValue: studentTwoSided(t, differences.length - 1) };
}

/**
 * Wilson's interval for a probability, from how often something happened (Wilson 1927, "Probable
 * inference, the law of succession, and statistical inference"): sensible also near 0 and 1, where
 * mean +- z s is not.
 *
 * @param level the confidence
 */
export function wilsonInterval(successes: number, trials: number, level = 0.95): Interval {
  if (!(trials > 0) || !(successes >= 0 && successes <= trials))
    fail(`wilsonInterval: ${successes} successes in ${trials} trials are not possible`);
  const z = normalQuantile(upperEnd("wilsonInterval", level));
  const share = successes / trials;
  const weight = z ** 2 / trials;
  const centre = (share + weight / 2) / (1 + weight);
  const reach =
    (z / (1 + weight)) * Math.sqrt((share * (1 - share)) / trials + weight / (4 * trials));
  // Where the share is 0 or 1 so is the end, exactly.
  return [successes === 0 ? 0 : centre - reach, successes === trials ? 1 : centre + reach];
}
