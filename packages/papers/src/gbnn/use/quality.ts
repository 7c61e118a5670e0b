/** How good predictions are, in the measures people ask for. */
import type { TargetEncoder } from "@etude/data";
import {
  accuracy,
  auroc,
  logLoss,
  meanAbsoluteError,
  r2,
  rootMeanSquaredError,
} from "@etude/learn";
import type { NDArray } from "@etude/tensor";

/** Names of the measures for a task; the first decides which of two is better. */
export function measuresOf({ task }: TargetEncoder): readonly string[] {
  if (task === "regression") return ["RMSE", "mean absolute error", "R²"];
  return ["accuracy", "log loss", ...(task === "binary" ? ["AUROC"] : [])];
}

/**
 * Values of {@link measuresOf}, in their order.
 *
 * @param predicted numbers in the units of the target [n], or probabilities of the classes [n, K]
 * @param truth numbers [n], or positions of classes [n]
 */
export function quality(
  { task }: TargetEncoder,
  predicted: NDArray,
  truth: ArrayLike<number>,
): readonly number[] {
  if (task === "regression")
    return [
      rootMeanSquaredError(predicted, truth),
      meanAbsoluteError(predicted, truth),
      r2(predicted, truth),
    ];
  const shared = [accuracy(predicted, truth), logLoss(predicted, truth)];
  if (task !== "binary") return shared;
  const second = Float64Array.from(truth, (_, i) => predicted.data[2 * i + 1]);
  const bothOccur = new Set(Array.from(truth)).size === 2;
  return [...shared, bothOccur ? auroc(second, truth) : Number.NaN];
}
