/** What metrics ask of their arguments. */
import { NDArray } from "@etude/tensor";
import { fail, showShape } from "../errors.ts";

/** An array of any shape, taken in row-major order, or a list of numbers. */
export type Numbers = NDArray | ArrayLike<number>;

/** The values of a metric's argument, of which there is at least one and none is NaN. */
export function numbersOf(metric: string, name: string, values: Numbers): ArrayLike<number> {
  const numbers = values instanceof NDArray ? values.data : values;
  if (numbers.length === 0) fail(`${metric}: no ${name}`);
  for (let i = 0; i < numbers.length; i++) {
    if (Number.isNaN(numbers[i])) fail(`${metric}: ${name} ${i} is NaN`);
  }
  return numbers;
}

/** Two arguments with a value for every value of the other. */
export function pairsOf(
  metric: string,
  names: readonly [string, string],
  first: Numbers,
  second: Numbers,
): [ArrayLike<number>, ArrayLike<number>] {
  const [a, b] = [numbersOf(metric, names[0], first), numbersOf(metric, names[1], second)];
  if (a.length !== b.length) fail(`${metric}: ${a.length} ${names[0]} and ${b.length} ${names[1]}`);
  if (first instanceof NDArray && second instanceof NDArray && !sameShape(first, second)) {
    fail(
      `${metric}: ${names[0]} ${showShape(first.shape)} and ${names[1]} ${showShape(second.shape)} differ in shape`,
    );
  }
  return [a, b];
}

/** Columns of length 1 are no difference: the order of the values is the same. */
function sameShape(a: NDArray, b: NDArray): boolean {
  const [x, y] = [a, b].map(({ shape }) => shape.filter((length) => length !== 1));
  return x.length === y.length && x.every((length, axis) => length === y[axis]);
}

/** Class indices: whole numbers from 0, below `classes` where that is known. */
export function labelsOf(
  metric: string,
  labels: Numbers,
  classes = Number.POSITIVE_INFINITY,
  name = "labels",
): ArrayLike<number> {
  const numbers = numbersOf(metric, name, labels);
  for (let i = 0; i < numbers.length; i++) {
    const label = numbers[i];
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      const range = classes === Number.POSITIVE_INFINITY ? "from 0" : `from 0 to ${classes - 1}`;
      fail(`${metric}: entry ${i} of the ${name} is ${label}, not a class index ${range}`);
    }
  }
  return numbers;
}

/** Scores [n, classes] with the labels [n] of their rows. */
export interface Scored {
  readonly scores: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
  readonly rows: number;
  readonly classes: number;
}

export function scoredRows(metric: string, scores: NDArray, labels: Numbers): Scored {
  if (scores.rank !== 2)
    fail(`${metric}: expected scores [n, classes], got ${showShape(scores.shape)}`);
  const [rows, classes] = scores.shape;
  const own = labelsOf(metric, labels, classes);
  if (own.length !== rows) fail(`${metric}: scores for ${rows} rows and ${own.length} labels`);
  return { scores: numbersOf(metric, "scores", scores), labels: own, rows, classes };
}

/** The first of the largest entries of row i. */
export function bestOf({ scores, classes }: Scored, row: number): number {
  let best = 0;
  for (let c = 1; c < classes; c++) {
    if (scores[row * classes + c] > scores[row * classes + best]) best = c;
  }
  return best;
}
