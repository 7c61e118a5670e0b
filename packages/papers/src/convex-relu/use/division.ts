/** A table with a target column, divided and as numbers. */
import {
  encode,
  encodeTarget,
  fitEncoder,
  fitTarget,
  selectRows,
  type Table,
  type TabularEncoder,
  type TargetEncoder,
  trainTestSplit,
} from "@etude/data";
import { array, type NDArray, random } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import { labelledRows } from "../../tabular/target.ts";
import type { LossName } from "../losses.ts";
import { withBias } from "../program.ts";
import type { UseOptions } from "./options.ts";

/** Of two tasks only: one output is what the convex program has. */
export type UseTarget =
  | Extract<TargetEncoder, { task: "regression" }>
  | { readonly column: string; readonly task: "binary"; readonly classes: readonly string[] };

export interface Division {
  readonly target: UseTarget;
  readonly encoder: TabularEncoder;
  readonly fit: Table;
  readonly held: Table;
  readonly withoutTarget: number;
  /** Training rows that were not drawn. */
  readonly notDrawn: number;
}

/**
 * @throws UsageError without a target or for more than two classes, DataError for a column that cannot
 * be learnt
 */
export function divide(table: Table, options: UseOptions, seed: number): Division {
  const { table: known, target: name, withoutTarget } = labelledRows(table, options.target);
  const target = fitTarget(known, name, options.task, { smallestClass: 4 });
  const labels = target.task === "regression" ? known.rows : encodeTarget(target, known);
  if (target.task === "multiclass")
    throw new UsageError(
      `--target ${target.column} has ${target.classes.length} classes; this method predicts two classes or a number: merge classes, or give --task regression if they are numbers`,
    );
  if (target.task === "regression" && options.loss === "logistic")
    throw new UsageError(`--loss logistic needs two classes; ${target.column} holds numbers`);
  const { train, test } = trainTestSplit(labels, { testFraction: options.testFraction, seed });
  // The order is random already.
  const drawn = train.slice(0, options.maxRows);
  const fit = selectRows(known, drawn);
  return {
    target: fitTarget(fit, target.column, target.task) as UseTarget,
    encoder: fitEncoder(fit, { target: target.column, exclude: options.exclude }),
    fit,
    held: selectRows(known, test),
    withoutTarget,
    notDrawn: train.length - drawn.length,
  };
}

export interface Samples {
  /** float64 [n, d], the last column ones. */
  readonly X: NDArray;
  /** float64 [n]: standardised numbers, or the classes as the loss takes them. */
  readonly y: NDArray;
}

export const inputsOf = (encoder: TabularEncoder, rows: Table): NDArray =>
  withBias(encode(encoder, rows).inputs.astype("float64"));

export const samplesOf = ({ encoder, target }: Division, rows: Table, loss: LossName): Samples => ({
  X: inputsOf(encoder, rows),
  y: targetsFor(encodeTarget(target, rows), target, loss),
});

/** Classes 0 and 1 of the logistic loss, -1 and 1 of the others. */
function targetsFor(encoded: NDArray, { task }: UseTarget, loss: LossName): NDArray {
  const signed = task === "binary" && loss !== "logistic";
  return array(Float64Array.from(encoded.data, (value) => (signed ? 2 * value - 1 : value)));
}

/** Two parts of samples at random, the second a fifth; of more than `most` samples so many are drawn. */
export function fifth({ X, y }: Samples, seed: number, most: number): readonly [Samples, Samples] {
  const n = Math.min(y.size, most);
  const order = random.generator(seed).permutation(y.size).slice(0, n);
  const cut = Math.max(1, Math.round(n / 5));
  return [rowsOf({ X, y }, order.slice(cut)), rowsOf({ X, y }, order.slice(0, cut))];
}

function rowsOf({ X, y }: Samples, rows: Int32Array): Samples {
  const d = X.shape[1];
  const values = new Float64Array(rows.length * d);
  rows.forEach((row, k) => {
    values.set(X.data.subarray(row * d, (row + 1) * d), k * d);
  });
  return {
    X: array(values, { shape: [rows.length, d] }),
    y: array(Float64Array.from(rows, (row) => y.data[row])),
  };
}
