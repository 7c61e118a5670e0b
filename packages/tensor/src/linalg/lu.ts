/** The factorisation P A = L U with partial pivoting, behind general systems and determinants. */
import { LuDecomposition } from "ml-matrix";
import type { NDArray } from "../ndarray.ts";
import { eachMatrix, expectFinite, fill, view } from "./matrices.ts";
import { solveTriangle } from "./triangles.ts";

export interface Lu {
  /** L below the diagonal, its ones left out, and U on and above it. */
  readonly packed: Float64Array;
  /** Row i of P A is row `rows[i]` of A. */
  readonly rows: readonly number[];
}

/**
 * Arrays are immutable, and a system, its derivative and the determinant ask for the factors of the
 * same one: they are computed once and live as long as the array.
 */
const known = new WeakMap<NDArray, readonly Lu[]>();

/** The factors of every matrix [..., n, n]. Fails at NaN and Infinity. */
export function factorise(operation: string, a: NDArray): readonly Lu[] {
  const before = known.get(a);
  if (before !== undefined) return before;
  const n = a.shape[a.rank - 1];
  const factors: Lu[] = [];
  eachMatrix(operation, [a], [], ([matrix], _, entry) => {
    expectFinite(entry, "a", matrix, n);
    factors.push(decompose(matrix, n));
  });
  known.set(a, factors);
  return factors;
}

function decompose(matrix: Float64Array, n: number): Lu {
  const lu = new LuDecomposition(view(matrix, n));
  const [lower, upper] = [lu.lowerTriangularMatrix, lu.upperTriangularMatrix];
  const packed = new Float64Array(n * n);
  fill(packed, n, (i, j) => (j < i ? lower : upper).get(i, j));
  return { packed, rows: lu.pivotPermutationVector };
}

/** Position of the first pivot that is 0, or -1: then the matrix is invertible. */
export function zeroPivot({ packed, rows }: Lu): number {
  return rows.findIndex((_, i) => packed[i * rows.length + i] === 0);
}

const lowerUnit = { lower: true, unitDiagonal: true };
const upper = { lower: false, unitDiagonal: false };

/** Write A^-1 b, or A^-T b, to `x`; both are n x k. */
export function solveFactorised(
  { packed, rows }: Lu,
  b: Float64Array,
  x: Float64Array,
  transpose: boolean,
): void {
  const n = rows.length;
  const k = x.length / n;
  if (transpose) {
    // A^T = U^T L^T P
    const y = b.slice();
    solveTriangle(packed, y, n, { ...upper, transpose });
    solveTriangle(packed, y, n, { ...lowerUnit, transpose });
    rows.forEach((row, i) => {
      x.set(y.subarray(i * k, (i + 1) * k), row * k);
    });
  } else {
    rows.forEach((row, i) => {
      x.set(b.subarray(row * k, (row + 1) * k), i * k);
    });
    solveTriangle(packed, x, n, { ...lowerUnit, transpose });
    solveTriangle(packed, x, n, { ...upper, transpose });
  }
}

/** -1 if the row exchanges are odd in number, else 1. */
export function permutationSign(rows: readonly number[]): number {
  const seen = new Set<number>();
  let sign = 1;
  for (const start of rows) {
    // Every cycle of even length contributes an odd number of exchanges.
    for (let row = start; !seen.has(row); row = rows[row]) {
      seen.add(row);
      if (rows[row] !== start) sign = -sign;
    }
  }
  return sign;
}
