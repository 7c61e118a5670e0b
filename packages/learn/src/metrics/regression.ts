/** How far numbers are off. */
import { fail } from "../errors.ts";
import { type Numbers, pairsOf } from "./arguments.ts";

function meanOver(
  metric: string,
  predictions: Numbers,
  targets: Numbers,
  of: (error: number) => number,
): number {
  const [p, t] = pairsOf(metric, ["predictions", "targets"], predictions, targets);
  let total = 0;
  for (let i = 0; i < p.length; i++) total += of(p[i] - t[i]);
  return total / p.length;
}

/** The mean of (prediction - target)^2. */
export const meanSquaredError = (predictions: Numbers, targets: Numbers): number =>
  meanOver("meanSquaredError", predictions, targets, (error) => error * error);

/** The root of {@link meanSquaredError}, in the unit of the targets. */
export const rootMeanSquaredError = (predictions: Numbers, targets: Numbers): number =>
  Math.sqrt(meanOver("rootMeanSquaredError", predictions, targets, (error) => error * error));

/** The mean of |prediction - target|. */
export const meanAbsoluteError = (predictions: Numbers, targets: Numbers): number =>
  meanOver("meanAbsoluteError", predictions, targets, Math.abs);

/**
 * The coefficient of determination, 1 - sum (t - p)^2 / sum (t - mean t)^2: 1 for perfect
 * predictions, 0 for always predicting the mean, negative for worse.
 *
 * @throws if all targets are equal, where it is not defined.
 */
export function r2(predictions: Numbers, targets: Numbers): number {
  const [p, t] = pairsOf("r2", ["predictions", "targets"], predictions, targets);
  const mean = Array.from(t).reduce((sum, value) => sum + value, 0) / t.length;
  let [residual, total] = [0, 0];
  for (let i = 0; i < t.length; i++) {
    residual += (t[i] - p[i]) ** 2;
    total += (t[i] - mean) ** 2;
  }
  if (total === 0) fail("r2: all targets are equal; there is no variance to explain");
  return 1 - residual / total;
}
