import { apply1, type Op, type Tensor, type TensorLike } from "../graph.ts";
import { neg } from "../ops/arithmetic.ts";
import { matmul } from "../ops/matmul.ts";
import { tril, triu } from "../ops/matrix.ts";
import { transposed } from "./adjoint.ts";
import { eachMatrix, expectFinite } from "./matrices.ts";
import { batchSystem, inferSystem, solveBroadcast } from "./systems.ts";
import { expectInvertible, solveTriangle, type Triangle } from "./triangles.ts";

interface TriangularSystem extends Triangle {
  /** Who asks, for messages. */
  readonly operation: string;
}

const triangularSolveOp: Op<TriangularSystem> = {
  name: "triangularSolve",
  infer: (inputs, { operation }) => inferSystem(operation, inputs),
  // The cotangents of a full system, of which A's triangle is all that counts.
  vjp: ([g], { inputs: [a], outputs: [x], attributes }, [wantA]) => {
    if (g === undefined) return [undefined, undefined];
    const { lower, transpose, unitDiagonal } = attributes;
    const b = apply1(triangularSolveOp, [a, g], { ...attributes, transpose: !transpose });
    if (!wantA) return [undefined, b];
    const full = neg(transpose ? matmul(x, transposed(b)) : matmul(b, transposed(x)));
    const inner = unitDiagonal ? 1 : 0;
    return [lower ? tril(full, -inner) : triu(full, inner), b];
  },
  batch: (inputs, batched, { attributes }, size) =>
    batchSystem(triangularSolveOp, inputs, batched, attributes, size),
  host: (inputs, { attributes, inputs: [a], outputs }) => {
    const n = a.shape[a.rank - 1];
    return eachMatrix(attributes.operation, inputs, outputs, ([t, b], [x], entry) => {
      expectInvertible(entry, t, n, attributes);
      expectFinite(entry, "b", b, b.length / n);
      x.set(b);
      solveTriangle(t, x, n, attributes);
    });
  },
};

export interface TriangularSolveOptions {
  /** Use the entries on and below the diagonal (the default), or those on and above it. */
  lower?: boolean;
  /** Solve with the transpose of that triangle. */
  transpose?: boolean;
  /** Take the diagonal to be ones. */
  unitDiagonal?: boolean;
}

/**
 * Solve T X = B, or T^T X = B, where T is the lower (or upper) triangle of `a`; the other entries of
 * `a` are never looked at and get no gradient.
 *
 * @param a matrices [..., n, n]; leading axes broadcast with those of `b`.
 * @param b right-hand sides [..., n, k], or one vector [n].
 * @returns X, [..., n, k], or [..., n] for a vector.
 * @throws when it runs, if the triangle has a zero on its diagonal or an entry is NaN or infinite.
 */
export function triangularSolve(
  a: TensorLike,
  b: TensorLike,
  options: TriangularSolveOptions = {},
): Tensor {
  return triangularSolveFor("triangularSolve", a, b, options);
}

/** The same on behalf of another operation, whose name messages give. */
export function triangularSolveFor(
  operation: string,
  a: TensorLike,
  b: TensorLike,
  options: TriangularSolveOptions,
): Tensor {
  const { lower = true, transpose = false, unitDiagonal = false } = options;
  const attributes = { lower, transpose, unitDiagonal, operation };
  return solveBroadcast(triangularSolveOp, operation, attributes, a, b);
}
