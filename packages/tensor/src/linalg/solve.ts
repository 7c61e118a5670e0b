import { fail } from "../errors.ts";
import { apply1, constant, lift, type Op, type Tensor, type TensorLike } from "../graph.ts";
import { eye } from "../ndarray.ts";
import { neg } from "../ops/arithmetic.ts";
import { broadcastTo } from "../ops/layout.ts";
import { matmul } from "../ops/matmul.ts";
import { transposed } from "./adjoint.ts";
import { factorise, solveFactorised, zeroPivot } from "./lu.ts";
import { describe, eachMatrix, expectFinite, squareOrder } from "./matrices.ts";
import { batchSystem, inferSystem, solveBroadcast } from "./systems.ts";

interface System {
  /** Solve with the transpose of A. */
  readonly transpose: boolean;
  /** Who asks, for messages. */
  readonly operation: string;
}

const solveOp: Op<System> = {
  name: "solve",
  infer: (inputs, { operation }) => inferSystem(operation, inputs),
  // op(A) X = B: the cotangent of B is op(A)^-T dX, that of op(A) is -dB X^T.
  vjp: ([g], { inputs: [a], outputs: [x], attributes: { transpose, operation } }, [wantA]) => {
    if (g === undefined) return [undefined, undefined];
    const b = apply1(solveOp, [a, g], { transpose: !transpose, operation });
    if (!wantA) return [undefined, b];
    return [neg(transpose ? matmul(x, transposed(b)) : matmul(b, transposed(x))), b];
  },
  batch: (inputs, batched, { attributes }, size) =>
    batchSystem(solveOp, inputs, batched, attributes, size),
  host: (inputs, { attributes: { transpose, operation }, outputs }) => {
    const factors = factorise(operation, inputs[0]);
    return eachMatrix(operation, inputs, outputs, ([, b], [x], entry) => {
      const lu = factors[entry.index];
      const pivot = zeroPivot(lu);
      if (pivot >= 0) {
        fail(`${operation}: ${describe(entry)} is singular: its pivot ${pivot} is 0`);
      }
      expectFinite(entry, "b", b, b.length / lu.rows.length);
      solveFactorised(lu, b, x, transpose);
    });
  },
};

/**
 * The solution X of A X = B, by LU factorisation with partial pivoting.
 *
 * @param a matrices [..., n, n]; leading axes broadcast with those of `b`.
 * @param b right-hand sides [..., n, k], or one vector [n].
 * @returns X, [..., n, k], or [..., n] for a vector.
 * @throws when it runs, if a pivot is exactly 0 or an entry is NaN or infinite. A matrix that is
 * singular but for rounding has a solution, of which no digit need be right.
 *
 * @example solve(array([[3, 1], [1, 2]]), array([9, 8])) // [2, 3]
 */
export function solve(a: TensorLike, b: TensorLike): Tensor {
  return solveBroadcast(solveOp, "solve", { transpose: false, operation: "solve" }, a, b);
}

/** The inverse of every matrix [..., n, n]. To solve a system {@link solve} is faster and more accurate. */
export function inv(a: TensorLike): Tensor {
  return inverse("inv", lift(a), false);
}

/** A^-1 or A^-T on behalf of an operation, whose name messages give. */
export function inverse(operation: string, a: Tensor, transpose: boolean): Tensor {
  const identity = constant(eye(squareOrder(operation, a), undefined, a.dtype));
  return apply1(solveOp, [a, broadcastTo(identity, a.shape)], { transpose, operation });
}
