/** The files that are kept. */
import { type Column, table, toCsv } from "@etude/data";
import type { NDArray } from "@etude/tensor";
import type { OutputFile } from "../../contract/use.ts";
import type { Material } from "./material.ts";

export const csvFile = (
  name: string,
  describe: string,
  columns: readonly Column[],
): OutputFile => ({
  name,
  describe,
  bytes: new TextEncoder().encode(toCsv(table(name, columns))),
});

export const numbers = (name: string, values: ArrayLike<number>): Column => ({
  name,
  kind: "numeric",
  values: Float64Array.from(values),
});

export const texts = (name: string, values: readonly string[]): Column => ({
  name,
  kind: "text",
  values,
});

/** Held-out rows: where they stand, what they are, and what the model says. */
export function predictions(
  material: Material,
  winners: ArrayLike<number>,
  probabilities: NDArray,
): OutputFile {
  const { classes, test, all, places } = material;
  return csvFile("predictions.csv", "predictions for the held-out rows", [
    numbers(
      "row",
      Array.from(test, (row) => places[row]),
    ),
    texts(
      "truth",
      Array.from(test, (row) => classes[Number(all.labels.data[row])]),
    ),
    texts(
      "prediction",
      Array.from(winners, (k) => classes[k]),
    ),
    ...classes.map((name, k) =>
      numbers(
        `P(${name})`,
        Array.from(test, (_, i) => Number(probabilities.data[i * classes.length + k])),
      ),
    ),
  ]);
}
