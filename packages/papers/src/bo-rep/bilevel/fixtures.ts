/** A quadratic problem whose hypergradient is known in closed form, for tests. */
import { array, type NDArray, type Tensor } from "@etude/tensor";
import type { HostBatches } from "./method.ts";
import type { BilevelProblem } from "./problem.ts";
import type { Arrays } from "./trees.ts";

const double = (values: number[] | number[][]): NDArray => array(values, { dtype: "float64" });

const [Q, B, s] = [
  double([
    [2, 0.5],
    [0.5, 1],
  ]),
  double([
    [1, 0],
    [0.2, 0.8],
  ]),
  double([1, -1]),
];

export type Vector = { v: Tensor };
export type Nothing = { noise: Tensor };

/** f = |y - s|^2 / 2 + 0.1 |x|^2 / 2, g = y'Qy / 2 - y'Bx; batches change nothing. */
export const quadratic: BilevelProblem<Vector, Vector, Nothing> = {
  upper: ({ v: x }, { v: y }) => y.sub(s).pow(2).sum().add(x.pow(2).sum().mul(0.1)).mul(0.5),
  lower: ({ v: x }, { v: y }) =>
    y
      .matmul(Q)
      .mul(y)
      .sum()
      .mul(0.5)
      .sub(y.mul(x.matmul(transposed(B))).sum()),
};

function transposed(matrix: NDArray): NDArray {
  const [a, b, c, d] = matrix.data;
  return double([
    [a, c],
    [b, d],
  ]);
}

export const vector = (...values: number[]): Arrays<Vector> => ({ v: double(values) });

export const nothing: Arrays<Nothing> = { noise: double([0]) };

export const quiet: HostBatches<Nothing> = {
  upper: nothing,
  lowerHvp: nothing,
  lowerMixed: nothing,
  lowerSgd: [nothing, nothing, nothing],
};
