/** A table as training examples and points to explain. */
import {
  dropColumns,
  encode,
  encodeTarget,
  fitEncoder,
  fitTarget,
  rowsWithValue,
  selectRows,
  type Table,
  trainTestSplit,
} from "@etude/data";
import { NDArray } from "@etude/tensor";
import type { Options } from "./options.ts";

export type Task = "regression" | "classification";

export interface Examples {
  /** float32 [n, d] */
  readonly x: NDArray;
  /** float32 [n]: a standardised number, or 0 and 1. */
  readonly y: NDArray;
}

export interface Prepared {
  readonly task: Task;
  readonly train: Examples;
  readonly test: Examples;
  /** For a logistic model: the classes, or whether the target is above its median. */
  readonly classes: NDArray;
}

/**
 * Four fifths to train on, standardised with what they say; missing numbers are their mean, which is 0
 * then, as is the baseline of all methods.
 */
export function prepare(whole: Table, task: Task, options: Options, seed: number): Prepared {
  const target = whole.columns[whole.columns.length - 1].name;
  const table = narrowed(selectRows(whole, rowsWithValue(whole, target)), task, options);
  const kind = task === "regression" ? "regression" : "binary";
  const labels =
    task === "regression" ? table.rows : encodeTarget(fitTarget(table, target, kind), table);
  const { train, test } = trainTestSplit(labels, { testFraction: 0.2, seed });
  const seen = selectRows(table, train);
  const encoder = fitEncoder(seen, { target, missingIndicators: false });
  const outputs = fitTarget(seen, target, kind);
  const examples = (rows: Table): Examples => ({
    x: encode(encoder, rows).inputs,
    y: encodeTarget(outputs, rows).astype("float32"),
  });
  const examplesSeen = examples(seen);
  return {
    task,
    train: examplesSeen,
    test: examples(selectRows(table, test)),
    classes: task === "regression" ? aboveMedian(examplesSeen.y) : examplesSeen.y,
  };
}

function narrowed(table: Table, task: Task, { mostFeatures }: Options): Table {
  const features = table.columns.slice(0, -1).map(({ name }) => name);
  return task === "regression" ? table : dropColumns(table, features.slice(mostFeatures));
}

function aboveMedian({ data, shape }: NDArray): NDArray {
  const median = Float32Array.from(data, Number).sort()[Math.floor(data.length / 2)];
  return new NDArray(
    Float32Array.from(data, (value) => (Number(value) > median ? 1 : 0)),
    shape,
    "float32",
  );
}
