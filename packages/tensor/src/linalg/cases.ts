/** For tests: every operation, on matrices where it is well defined. */
import type { Tensor } from "../graph.ts";
import { NDArray } from "../ndarray.ts";
import { type Shape, sizeOf } from "../shape.ts";
import { type Random, randomFrom } from "../testing/random.ts";
import {
  cholesky,
  det,
  eigh,
  inv,
  lstsq,
  qr,
  slogdet,
  solve,
  svd,
  triangularSolve,
} from "./index.ts";

export interface LinalgCase {
  readonly name: string;
  /** One matrix or vector of float64 an operand. */
  readonly inputs: (random: Random) => NDArray[];
  readonly f: (...operands: Tensor[]) => readonly Tensor[];
}

export function draw(random: Random, shape: Shape): NDArray {
  const data = Float64Array.from({ length: sizeOf(shape) }, () => 2 * random() - 1);
  return new NDArray(data, shape, "float64");
}

/** A matrix with singular values away from 0. */
export function regular(random: Random, n: number): NDArray {
  const { data, shape, dtype } = draw(random, [n, n]);
  return new NDArray(
    data.map((value, i) => value + (i % (n + 1) === 0 ? 2 : 0)) as Float64Array,
    shape,
    dtype,
  );
}

/** A symmetric matrix with eigenvalues of at least 1. */
export function positiveDefinite(random: Random, n: number): NDArray {
  const { data } = draw(random, [n, n]);
  const entry = (i: number, j: number) => {
    let total = i === j ? 1 : 0;
    for (let k = 0; k < n; k++) total += data[i * n + k] * data[j * n + k];
    return total;
  };
  const values = Float64Array.from({ length: n * n }, (_, p) => entry(Math.floor(p / n), p % n));
  return new NDArray(values, [n, n], "float64");
}

export const stackArrays = (arrays: readonly NDArray[]): NDArray =>
  new NDArray(
    Float64Array.from(arrays.flatMap(({ data }) => [...data])),
    [arrays.length, ...arrays[0].shape],
    "float64",
  );

/** The largest absolute value. */
export const largest = ({ data }: NDArray): number =>
  [...data].reduce((max, value) => Math.max(max, Math.abs(value)), 0);

const triangular = [true, false].flatMap((lower) =>
  [true, false].flatMap((transpose) =>
    [true, false].map(
      (unitDiagonal): LinalgCase => ({
        name: `triangularSolve ${JSON.stringify({ lower, transpose, unitDiagonal })}`,
        inputs: (random) => [regular(random, 3), draw(random, [3, 2])],
        f: (a, b) => [triangularSolve(a, b, { lower, transpose, unitDiagonal })],
      }),
    ),
  ),
);

export const cases: readonly LinalgCase[] = [
  {
    name: "cholesky",
    inputs: (random) => [positiveDefinite(random, 4)],
    f: (a) => [cholesky(a)],
  },
  {
    name: "solve",
    inputs: (random) => [regular(random, 3), draw(random, [3, 2])],
    f: (a, b) => [solve(a, b)],
  },
  ...triangular,
  { name: "inv", inputs: (random) => [regular(random, 3)], f: (a) => [inv(a)] },
  { name: "det", inputs: (random) => [regular(random, 3)], f: (a) => [det(a)] },
  { name: "slogdet", inputs: (random) => [regular(random, 3)], f: (a) => slogdet(a) },
  {
    name: "eigh",
    inputs: (random) => [positiveDefinite(random, 4)],
    f: (a) => eigh(a),
  },
  { name: "svd, square", inputs: (random) => [regular(random, 3)], f: (a) => svd(a) },
  { name: "svd, tall", inputs: (random) => [draw(random, [4, 3])], f: (a) => svd(a) },
  { name: "svd, wide", inputs: (random) => [draw(random, [2, 4])], f: (a) => svd(a) },
  { name: "qr, square", inputs: (random) => [regular(random, 3)], f: (a) => qr(a) },
  { name: "qr, tall", inputs: (random) => [draw(random, [5, 3])], f: (a) => qr(a) },
  { name: "qr, wide", inputs: (random) => [draw(random, [2, 4])], f: (a) => qr(a) },
  {
    name: "lstsq",
    inputs: (random) => [draw(random, [5, 3]), draw(random, [5, 2])],
    f: (a, b) => [lstsq(a, b)],
  },
];

export const inputsOf = (c: LinalgCase, seed = 1): NDArray[] => c.inputs(randomFrom(seed));
