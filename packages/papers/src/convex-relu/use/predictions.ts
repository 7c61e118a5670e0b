/** Predictions as a file that a spreadsheet opens, and how good they are. */
import {
  type Column,
  column,
  encodeTarget,
  placeOf,
  type Table,
  table,
  textAt,
  toCsv,
} from "@etude/data";
import { accuracy, auroc, meanAbsoluteError, r2, rootMeanSquaredError } from "@etude/learn";
import type { OutputFile } from "../../contract/use.ts";
import type { UseTarget } from "./division.ts";
import type { Predicted } from "./pipeline.ts";

/**
 * One line a row: where the row stands in the file it came from, its true value if the table has the
 * target, the prediction, and for classes the score.
 */
export function predictionsFile(
  rows: Table,
  target: UseTarget,
  { prediction, score, probability }: Predicted,
  describe: string,
): OutputFile {
  const texts = (name: string, of: (row: number) => string | null): Column => ({
    name,
    kind: "text",
    values: Array.from({ length: rows.rows }, (_, row) => of(row)),
  });
  const numbers = (name: string, values: ArrayLike<number>): Column => ({
    name,
    kind: "numeric",
    values: Float64Array.from(values),
  });
  const places = Array.from({ length: rows.rows }, (_, row) => placeOf(rows, row).row ?? row + 1);
  const columns: Column[] = [numbers("row", places)];
  if (rows.columns.some(({ name }) => name === target.column)) {
    const truth = column(rows, target.column);
    columns.push(texts("truth", (row) => textAt(truth, row)));
  }
  if (target.task === "regression") columns.push(numbers("prediction", prediction));
  else {
    const { classes } = target;
    columns.push(texts("prediction", (row) => classes[prediction[row]]));
    if (score !== undefined) columns.push(numbers("score", score));
    if (probability !== undefined) columns.push(numbers(`P(${classes[1]})`, probability));
  }
  const csv = toCsv(table("predictions.csv", columns));
  return { name: "predictions.csv", describe, bytes: new TextEncoder().encode(csv) };
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

/** Numbers in the units of the column, or positions of classes. */
export function truthOf(target: UseTarget, rows: Table): ArrayLike<number> {
  const encoded = encodeTarget(target, rows).data;
  if (target.task !== "regression") return encoded;
  return Float64Array.from(encoded, (value) => value * target.scale + target.mean);
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
