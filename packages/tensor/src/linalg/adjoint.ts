/** Small pieces of matrix calculus that the derivatives of several decompositions share. */
import { constant, type Tensor } from "../graph.ts";
import { array, eye } from "../ndarray.ts";
import { add, mul, reciprocal, sub } from "../ops/arithmetic.ts";
import { expandDims, swapAxes } from "../ops/layout.ts";
import { where } from "../ops/logic.ts";
import { tril } from "../ops/matrix.ts";

/** The transpose of every matrix. */
export const transposed = (x: Tensor): Tensor => swapAxes(x, -1, -2);

/** (x + x^T) / 2. */
export const symmetric = (x: Tensor): Tensor => mul(add(x, transposed(x)), 0.5);

/** The symmetric matrix with the lower triangle of x. */
export const mirrorLower = (x: Tensor): Tensor => add(tril(x), transposed(tril(x, -1)));

/** Each column of a matrix [..., m, n] times its own factor [..., n]. */
export const scaleColumns = (x: Tensor, factors: Tensor): Tensor => mul(x, expandDims(factors, -2));

/** Each row of a matrix [..., m, n] times its own factor [..., m]. */
export const scaleRows = (x: Tensor, factors: Tensor): Tensor => mul(x, expandDims(factors, -1));

/**
 * 1 / (x_j - x_i) at [i, j] and 0 on the diagonal. The diagonal is taken out before the division, so
 * that derivatives of it are 0 too and not NaN.
 */
export function reciprocalDifferences(x: Tensor): Tensor {
  const n = x.shape[x.rank - 1];
  const isDiagonal = constant(array(eye(n), { dtype: "bool" }));
  const difference = sub(expandDims(x, -2), expandDims(x, -1));
  return where(isDiagonal, 0, reciprocal(where(isDiagonal, 1, difference)));
}
