import { CholeskyDecomposition } from "ml-matrix";
import { fail } from "../errors.ts";
import { apply1, lift, type Op, type Tensor, type TensorLike } from "../graph.ts";
import { mul } from "../ops/arithmetic.ts";
import { matmul } from "../ops/matmul.ts";
import { range } from "../shape.ts";
import { mirrorLower, symmetric, transposed } from "./adjoint.ts";
import {
  describe,
  eachMatrix,
  expectFinite,
  fill,
  squareOrder,
  symmetricPart,
  view,
} from "./matrices.ts";
import { triangularSolveFor } from "./triangularSolve.ts";

const choleskyOp: Op = {
  name: "cholesky",
  infer: ([a]) => [a],
  vjp: ([g], { outputs: [l] }) => [g && cotangentOfCholesky(l, g)],
  batch: ([a]) => [apply1(choleskyOp, [a], {})],
  host: (inputs, { inputs: [a], outputs }) => {
    const n = a.shape[a.rank - 1];
    return eachMatrix("cholesky", inputs, outputs, ([matrix], [l], entry) => {
      expectFinite(entry, "a", matrix, n);
      const factor = new CholeskyDecomposition(view(symmetricPart(matrix, n), n));
      const { lowerTriangularMatrix: lower } = factor;
      // The library goes on past a pivot that is not positive, with 0 in its place.
      const bad = range(n).find((i) => !(lower.get(i, i) > 0));
      if (bad !== undefined) {
        fail(
          `cholesky: ${describe(entry)} is not positive definite: its leading minor of order ${bad + 1} ` +
            "is not positive. If only rounding made it so, add a small multiple of the identity",
        );
      }
      fill(l, n, (i, j) => lower.get(i, j));
    });
  },
};

/**
 * dA = 1/2 L^-T (Phi + Phi^T) L^-1, where Phi is the lower triangle of L^T dL with its diagonal halved
 * (Murray 2016, "Differentiation of the Cholesky decomposition"): Phi + Phi^T is that triangle
 * mirrored.
 */
function cotangentOfCholesky(l: Tensor, g: Tensor): Tensor {
  const solveLeft = (x: Tensor) =>
    triangularSolveFor("derivative of cholesky", l, x, { transpose: true });
  const half = solveLeft(mul(mirrorLower(matmul(transposed(l), g)), 0.5));
  return symmetric(solveLeft(transposed(half)));
}

/**
 * The lower triangular L with A = L L^T, for symmetric positive definite matrices.
 *
 * It is taken of the symmetric part (A + A^T) / 2, so that the gradient is a symmetric matrix: the
 * convention of JAX. For a function of the lower triangle alone, mirror it first.
 *
 * @param value matrices [..., n, n].
 * @returns L, [..., n, n], with a positive diagonal and zeros above it.
 * @throws when it runs, if a matrix is not positive definite or an entry is NaN or infinite.
 */
export function cholesky(value: TensorLike): Tensor {
  const a = lift(value);
  squareOrder("cholesky", a);
  return apply1(choleskyOp, [a], {});
}
