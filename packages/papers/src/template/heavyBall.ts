/**
 * The method: gradient descent with momentum, the "heavy ball", on least squares
 *
 *     f(w) = |X w - y|^2 / (2 n)
 *
 * A step adds to the step along the gradient a share of the step before:
 *
 *     w_(k+1) = w_k - a grad f(w_k) + b (w_k - w_(k-1))
 *
 * Reference: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.
 */
import { grad, jit, linalg, type NDArray, scan, type Tensor } from "@etude/tensor";

/** Step size a and share b of the step before; b = 0 is plain gradient descent. */
export interface Coefficients {
  readonly stepSize: number;
  readonly momentum: number;
}

/** The least and the greatest curvature of f: the extreme eigenvalues of its Hessian, X^T X / n. */
export interface Curvature {
  readonly least: number;
  readonly greatest: number;
}

/** f at weights w [d], for inputs x [n, d] and targets y [n]. */
export const halfMeanSquare = (w: Tensor, x: Tensor, y: Tensor): Tensor =>
  x.matmul(w).sub(y).pow(2).mean().div(2);

const spectrum = jit((x: Tensor) => linalg.eigh(x.transpose().matmul(x).div(x.shape[0]))[0]);

/** @param x float64 [n, d], of full column rank */
export async function curvatureOf(x: NDArray): Promise<Curvature> {
  const { data } = await spectrum(x);
  return { least: Number(data[0]), greatest: Number(data[data.length - 1]) };
}

/** The best plain descent: a = 2 / (L + m), which shrinks the error by (q - 1) / (q + 1) a step, q = L / m. */
export const plainDescent = ({ least, greatest }: Curvature): Coefficients => ({
  stepSize: 2 / (greatest + least),
  momentum: 0,
});

/** The best heavy ball, whose error shrinks by (sqrt q - 1) / (sqrt q + 1) a step. */
export function heavyBall({ least, greatest }: Curvature): Coefficients {
  const [small, large] = [Math.sqrt(least), Math.sqrt(greatest)];
  return {
    stepSize: 4 / (large + small) ** 2,
    momentum: ((large - small) / (large + small)) ** 2,
  };
}

/**
 * Weights after each step.
 *
 * @param x float64 [n, d]
 * @param y float64 [n]
 * @param start float64 [d]
 * @returns float64 [steps, d]
 *
 * @example
 * const path = await descend(x, y, start, heavyBall(await curvatureOf(x)), 60);
 */
export async function descend(
  x: NDArray,
  y: NDArray,
  start: NDArray,
  { stepSize, momentum }: Coefficients,
  steps: number,
): Promise<NDArray> {
  // One compiled loop: a call a step would cost more than the step.
  const walk = jit((x: Tensor, y: Tensor, start: Tensor) => {
    const [, path] = scan(
      ([now, before]: [Tensor, Tensor]) => {
        const slope = grad(halfMeanSquare)(now, x, y);
        const next = now.sub(slope.mul(stepSize)).add(now.sub(before).mul(momentum));
        return [[next, now], next];
      },
      [start, start] as [Tensor, Tensor],
      undefined,
      { length: steps },
    );
    return path;
  });
  return walk(x, y, start);
}

const normalEquations = jit((x: Tensor, y: Tensor) =>
  linalg.solve(x.transpose().matmul(x), x.transpose().matmul(y)),
);

/** The weights that minimise f, from the normal equations: float64 [d]. */
export const minimiser = (x: NDArray, y: NDArray): Promise<NDArray> => normalEquations(x, y);
