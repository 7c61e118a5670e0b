/** What the paper says, as quantities of the results. */
import { meanOf } from "@etude/learn";
import type { Claim } from "../../contract/claim.ts";
import type { BatchEigenvalues, MatrixName, MatrixResult } from "./eigenvalues.ts";
import type { GridPoint, LearnerResult, LearnerRun } from "./learner.ts";
import type { Options } from "./options.ts";
import type { Result } from "./result.ts";

/** The slope of log y over log x by least squares; NaN where a y is missing or not positive. */
export function logSlope(x: readonly number[], y: readonly (number | null)[]): number {
  const [u, v] = [x.map(Math.log), y.map((value) => Math.log(value ?? Number.NaN))];
  const [meanU, meanV] = [meanOf(u), v.reduce((sum, value) => sum + value, 0) / v.length];
  let [covariance, variance] = [0, 0];
  u.forEach((value, i) => {
    covariance += (value - meanU) * (v[i] - meanV);
    variance += (value - meanU) ** 2;
  });
  return covariance / variance;
}

const largestOf = (result: Result, optimiser: "sgd" | "adam"): readonly (number | null)[] =>
  result.sweep.find((sweep) => sweep.optimiser === optimiser)?.largest ?? [];

/** Of SGD only over the batch sizes up to `linearUpTo`, where noise dominates. */
export function rateSlope(
  largest: readonly (number | null)[],
  optimiser: "sgd" | "adam",
  { sweepBatchSizes, linearUpTo }: Options,
): number {
  const used = sweepBatchSizes.flatMap((size, i) =>
    optimiser === "adam" || size <= linearUpTo ? [i] : [],
  );
  return logSlope(
    used.map((i) => sweepBatchSizes[i]),
    used.map((i) => largest[i]),
  );
}

const slopeOf = (result: Result, optimiser: "sgd" | "adam", options: Options): number =>
  rateSlope(largestOf(result, optimiser), optimiser, options);

export function saturation(
  largest: readonly (number | null)[],
  { sweepBatchSizes, saturatedFrom }: Options,
): number {
  const from = largest[sweepBatchSizes.findIndex((size) => size >= saturatedFrom)];
  return (largest[largest.length - 1] ?? Number.NaN) / (from ?? Number.NaN);
}

export const matrixOf = (
  { spectrum }: Pick<Result, "spectrum">,
  matrix: MatrixName,
): MatrixResult => {
  const found = spectrum.matrices.find((each) => each.matrix === matrix);
  if (found === undefined) throw new Error(`the results have no ${matrix}`);
  return found;
};

/** How far the mean of the batches is above the eigenvalue of all examples, in standard errors, at least. */
const leastExcess = ({ lambda, batches }: MatrixResult): number =>
  Math.min(...batches.map(({ mean, stderr }) => (mean - lambda) / stderr));

export const excessSlope = ({ batches }: MatrixResult, { excessUpTo }: Options): number => {
  const used = batches.filter(({ batchSize }) => batchSize <= excessUpTo);
  return logSlope(
    used.map(({ effective }) => effective),
    used.map(({ excess }) => excess),
  );
};

/** The error of the directional prediction over what it may be: two standard errors or 15 %. */
export const directionalError = ({ batches }: MatrixResult, { directionalFrom }: Options): number =>
  Math.max(
    ...batches
      .filter(({ batchSize }) => batchSize >= directionalFrom)
      .map(
        ({ mean, stderr, directional }: BatchEigenvalues) =>
          Math.abs(directional - mean) / Math.max(2 * stderr, 0.15 * mean),
      ),
  );

export const learnerAt = (result: Result, batchSize: number): LearnerResult => {
  const found = result.learner.find((each) => each.batchSize === batchSize);
  if (found === undefined) throw new Error(`the results have no batches of ${batchSize}`);
  return found;
};

export const runOf = ({ learners }: LearnerResult, mode: LearnerRun["mode"]): LearnerRun => {
  const found = learners.find((each) => each.mode === mode);
  if (found === undefined) throw new Error(`the results have no ${mode}`);
  return found;
};

/** Diverged: not finite, or worse than before training. */
const diverged = (result: LearnerResult): number =>
  runOf(result, "heavy-ball").trainLoss <= result.startLoss ? 0 : 1;

/** A run that is lost counts as the worst there can be. */
export const lossOf = ({ trainLoss }: GridPoint | LearnerRun): number =>
  Number.isFinite(trainLoss) ? trainLoss : Number.POSITIVE_INFINITY;

/** The grid point that is best in the mean over seeds: what somebody who tuned would use. */
export function bestPoint(results: readonly LearnerResult[]): number {
  const means = results[0].grid.map((_, i) =>
    meanOf(results.map(({ grid }) => grid[i].testAccuracy)),
  );
  return means.indexOf(Math.max(...means));
}

export function medianLossOfGrid({ grid }: LearnerResult): number {
  const sorted = grid.map(lossOf).sort((a, b) => (a === b ? 0 : a - b));
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function claims(options: Options): Claim<Result>[] {
  const { sweepBatchSizes, linearUpTo, saturatedFrom, excessUpTo, directionalFrom } = options;
  const [least, most] = [sweepBatchSizes[0], sweepBatchSizes[sweepBatchSizes.length - 1]];
  const unseen = "numbers could not be seen here";
  return [
    {
      id: "sgd-linear",
      statement: `SGD's largest stable rate grows in proportion to the batch size: slope in log-log over batches of ${least} to ${linearUpTo}.`,
      paper: `linear up to a threshold (VGG-16 without batch normalisation, CIFAR-100); ${unseen}`,
      bar: { between: [0.75, 1.25] },
      measure: (results) => results.map((result) => slopeOf(result, "sgd", options)),
    },
    {
      id: "sgd-saturates",
      statement: `Beyond a threshold it grows no more: SGD's largest stable rate at ${most} over that at ${saturatedFrom}.`,
      paper: `a threshold; ${unseen}`,
      bar: { atMost: 1.5 },
      measure: (results) => results.map((result) => saturation(largestOf(result, "sgd"), options)),
    },
    {
      id: "adam-square-root",
      statement: `Adam's largest stable rate grows as the square root of the batch size: slope in log-log over batches of ${least} to ${most}.`,
      paper: `square root; ${unseen}`,
      bar: { between: [0.3, 0.65] },
      measure: (results) => results.map((result) => slopeOf(result, "adam", options)),
    },
    {
      id: "adam-slower",
      statement: "SGD's slope is at least 0.3 above Adam's.",
      paper: "1 against 1/2",
      bar: { atLeast: 0.3 },
      measure: (results) =>
        results.map((result) => slopeOf(result, "sgd", options) - slopeOf(result, "adam", options)),
    },
    {
      id: "batch-eigenvalues-larger",
      statement:
        "The top eigenvalue of a batch's Hessian is at least that of all examples: mean over batches minus it, in standard errors, the least over batch sizes.",
      paper: "batch eigenvalues are always larger in magnitude",
      bar: { atLeast: -2 },
      measure: (results) => results.map((result) => leastExcess(matrixOf(result, "Hessian"))),
    },
    {
      id: "excess-falls",
      statement: `The excess falls with the batch size as the theory says, about as 1 / b: slope in log-log up to batches of ${excessUpTo}.`,
      paper: `follows the shape of the theorem; ${unseen}`,
      bar: { between: [-1.4, -0.6] },
      measure: (results) =>
        results.map((result) => excessSlope(matrixOf(result, "Hessian"), options)),
    },
    {
      id: "directional-predicts",
      statement: `Second-order perturbation predicts it from the noise along the top eigenvector: largest error from batches of ${directionalFrom} on, over the larger of two standard errors and 15 %.`,
      paper: "not in the paper, which takes the noise to be isotropic",
      bar: { atMost: 1 },
      measure: (results) =>
        results.map((result) => directionalError(matrixOf(result, "Hessian"), options)),
    },
    ...options.learnerBatchSizes.flatMap((size) => learnerClaims(size)),
  ];
}

function learnerClaims(size: number): Claim<Result>[] {
  const at = (result: Result): LearnerResult => learnerAt(result, size);
  return [
    {
      id: `learner-stable-${size}`,
      statement: `Rates and momenta from curvature do not diverge with batches of ${size} (1 if they do).`,
      paper: "good preliminary results without tuning (pre-activation ResNet, CIFAR-100)",
      bar: { atMost: 0 },
      measure: (results) => results.map((result) => diverged(at(result))),
    },
    {
      id: `learner-accuracy-${size}`,
      statement: `With batches of ${size} its test accuracy is within 0.02 of the best of the grid of fixed rates and momenta (difference).`,
      paper: "no numbers known here",
      bar: { atLeast: -0.02 },
      measure: (results) => {
        const best = bestPoint(results.map(at));
        return results.map(
          (result) =>
            runOf(at(result), "heavy-ball").testAccuracy - at(result).grid[best].testAccuracy,
        );
      },
    },
    {
      id: `learner-loss-${size}`,
      statement: `With batches of ${size} its training loss is below that of the median grid point (ratio).`,
      paper: "no numbers known here",
      bar: { atMost: 1 },
      measure: (results) =>
        results.map(
          (result) => lossOf(runOf(at(result), "heavy-ball")) / medianLossOfGrid(at(result)),
        ),
    },
  ];
}
