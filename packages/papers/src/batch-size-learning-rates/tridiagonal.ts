/** Eigenvalues of symmetric tridiagonal matrices, in float64. */
import { UsageError } from "../contract/errors.ts";

export interface TridiagonalEigen {
  /** Ascending. */
  readonly values: Float64Array;
  /** Row-major [m, m]: column k is the eigenvector of value k. */
  readonly vectors: Float64Array;
}

const mostSweeps = 60;

/**
 * The eigenvalues and eigenvectors of the symmetric matrix with `diagonal` [m] and `offDiagonal`
 * [m - 1 or more], by the QL algorithm with implicit shifts.
 *
 * Bowdler, Martin, Reinsch, Wilkinson, "The QR and QL algorithms for symmetric matrices", 1968.
 *
 * @throws UsageError when an entry is not finite
 */
export function tridiagonalEigen(
  diagonal: ArrayLike<number>,
  offDiagonal: ArrayLike<number>,
): TridiagonalEigen {
  const m = diagonal.length;
  const d = Float64Array.from(diagonal);
  const e = new Float64Array(m);
  for (let i = 0; i + 1 < m; i++) e[i] = offDiagonal[i];
  if (![...d, ...e].every(Number.isFinite))
    throw new UsageError("tridiagonalEigen: an entry is not a finite number");
  const z = new Float64Array(m * m);
  for (let i = 0; i < m; i++) z[i * m + i] = 1;

  for (let l = 0; l < m; l++) {
    for (let sweep = 0; ; sweep++) {
      // The block that is not yet split off begins at l and ends at `end`.
      let end = l;
      while (
        end + 1 < m &&
        Math.abs(e[end]) > Number.EPSILON * (Math.abs(d[end]) + Math.abs(d[end + 1]))
      )
        end++;
      if (end === l) break;
      if (sweep === mostSweeps) throw new Error("tridiagonalEigen: no convergence");
      shiftedSweep(d, e, z, l, end);
    }
  }
  return sorted(d, z);
}

/** One QL sweep over the block l ... end with Wilkinson's shift, rotations applied to z as well. */
function shiftedSweep(d: Float64Array, e: Float64Array, z: Float64Array, l: number, end: number) {
  const m = d.length;
  let g = (d[l + 1] - d[l]) / (2 * e[l]);
  let r = Math.hypot(g, 1);
  g = d[end] - d[l] + e[l] / (g + (g >= 0 ? r : -r));
  let [sine, cosine, p] = [1, 1, 0];
  for (let i = end - 1; i >= l; i--) {
    const f = sine * e[i];
    const b = cosine * e[i];
    r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      // The block came apart on the way: the next sweep sees two.
      d[i + 1] -= p;
      e[end] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = d[i + 1] - p;
    r = (d[i] - g) * sine + 2 * cosine * b;
    p = sine * r;
    d[i + 1] = g + p;
    g = cosine * r - b;
    for (let k = 0; k < m; k++) {
      const upper = z[k * m + i + 1];
      z[k * m + i + 1] = sine * z[k * m + i] + cosine * upper;
      z[k * m + i] = cosine * z[k * m + i] - sine * upper;
    }
  }
  d[l] -= p;
  e[l] = g;
  e[end] = 0;
}

function sorted(d: Float64Array, z: Float64Array): TridiagonalEigen {
  const m = d.length;
  const order = Array.from(d.keys()).sort((a, b) => d[a] - d[b]);
  const vectors = new Float64Array(m * m);
  order.forEach((from, to) => {
    for (let k = 0; k < m; k++) vectors[k * m + to] = z[k * m + from];
  });
  return { values: Float64Array.from(order, (k) => d[k]), vectors };
}
