/** How good predictions are, and what a file of them says beside them. */
import { accuracy, auroc, meanAbsoluteError, r2, rootMeanSquaredError } from "@etude/learn";
import type { UseTarget } from "./division.ts";
import type { Predicted } from "./pipeline.ts";

/** Columns of a file of predictions beside them. */
export function further(
  target: UseTarget,
  { score, probability }: Predicted,
): [string, Float64Array][] {
  if (target.task === "regression") return [];
  return [
    ...(score === undefined ? [] : [["score", score] as [string, Float64Array]]),
    ...(probability === undefined
      ? []
      : [[`P(${target.classes[1]})`, probability] as [string, Float64Array]]),
  ];
}

/** Names of the measures for a task. */
export const measuresOf = ({ task }: UseTarget): readonly string[] =>
  task === "regression" ? ["RMSE", "mean absolute error", "R²"] : ["accuracy", "AUROC"];

/**
 * Values of {@link measuresOf}, in their order.
 *
 * @param truth of {@link truthOf}
 */
export function quality(
  { task }: UseTarget,
  { prediction, score }: Predicted,
  truth: ArrayLike<number>,
): readonly number[] {
  if (task === "regression")
    return [
      rootMeanSquaredError(prediction, truth),
      meanAbsoluteError(prediction, truth),
      r2(prediction, truth),
    ];
  const bothOccur = new Set(Array.from(truth)).size === 2;
  return [accuracy(prediction, truth), bothOccur ? auroc(score ?? prediction, truth) : Number.NaN];
}

/** What outputs of a network predict. */
export function fromOutputs(target: UseTarget, outputs: ArrayLike<number>): Predicted {
  if (target.task === "regression")
    return { prediction: Float64Array.from(outputs, (z) => z * target.scale + target.mean) };
  return {
    prediction: Float64Array.from(outputs, (z) => Number(z > 0)),
    score: Float64Array.from(outputs),
  };
}
