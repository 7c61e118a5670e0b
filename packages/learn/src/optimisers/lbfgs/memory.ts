/** The inverse Hessian as L-BFGS knows it: the last few steps and changes of the gradient. */

interface Pair {
  /** s = x_{k+1} - x_k. */
  readonly step: Float64Array;
  /** y = g_{k+1} - g_k. */
  readonly change: Float64Array;
  /** 1 / s.y. */
  readonly weight: number;
}

export interface Memory {
  /** Take in a step and the change of the gradient along it. */
  push(step: Float64Array, change: Float64Array, curvature: number): void;
  /** -H g by the two-loop recursion; -g while nothing is known. */
  direction(gradient: Float64Array): Float64Array;
  clear(): void;
  readonly size: () => number;
}

/**
 * The last `capacity` pairs. H starts from gamma I with gamma = s.y / y.y of the newest pair.
 *
 * Nocedal, "Updating quasi-Newton matrices with limited storage", Mathematics of Computation 35
 * (1980); Nocedal, Wright, "Numerical Optimization", 2nd edition, algorithm 7.4 and equation 7.20.
 */
export function limitedMemory(capacity: number): Memory {
  let pairs: Pair[] = []; // oldest first
  let gamma = 1;
  return {
    push: (step, change, curvature) => {
      pairs.push({ step, change, weight: 1 / curvature });
      if (pairs.length > capacity) pairs.shift();
      gamma = curvature / dot(change, change);
    },
    direction: (gradient) => {
      const q = Float64Array.from(gradient);
      const alphas = new Float64Array(pairs.length);
      for (let i = pairs.length - 1; i >= 0; i--) {
        const { step, change, weight } = pairs[i];
        alphas[i] = weight * dot(step, q);
        addScaled(q, change, -alphas[i]);
      }
      for (let i = 0; i < q.length; i++) q[i] *= gamma;
      for (let i = 0; i < pairs.length; i++) {
        const { step, change, weight } = pairs[i];
        addScaled(q, step, alphas[i] - weight * dot(change, q));
      }
      for (let i = 0; i < q.length; i++) q[i] = -q[i];
      return q;
    },
    clear: () => {
      pairs = [];
      gamma = 1;
    },
    size: () => pairs.length,
  };
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** y <- y + factor x. */
export function addScaled(y: Float64Array, x: Float64Array, factor: number): void {
  for (let i = 0; i < y.length; i++) y[i] += factor * x[i];
}

/** The largest absolute value. */
export function infinityNorm(x: Float64Array): number {
  let largest = 0;
  for (const value of x) largest = Math.max(largest, Math.abs(value)); // NaN stays NaN
  return largest;
}
