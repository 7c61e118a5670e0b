import { QrDecomposition } from "ml-matrix";
import { fail } from "../errors.ts";
import { apply, type Cotangent, lift, type Op, type Tensor, type TensorLike } from "../graph.ts";
import { add, sub } from "../ops/arithmetic.ts";
import { concat } from "../ops/joining.ts";
import { expandDims, squeeze } from "../ops/layout.ts";
import { matmul } from "../ops/matmul.ts";
import { sliceAxis } from "../ops/window.ts";
import { range } from "../shape.ts";
import { zerosLike } from "../transform/pullback.ts";
import { mirrorLower, transposed } from "./adjoint.ts";
import {
  describe,
  type Entry,
  eachMatrix,
  expectFinite,
  fill,
  matrixShape,
  normalised,
  view,
} from "./matrices.ts";
import { expectRightHandSide } from "./systems.ts";
import { triangularSolveFor } from "./triangularSolve.ts";

interface Factoring {
  /** Who asks, for messages. */
  readonly operation: string;
  /** Fail where a column depends on those before it. */
  readonly fullRank: boolean;
}

/** Matrices with at least as many rows as columns. */
const qrOp: Op<Factoring> = {
  name: "qr",
  infer: ([a]) => {
    const n = a.shape[a.rank - 1];
    return [a, { shape: [...a.shape.slice(0, -2), n, n], dtype: a.dtype }];
  },
  vjp: ([gq, gr], { outputs: [q, r], attributes: { operation } }) => [
    cotangentOfQr(`derivative of ${operation}`, q, r, gq, gr),
  ],
  batch: ([a], _, { attributes }) => apply(qrOp, [a], attributes),
  host: (inputs, { inputs: [a], outputs, attributes: { operation, fullRank } }) => {
    const [m, n] = a.shape.slice(-2);
    return eachMatrix(operation, inputs, outputs, ([matrix], [q, r], entry) => {
      expectFinite(entry, "a", matrix, n);
      const { scale, unit } = normalised(matrix);
      const factors = new QrDecomposition(view(unit, m));
      const { orthogonalMatrix: left, upperTriangularMatrix: right } = factors;
      const signs = range(n).map((i) => (right.get(i, i) < 0 ? -1 : 1));
      fill(q, n, (i, j) => signs[j] * left.get(i, j));
      fill(r, n, (i, j) => (j < i ? 0 : signs[i] * scale * right.get(i, j)));
      if (fullRank) expectFullRank(entry, r, m, n);
    });
  },
};

/** What rounding leaves on the diagonal of R for a dependent column is small against that column. */
function expectFullRank(entry: Entry, r: Float64Array, m: number, n: number): void {
  for (let j = 0; j < n; j++) {
    const column = Math.hypot(...range(j + 1).map((i) => r[i * n + j]));
    if (r[j * n + j] <= m * Number.EPSILON * column) {
      fail(
        `${entry.operation}: the columns of ${describe(entry)} are linearly dependent: column ${j} is a ` +
          "combination of those before it, so the solution is not unique. Leave it out or add a penalty",
      );
    }
  }
}

/**
 * dA = (dQ + Q M) R^-T, where M is the lower triangle of R dR^T - dQ^T Q, mirrored
 * (Walter and Lehmann 2018, "Algorithmic differentiation of linear algebra functions with application
 * in optimum experimental design").
 */
function cotangentOfQr(
  operation: string,
  q: Tensor,
  r: Tensor,
  gq: Cotangent,
  gr: Cotangent,
): Tensor {
  const ofQ = gq ?? zerosLike(q);
  const ofR = gr ?? zerosLike(r);
  const lower = sub(matmul(r, transposed(ofR)), matmul(transposed(ofQ), q));
  const right = add(ofQ, matmul(q, mirrorLower(lower)));
  return transposed(triangularSolveFor(operation, r, transposed(right), { lower: false }));
}

/**
 * The thin QR decomposition A = Q R of matrices [..., m, n], k = min(m, n). The diagonal of R is not
 * negative, which makes both factors unique where A has full rank.
 *
 * Derivatives exist where the first k columns are linearly independent; asking for them elsewhere
 * throws or, if only rounding keeps R invertible, gives numbers of no meaning.
 *
 * @returns [q, r]: [..., m, k] with orthonormal columns, and [..., k, n] with zeros below the diagonal.
 * @throws when it runs, if an entry is NaN or infinite.
 */
export function qr(value: TensorLike): [q: Tensor, r: Tensor] {
  const a = lift(value);
  const [m, n] = matrixShape("qr", a);
  const attributes = { operation: "qr", fullRank: false };
  if (m >= n) {
    const [q, r] = apply(qrOp, [a], attributes);
    return [q, r];
  }
  // The first m columns settle Q; R continues with what the others are in its terms.
  const [q, start] = apply(qrOp, [sliceAxis(a, a.rank - 1, 0, m)], attributes);
  const rest = matmul(transposed(q), sliceAxis(a, a.rank - 1, m, n));
  return [q, concat([start, rest], -1)];
}

/**
 * The X for which |A X - B| is least, for matrices A [..., m, n] whose n <= m columns are linearly
 * independent: X = R^-1 Q^T B. Differentiable in both.
 *
 * @param left A; leading axes broadcast with those of B.
 * @param right B, [..., m, k], or one vector [m].
 * @returns X, [..., n, k], or [..., n] for a vector.
 * @throws when it runs, if a column is a combination of the others, where X is not unique, or an entry
 * is NaN or infinite; while tracing, if n > m.
 */
export function lstsq(left: TensorLike, right: TensorLike): Tensor {
  const [a, b] = [lift(left), lift(right)];
  const [m, n] = matrixShape("lstsq", a);
  if (n > m) {
    fail(
      `lstsq: ${m} equations do not determine ${n} unknowns; for the smallest of all solutions take ` +
        "a^T z with z = solve(a a^T, b)",
    );
  }
  if (b.rank === 0) fail("lstsq: b is a scalar; give a vector or a matrix");
  if (b.rank === 1) return squeeze(lstsq(a, expandDims(b, 1)), -1);
  expectRightHandSide("lstsq", a, b);
  const [q, r] = apply(qrOp, [a], { operation: "lstsq", fullRank: true });
  return triangularSolveFor("lstsq", r, matmul(transposed(q), b), { lower: false });
}
