/** Triangular systems, on typed arrays. */
import { fail } from "../errors.ts";
import { describe, type Entry, notFinite } from "./matrices.ts";

/** Which part of a square matrix counts, and how. */
export interface Triangle {
  /** The entries on and below the diagonal, or those on and above it. */
  readonly lower: boolean;
  /** The transpose of that triangle is meant. */
  readonly transpose: boolean;
  /** The diagonal is taken to be ones, whatever is stored there. */
  readonly unitDiagonal: boolean;
}

/**
 * Overwrite the n x k matrix `x` with op(T)^-1 x. Both forms walk T and x along their rows: the plain
 * one gathers what the solved rows contribute, the transposed one hands a solved row on to the others.
 */
export function solveTriangle(
  t: Float64Array,
  x: Float64Array,
  n: number,
  { lower, transpose, unitDiagonal }: Triangle,
): void {
  const k = x.length / n;
  const isForward = lower !== transpose;
  for (let step = 0; step < n; step++) {
    const i = isForward ? step : n - 1 - step;
    const [from, to] = lower ? [0, i] : [i + 1, n];
    if (transpose) {
      if (!unitDiagonal) divideRow(x, i, k, t[i * n + i]);
      for (let j = from; j < to; j++) subtractRow(x, j, i, k, t[i * n + j]);
    } else {
      for (let j = from; j < to; j++) subtractRow(x, i, j, k, t[i * n + j]);
      if (!unitDiagonal) divideRow(x, i, k, t[i * n + i]);
    }
  }
}

/** Row `target` minus `factor` times row `source`. */
function subtractRow(x: Float64Array, target: number, source: number, k: number, factor: number) {
  if (factor === 0) return;
  const [to, from] = [target * k, source * k];
  for (let c = 0; c < k; c++) x[to + c] -= factor * x[from + c];
}

function divideRow(x: Float64Array, row: number, k: number, divisor: number) {
  for (let c = row * k; c < (row + 1) * k; c++) x[c] /= divisor;
}

/** Check that the triangle in use is finite and, unless its diagonal is ones, has no zero there. */
export function expectInvertible(
  entry: Entry,
  t: Float64Array,
  n: number,
  { lower, unitDiagonal }: Triangle,
): void {
  const inner = unitDiagonal ? 1 : 0;
  for (let i = 0; i < n; i++) {
    const [from, to] = lower ? [0, i + 1 - inner] : [i + inner, n];
    for (let j = from; j < to; j++) {
      if (!Number.isFinite(t[i * n + j])) notFinite(entry, "a", t[i * n + j], i, j);
    }
    if (!unitDiagonal && t[i * n + i] === 0) {
      fail(`${entry.operation}: ${describe(entry)} is singular: its diagonal is 0 at [${i}, ${i}]`);
    }
  }
}
