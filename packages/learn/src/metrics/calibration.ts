/** Whether probabilities are what they say. */
import type { NDArray } from "@etude/tensor";
import { fail } from "../errors.ts";
import { bestOf, labelsOf, type Numbers, numbersOf, type Scored, scoredRows } from "./arguments.ts";
import { ascending } from "./ranks.ts";

/** Probabilities as rows over classes; [n] or [n, 1] are those of class 1 of two. */
function probabilitiesOf(metric: string, probabilities: NDArray, labels: Numbers): Scored {
  const values = numbersOf(metric, "probabilities", probabilities);
  const odd = Array.from(values).findIndex((p) => !(p >= 0 && p <= 1));
  if (odd >= 0)
    fail(`${metric}: entry ${odd} of the probabilities is ${values[odd]}; take the softmax first`);
  const isBinary = probabilities.rank === 1 || probabilities.shape[1] === 1;
  if (!isBinary) return scoredRows(metric, probabilities, labels);
  const actual = labelsOf(metric, labels, 2);
  if (actual.length !== values.length)
    fail(`${metric}: ${values.length} probabilities and ${actual.length} labels`);
  const both = Float64Array.from({ length: 2 * values.length }, (_, at) => {
    const p = values[Math.floor(at / 2)];
    return at % 2 === 0 ? 1 - p : p;
  });
  return { scores: both, labels: actual, rows: values.length, classes: 2 };
}

/**
 * The mean of -log of the probability given to the true class. Probabilities below 2^-52 count as
 * 2^-52, which makes one certain mistake cost 36.
 *
 * @param probabilities [n, classes], or [n] those of class 1 of two
 * @param labels class indices [n]
 */
export function logLoss(probabilities: NDArray, labels: Numbers): number {
  const {
    scores,
    labels: actual,
    rows,
    classes,
  } = probabilitiesOf("logLoss", probabilities, labels);
  let total = 0;
  for (let i = 0; i < rows; i++)
    total -= Math.log(Math.max(scores[i * classes + actual[i]], Number.EPSILON));
  return total / rows;
}

/**
 * The Brier score: the mean squared distance of the probabilities from the truth. For [n, classes] it
 * is the sum over the classes, 0 to 2 (Brier 1950, "Verification of forecasts expressed in terms of
 * probability"); for [n] it is (p - y)^2, 0 to 1, half of what the sum over both classes would be.
 */
export function brierScore(probabilities: NDArray, labels: Numbers): number {
  const {
    scores,
    labels: actual,
    rows,
    classes,
  } = probabilitiesOf("brierScore", probabilities, labels);
  let total = 0;
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < classes; c++)
      total += (scores[i * classes + c] - (actual[i] === c ? 1 : 0)) ** 2;
  }
  const isBinary = scores.length !== probabilities.size;
  return total / rows / (isBinary ? 2 : 1);
}

/** What falls into one bin of confidence. */
export interface CalibrationBin {
  readonly count: number;
  /** The mean confidence; 0 for an empty bin. */
  readonly confidence: number;
  /** The share that is right; 0 for an empty bin. */
  readonly accuracy: number;
}

export interface CalibrationOptions {
  /** How many bins; 15 by default. */
  bins?: number;
  /**
   * "width" (default): bins of equal width, ((m - 1) / M, m / M]. "mass": of equally many examples by
   * order of confidence, the first ones one more where they do not divide.
   */
  binning?: "width" | "mass";
}

/**
 * Predictions by their confidence, the largest probability of a row: what a reliability diagram shows.
 *
 * @param probabilities [n, classes], or [n] those of class 1 of two
 * @param labels class indices [n]
 */
export function calibrationBins(
  probabilities: NDArray,
  labels: Numbers,
  { bins = 15, binning = "width" }: CalibrationOptions = {},
): CalibrationBin[] {
  if (!Number.isInteger(bins) || bins < 1) fail(`calibrationBins: ${bins} is no number of bins`);
  const scored = probabilitiesOf("calibrationBins", probabilities, labels);
  const { rows, classes } = scored;
  const best = Int32Array.from({ length: rows }, (_, i) => bestOf(scored, i));
  const confidence = Float64Array.from(best, (c, i) => scored.scores[i * classes + c]);
  const sums = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, right: 0 }));
  const put = (i: number, bin: number) => {
    sums[bin].count++;
    sums[bin].confidence += confidence[i];
    if (best[i] === scored.labels[i]) sums[bin].right++;
  };
  if (binning === "width")
    confidence.forEach((p, i) => {
      put(i, binOf(p, bins));
    });
  else {
    const [each, longer] = [Math.floor(rows / bins), rows % bins];
    const start = longer * (each + 1); // where the shorter bins begin
    ascending(confidence).forEach((i, place) => {
      put(
        i,
        place < start
          ? Math.floor(place / (each + 1))
          : longer + Math.floor((place - start) / each),
      );
    });
  }
  return sums.map(({ count, confidence: total, right }) => ({
    count,
    confidence: count === 0 ? 0 : total / count,
    accuracy: count === 0 ? 0 : right / count,
  }));
}

/** The m with m / bins < p <= (m + 1) / bins; the product alone may round across an edge. */
function binOf(p: number, bins: number): number {
  const bin = Math.ceil(p * bins) - 1;
  const exact = p <= bin / bins ? bin - 1 : p > (bin + 1) / bins ? bin + 1 : bin;
  return Math.min(bins - 1, Math.max(0, exact));
}

/**
 * The expected calibration error: the mean over bins of |accuracy - confidence|, weighted by their
 * counts (Guo et al. 2017, "On calibration of modern neural networks", eq. 3).
 *
 * @param probabilities [n, classes], or [n] those of class 1 of two
 * @param labels class indices [n]
 */
export function expectedCalibrationError(
  probabilities: NDArray,
  labels: Numbers,
  options: CalibrationOptions = {},
): number {
  const bins = calibrationBins(probabilities, labels, options);
  const rows = bins.reduce((sum, { count }) => sum + count, 0);
  return bins.reduce(
    (sum, bin) => sum + (bin.count / rows) * Math.abs(bin.accuracy - bin.confidence),
    0,
  );
}
