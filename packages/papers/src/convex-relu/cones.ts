/**
 * How much a unit vector of a cone can correlate with a direction. For K = {u: A u >= 0},
 *
 *     max { q^T u : u in K, |u| <= 1 }  =  |projection of q on K|  =  min over mu >= 0 of |q + A^T mu|
 *
 * (Moreau), so any mu >= 0 gives an upper bound, and the smallest one the value.
 */

/** Rows of A: the samples, each with the side its pattern asks for. */
export interface Cone {
  /** [n, d], row-major */
  readonly X: ArrayLike<number>;
  /** 1 or -1 for each sample: the diagonal of 2 D - I. */
  readonly sides: ArrayLike<number>;
  readonly n: number;
  readonly d: number;
}

/** |q + A^T mu|, an upper bound of the maximum for any mu >= 0. */
export const coneBound = (cone: Cone, q: ArrayLike<number>, mu: ArrayLike<number>): number =>
  Math.hypot(...shifted(cone, q, mu));

function shifted({ X, sides, n, d }: Cone, q: ArrayLike<number>, mu: ArrayLike<number>): number[] {
  const r = Array.from(q);
  for (let k = 0; k < n; k++) {
    if (mu[k] === 0) continue;
    for (let j = 0; j < d; j++) r[j] += mu[k] * sides[k] * X[k * d + j];
  }
  return r;
}

/**
 * The maximum, by the active-set method for non-negative least squares: Lawson, Hanson, "Solving Least
 * Squares Problems", 1974, chapter 23. Where rounding stops it early it is still an upper bound.
 */
export function coneMaximum(cone: Cone, q: ArrayLike<number>): number {
  const { X, sides, n, d } = cone;
  const row = (k: number): number[] => Array.from({ length: d }, (_, j) => sides[k] * X[k * d + j]);
  const sizes = Array.from({ length: n }, (_, k) => Math.hypot(...row(k)));
  const mu = new Float64Array(n);
  let passive: number[] = [];
  const refused = new Set<number>();
  const accuracy = 1e-13 * Math.hypot(...Array.from(q));

  for (let step = 0; step < 3 * (n + d); step++) {
    const r = shifted(cone, q, mu);
    let [entering, worst] = [-1, -accuracy];
    for (let k = 0; k < n; k++) {
      if (sizes[k] === 0 || passive.includes(k) || refused.has(k)) continue;
      let product = 0;
      for (let j = 0; j < d; j++) product += sides[k] * X[k * d + j] * r[j];
      if (product / sizes[k] < worst) [entering, worst] = [k, product / sizes[k]];
    }
    if (entering < 0) break;
    passive.push(entering);
    for (;;) {
      const wanted = leastSquares(passive.map(row), q);
      // A dependent row, or one whose multiplier would not grow, is a matter of rounding: leave it out.
      if (wanted === undefined || wanted[wanted.length - 1] <= 0) {
        if (passive[passive.length - 1] !== entering) break;
        refused.add(entering);
        mu[entering] = 0;
        passive.pop();
        break;
      }
      let share = 1;
      passive.forEach((k, i) => {
        if (wanted[i] <= 0) share = Math.min(share, mu[k] / (mu[k] - wanted[i]));
      });
      passive.forEach((k, i) => {
        mu[k] += share * (wanted[i] - mu[k]);
      });
      if (share === 1) {
        refused.clear();
        break;
      }
      passive = passive.filter((k, i) => {
        const stays = mu[k] > 1e-15 || wanted[i] > 0;
        if (!stays) mu[k] = 0;
        return stays;
      });
    }
  }
  return coneBound(cone, q, mu);
}

/** mu that minimises |q + rows^T mu|, by the normal equations; undefined if rows are dependent. */
function leastSquares(
  rows: readonly (readonly number[])[],
  q: ArrayLike<number>,
): number[] | undefined {
  const p = rows.length;
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
    let sum = 0;
    for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
    return sum;
  };
  // Cholesky factor of the Gram matrix, and the forward substitution with it.
  const lower = rows.map(() => new Float64Array(p));
  const half = new Float64Array(p);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = dot(rows[i], rows[j]);
      for (let k = 0; k < j; k++) sum -= lower[i][k] * lower[j][k];
      if (i === j) {
        if (!(sum > 1e-12 * dot(rows[i], rows[i]))) return undefined;
        lower[i][i] = Math.sqrt(sum);
      } else lower[i][j] = sum / lower[j][j];
    }
    let right = -dot(rows[i], q);
    for (let k = 0; k < i; k++) right -= lower[i][k] * half[k];
    half[i] = right / lower[i][i];
  }
  const mu = Array.from(half);
  for (let i = p - 1; i >= 0; i--) {
    for (let k = i + 1; k < p; k++) mu[i] -= lower[k][i] * mu[k];
    mu[i] /= lower[i][i];
  }
  return mu;
}
