/** From what a user has, numbers and labels, to what the losses take; bad input stops here. */
import { DataError } from "@etude/data";
import { array, type NDArray } from "@etude/tensor";
import type { Task } from "./losses.ts";

/** Outputs of a network for a task: one, or one a class. */
export const outputsOf = (task: Task, classes: readonly number[] = []): number =>
  task === "multiclass" ? classes.length : 1;

/**
 * @param x [N, d]
 * @param y [N]
 * @throws DataError when a shape does not fit or a value is not finite
 */
export function checkExamples(x: NDArray, y?: NDArray): void {
  checkFeatures(x);
  if (y === undefined) return;
  if (y.rank !== 1) throw new DataError(`y must be a vector, got shape [${y.shape.join(", ")}]`);
  if (y.size !== x.shape[0])
    throw new DataError(`X has ${x.shape[0]} rows, y has ${y.size} values: one a row is needed`);
  if (!y.data.every(Number.isFinite)) throw new DataError("y contains NaN or Inf");
}

function checkFeatures(x: NDArray): void {
  if (x.rank !== 2)
    throw new DataError(`X must have rows and columns, got shape [${x.shape.join(", ")}]`);
  const [rows, features] = x.shape;
  if (rows === 0 || features === 0)
    throw new DataError(
      `X has ${rows} rows and ${features} columns: there is nothing to learn from`,
    );
  if (!x.data.every(Number.isFinite)) throw new DataError("X contains NaN or Inf");
}

/**
 * The classes among labels, sorted. The second of two is the one that +1 stands for.
 *
 * @throws DataError when their number does not fit the task
 */
export function classesOf(task: Task, labels: NDArray): readonly number[] | undefined {
  if (task === "regression") return undefined;
  const classes = [...new Set(labels.data)].sort((a, b) => a - b);
  if (classes.length < 2)
    throw new DataError(`need at least two classes, y has only the label ${classes.join()}`);
  if (task === "binary" && classes.length > 2)
    throw new DataError(
      `a binary task needs exactly two labels, y has ${classes.length}: take task "multiclass"`,
    );
  return classes;
}

/**
 * Targets of the losses: [N, 1] numbers or -1 and +1, [N, K] one-hot rows.
 *
 * @throws DataError for a label that is none of the classes
 */
export function encodeTargets(
  task: Task,
  y: NDArray,
  classes: readonly number[] | undefined,
  dtype: "float32" | "float64",
): NDArray {
  if (classes === undefined) return y.astype(dtype).reshape([-1, 1]);
  const place = new Map(classes.map((label, k) => [label, k]));
  const outputs = outputsOf(task, classes);
  const targets = new Float64Array(y.size * outputs);
  for (let i = 0; i < y.size; i++) {
    const k = place.get(y.data[i]);
    if (k === undefined)
      throw new DataError(`label ${y.data[i]} is none of the classes ${classes.join(", ")}`);
    if (task === "binary") targets[i] = 2 * k - 1;
    else targets[i * outputs + k] = 1;
  }
  return array(targets, { shape: [y.size, outputs], dtype });
}
