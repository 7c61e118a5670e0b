/**
 * A problem whose smoothness grows without bound, solved in closed form:
 *
 *     f(y) = (1/d) sum_i cosh(a (y_i - s_i)),   g(x, y) = y'Qy / 2 - y'Bx,   so Phi* = 1.
 *
 * The further off it begins, the steeper it is: Phi(x_0) = cosh(rho).
 */
import { array, type NDArray, random, type Tensor } from "@etude/tensor";
import type { Arrays, BilevelProblem, HostBatches } from "../bilevel/index.ts";
import { randomOrthogonal } from "./orthogonal.ts";

const dimension = 5;
const steepness = 2;
/** Of the gradient of g (added, times a standard normal) and of f (relative). */
const noise = 0.1;

type Vector = { v: Tensor };
/** One draw of both noises: [d] for grad_y g, a factor's deviation for f. */
type Noise = { lower: Tensor; upper: Tensor };

export interface GrowingProblem {
  /** Q [d, d], B' [d, d] and s [d]. */
  readonly constants: Readonly<Record<"Q" | "BTransposed" | "s", NDArray>>;
  readonly problem: BilevelProblem<Vector, Vector, Noise>;
  /** Phi - 1 at x. */
  excess(x: Tensor): Tensor;
  /** The x at which Phi is cosh(rho). */
  start(rho: number): Float64Array;
}

const linspace = (low: number, high: number): number[] =>
  Array.from({ length: dimension }, (_, i) => low + ((high - low) * i) / (dimension - 1));

const matrix = (data: Float64Array): NDArray => array(data, { shape: [dimension, dimension] });

/** Q, B and s by the seed. */
export function growingProblem(seed: number): GrowingProblem {
  const draw = random.generator(seed).fork(1);
  const U = randomOrthogonal(dimension, draw);
  const V = randomOrthogonal(dimension, draw);
  const s = Float64Array.from({ length: dimension }, () => draw.normal());
  const [curvatures, scales] = [linspace(1, 4), linspace(1, 2)];
  const spectral = (values: readonly number[]): Float64Array =>
    entries((i, j) => sum((k) => U[i * dimension + k] * values[k] * U[j * dimension + k]));
  const Q = spectral(curvatures);
  const inverse = spectral(curvatures.map((value) => 1 / value));
  const B = entries((i, j) => V[i * dimension + j] * scales[j]);
  const map = entries((i, j) => sum((k) => inverse[i * dimension + k] * B[k * dimension + j]));
  const [QArray, BTransposed, mapTransposed, sArray] = [
    matrix(Q),
    matrix(entries((i, j) => B[j * dimension + i])),
    matrix(entries((i, j) => map[j * dimension + i])),
    array(s),
  ];
  const reach = (y: Tensor) => y.sub(sArray).mul(steepness);
  return {
    constants: { Q: QArray, BTransposed, s: sArray },
    problem: {
      upper: (_, { v: y }, { upper }) => {
        const u = reach(y);
        const mean = u.exp().add(u.neg().exp()).mul(0.5).mean();
        return mean.mul(upper.mul(noise).add(1));
      },
      lower: ({ v: x }, { v: y }, { lower }) =>
        y.matmul(QArray).mul(0.5).sub(x.matmul(BTransposed)).add(lower.mul(noise)).mul(y).sum(),
    },
    // cosh u - 1 = (e^(u/2) - e^(-u/2))^2 / 2, without the cancellation.
    excess: (x) => {
      const half = reach(x.matmul(mapTransposed)).mul(0.5);
      return half.exp().sub(half.neg().exp()).pow(2).mul(0.5).mean();
    },
    start: (rho) => {
      const y = s.map((value) => value + rho / steepness);
      const right = y.map((_, i) => sum((k) => Q[i * dimension + k] * y[k]));
      return right.map((_, i) => sum((k) => V[k * dimension + i] * right[k]) / scales[i]);
    },
  };
}

const sum = (of: (k: number) => number): number =>
  Array.from({ length: dimension }, (_, k) => of(k)).reduce((total, value) => total + value, 0);

const entries = (of: (i: number, j: number) => number): Float64Array =>
  Float64Array.from({ length: dimension * dimension }, (_, at) =>
    of(Math.floor(at / dimension), at % dimension),
  );

const purposes = { steps: 2, refinement: 3 } as const;

/** The noise of `steps` outer steps with `lowerSteps` steps of y each; the same for every method. */
export function growingNoise(
  seed: number,
  steps: number,
  lowerSteps: number,
): readonly HostBatches<Noise>[] {
  const draws = random.generator(seed).fork(purposes.steps);
  return Array.from({ length: steps }, (_, k) => {
    const draw = draws.fork(k);
    const one = () => drawn(draw);
    return {
      upper: one(),
      lowerHvp: one(),
      lowerMixed: one(),
      lowerSgd: Array.from({ length: lowerSteps }, one),
    };
  });
}

export function refinementNoise(seed: number, steps: number): Arrays<Noise>[] {
  const draw = random.generator(seed).fork(purposes.refinement);
  return Array.from({ length: steps }, () => drawn(draw));
}

const drawn = (draw: random.Generator): Arrays<Noise> => ({
  lower: array(Float64Array.from({ length: dimension }, () => draw.normal())),
  upper: array([draw.normal()], { dtype: "float64" }).reshape([]),
});
