import { EigenvalueDecomposition } from "ml-matrix";
import { apply, type Cotangent, lift, type Op, type Tensor, type TensorLike } from "../graph.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { matmul } from "../ops/matmul.ts";
import { reciprocalDifferences, scaleColumns, symmetric, transposed } from "./adjoint.ts";
import {
  eachMatrix,
  expectFinite,
  fill,
  normalised,
  squareOrder,
  symmetricPart,
  view,
} from "./matrices.ts";
import { columnSigns } from "./signs.ts";

const eighOp: Op = {
  name: "eigh",
  infer: ([a]) => [{ shape: a.shape.slice(0, -1), dtype: a.dtype }, a],
  vjp: ([gw, gv], { outputs: [w, v] }) => [cotangentOfEigh(w, v, gw, gv)],
  batch: ([a]) => apply(eighOp, [a], {}),
  host: (inputs, { inputs: [a], outputs }) => {
    const n = a.shape[a.rank - 1];
    return eachMatrix("eigh", inputs, outputs, ([matrix], [w, v], entry) => {
      expectFinite(entry, "a", matrix, n);
      const { scale, unit } = normalised(matrix);
      const { realEigenvalues, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(
        view(symmetricPart(unit, n), n),
        { assumeSymmetric: true },
      );
      fill(w, n, (_, i) => scale * realEigenvalues[i]); // ascending already
      const signs = columnSigns(vectors);
      fill(v, n, (i, j) => signs[j] * vectors.get(i, j));
    });
  },
};

/**
 * dA = V (diag(dw) + F o V^T dV) V^T, made symmetric, with F_ij = 1 / (w_j - w_i) off the diagonal
 * (Giles 2008, "Collected matrix derivative results for forward and reverse mode algorithmic
 * differentiation", section 3.1).
 */
function cotangentOfEigh(w: Tensor, v: Tensor, gw: Cotangent, gv: Cotangent): Cotangent {
  const values = gw && scaleColumns(v, gw);
  const vectors = gv && matmul(v, mul(reciprocalDifferences(w), matmul(transposed(v), gv)));
  const left = values && vectors ? add(values, vectors) : (values ?? vectors);
  return left && symmetric(matmul(left, transposed(v)));
}

/**
 * Eigenvalues and eigenvectors of symmetric matrices: A = V diag(w) V^T.
 *
 * Only the symmetric part (A + A^T) / 2 counts, so that the gradient is a symmetric matrix (JAX's
 * convention). The sign of an eigenvector is such that the first of its largest entries is positive.
 *
 * The derivatives of V, and second derivatives of w, exist where the eigenvalues are distinct; where
 * two are equal they come out infinite or NaN. Those of w alone are right there too for functions
 * that treat equal eigenvalues alike, such as their sum.
 *
 * @param value matrices [..., n, n].
 * @returns [w, v]: eigenvalues [..., n] in ascending order, and their eigenvectors as the columns of
 * [..., n, n].
 * @throws when it runs, if an entry is NaN or infinite.
 */
export function eigh(value: TensorLike): [w: Tensor, v: Tensor] {
  const a = lift(value);
  squareOrder("eigh", a);
  const [w, v] = apply(eighOp, [a], {});
  return [w, v];
}
