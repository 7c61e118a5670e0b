/** Predictions as a file that a spreadsheet opens. */
import {
  type Column,
  column,
  placeOf,
  type Table,
  type TargetEncoder,
  table,
  textAt,
  toCsv,
} from "@etude/data";
import type { OutputFile } from "../contract/use.ts";

/**
 * One line a row: where the row stands in the file it came from, its true value if the table has the
 * target, the prediction, and what else the model says.
 *
 * @param prediction numbers in the units of the target, or positions of classes [rows]
 * @param further columns by name, such as probabilities
 */
export function predictionsFile(
  rows: Table,
  target: TargetEncoder,
  prediction: ArrayLike<number>,
  further: readonly (readonly [name: string, values: ArrayLike<number>])[],
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
  columns.push(
    target.task === "regression"
      ? numbers("prediction", prediction)
      : texts("prediction", (row) => target.classes[prediction[row]]),
    ...further.map(([name, values]) => numbers(name, values)),
  );
  const csv = toCsv(table("predictions.csv", columns));
  return { name: "predictions.csv", describe, bytes: new TextEncoder().encode(csv) };
}
