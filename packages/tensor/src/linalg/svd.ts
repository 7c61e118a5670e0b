import { SingularValueDecomposition } from "ml-matrix";
import { apply, type Cotangent, lift, type Op, type Tensor, type TensorLike } from "../graph.ts";
import { add, mul, reciprocal, sub } from "../ops/arithmetic.ts";
import { matmul } from "../ops/matmul.ts";
import { reciprocalDifferences, scaleColumns, scaleRows, transposed } from "./adjoint.ts";
import { eachMatrix, expectFinite, fill, matrixShape, normalised, view } from "./matrices.ts";
import { columnSigns } from "./signs.ts";

const svdOp: Op = {
  name: "svd",
  infer: ([a]) => {
    const [rows, columns] = a.shape.slice(-2);
    const lead = a.shape.slice(0, -2);
    const k = Math.min(rows, columns);
    return [
      [...lead, rows, k],
      [...lead, k],
      [...lead, k, columns],
    ].map((shape) => ({
      shape,
      dtype: a.dtype,
    }));
  },
  vjp: (cotangents, { outputs }) => [cotangentOfSvd(cotangents, outputs)],
  batch: ([a]) => apply(svdOp, [a], {}),
  host: (inputs, { inputs: [a], outputs }) => {
    const [rows, columns] = a.shape.slice(-2);
    return eachMatrix("svd", inputs, outputs, ([matrix], [u, s, vT], entry) => {
      expectFinite(entry, "a", matrix, columns);
      const { scale, unit } = normalised(matrix);
      const {
        leftSingularVectors: left,
        rightSingularVectors: right,
        diagonal,
      } = new SingularValueDecomposition(view(unit, rows), { autoTranspose: true });
      fill(s, s.length, (_, i) => scale * diagonal[i]); // descending already
      const signs = columnSigns(left);
      fill(u, s.length, (i, j) => signs[j] * left.get(i, j));
      fill(vT, columns, (i, j) => signs[i] * right.get(j, i));
    });
  },
};

/**
 * With F_ij = 1 / (s_j^2 - s_i^2) off the diagonal and K(X) = F o (X - X^T):
 *
 *   dA = U (K(U^T dU) S + S K(V^T dV) + diag(ds)) V^T
 *        + (1 - U U^T) dU S^-1 V^T + U S^-1 dV^T (1 - V V^T)
 *
 * (Townsend 2016, "Differentiating the singular value decomposition"). The terms of the second line
 * concern the directions that a thin factor leaves out; for a square factor there are none.
 */
function cotangentOfSvd(
  [gu, gs, gvT]: readonly Cotangent[],
  [u, s, vT]: readonly Tensor[],
): Tensor {
  const [rows, k, columns] = [u.shape[u.rank - 2], s.shape[s.rank - 1], vT.shape[vT.rank - 1]];
  const weights = reciprocalDifferences(mul(s, s));
  const rotation = (x: Tensor) => mul(weights, sub(x, transposed(x)));
  // Factors of V^T on the right, and of U on the left.
  const left: Tensor[] = [];
  const right: Tensor[] = [];
  if (gs) left.push(scaleColumns(u, gs));
  if (gu) {
    const inside = matmul(transposed(u), gu);
    left.push(matmul(u, scaleColumns(rotation(inside), s)));
    if (rows > k) left.push(scaleColumns(sub(gu, matmul(u, inside)), reciprocal(s)));
  }
  if (gvT) {
    const inside = matmul(gvT, transposed(vT)); // (V^T dV)^T
    right.push(matmul(scaleRows(rotation(transposed(inside)), s), vT));
    if (columns > k) right.push(scaleRows(sub(gvT, matmul(inside, vT)), reciprocal(s)));
  }
  const parts = [
    ...(left.length > 0 ? [matmul(left.reduce(add), vT)] : []),
    ...(right.length > 0 ? [matmul(u, right.reduce(add))] : []),
  ];
  return parts.reduce(add);
}

/**
 * The thin singular value decomposition A = U diag(s) V^T of matrices [..., m, n], k = min(m, n).
 *
 * The sign of a pair of singular vectors is such that in the left one the first of the largest entries
 * is positive.
 *
 * The derivatives of U and V^T, and second derivatives of s, exist where the singular values are
 * distinct and, unless m = n, not 0; elsewhere they come out infinite or NaN. Those of s alone are
 * right there too for functions that treat equal values alike, such as their sum.
 *
 * @returns [u, s, vT]: [..., m, k] with orthonormal columns, [..., k] in descending order, and
 * [..., k, n] with orthonormal rows.
 * @throws when it runs, if an entry is NaN or infinite.
 */
export function svd(value: TensorLike): [u: Tensor, s: Tensor, vT: Tensor] {
  const a = lift(value);
  matrixShape("svd", a);
  const [u, s, vT] = apply(svdOp, [a], {});
  return [u, s, vT];
}
