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
import type { NDArray } from "@etude/tensor";
import type { OutputFile } from "../../contract/use.ts";
import { winners } from "../predict.ts";

/**
 * One line a row: where the row stands in the file it came from, its true value if the table has the
 * target, the prediction, and the probability of every class.
 *
 * @param predicted numbers in the units of the target [n], or probabilities of the classes [n, K]
 */
export function predictionsFile(
  rows: Table,
  target: TargetEncoder,
  predicted: NDArray,
  describe: string,
): OutputFile {
  const texts = (name: string, of: (row: number) => string | null): Column => ({
    name,
    kind: "text",
    values: Array.from({ length: rows.rows }, (_, row) => of(row)),
  });
  const numbers = (name: string, of: (row: number) => number): Column => ({
    name,
    kind: "numeric",
    values: Float64Array.from({ length: rows.rows }, (_, row) => of(row)),
  });
  const hasTruth = rows.columns.some(({ name }) => name === target.column);
  const columns: Column[] = [numbers("row", (row) => placeOf(rows, row).row ?? row + 1)];
  if (hasTruth) {
    const truth = column(rows, target.column);
    columns.push(texts("truth", (row) => textAt(truth, row)));
  }
  if (target.task === "regression") {
    columns.push(numbers("prediction", (row) => predicted.data[row]));
  } else {
    const { classes } = target;
    const best = winners(predicted);
    columns.push(texts("prediction", (row) => classes[best[row]]));
    classes.forEach((label, k) => {
      columns.push(numbers(`P(${label})`, (row) => predicted.data[row * classes.length + k]));
    });
  }
  const csv = toCsv(table("predictions.csv", columns));
  return { name: "predictions.csv", describe, bytes: new TextEncoder().encode(csv) };
}
