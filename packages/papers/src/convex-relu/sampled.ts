/**
 * The sampled convex program (section 5 of the paper, eq. 14): random unit first-layer weights, kept as
 * they are, and a lasso for the second layer:
 *
 *     min over a  l( sum_j h_j a_j, y ) + beta sum_j |a_j|,   h_j = (X u_j)_+
 *
 * It is problem (1) with fixed directions: scaling u_j by c and a_j by 1 / c turns
 * beta / 2 (|u|^2 + a^2) into beta |a|. So its optimum is never below that of (1), and tends to it.
 */
import { array, jit, type NDArray, type random, scan, type Tensor, where } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { bestDual } from "./certificate.ts";
import { type LossName, losses } from "./losses.ts";
import { requireWhole } from "./patterns.ts";
import { checkSamples, requirePositive, scalar } from "./program.ts";
import type { ReluNetwork } from "./recovery.ts";

export interface SampledOptions {
  /** N; not needed where `directions` are given. */
  readonly neurons?: number;
  readonly generator?: random.Generator;
  /** Unit first-layer weights [N, d], instead of random ones. */
  readonly directions?: NDArray;
  readonly beta: number;
  readonly loss?: Exclude<LossName, "hinge">;
  /** Stop when the duality gap of the lasso is this part of its objective: 1e-6. */
  readonly tolerance?: number;
  /** At most so many steps: 20 000. */
  readonly iterations?: number;
}

export interface SampledSolution {
  /** Rescaled so that |u_j| = |a_j|: its objective (1) is that of the lasso. */
  readonly network: ReluNetwork;
  /** The a of eq. 14, [N]. */
  readonly weights: NDArray;
  readonly objective: number;
  /** Objective minus a lower bound of what these neurons can reach. */
  readonly gap: number;
  readonly iterations: number;
}

/** Directions uniform on the unit sphere, [N, d]. */
export function sphere(neurons: number, d: number, generator: random.Generator): NDArray {
  const rows = Array.from({ length: neurons }, () => {
    const row = Array.from({ length: d }, () => generator.normal());
    const length = Math.hypot(...row);
    return row.map((entry) => entry / length);
  });
  return array(rows, { dtype: "float64" });
}

interface Fista<T> {
  readonly a: T;
  /** Where the gradient is taken. */
  readonly ahead: T;
  readonly momentum: T;
}

/**
 * FISTA (Beck, Teboulle 2009) with step 1 / |H|^2 for these losses, whose second derivative is at most
 * 1, and a restart of the momentum where it points uphill (O'Donoghue, Candes 2015).
 */
const stepsPerCall = 200;
const descend = jit(
  (H: Tensor, y: Tensor, start: Fista<Tensor>, beta: Tensor, step: Tensor, loss: LossName) => {
    const { value, slope } = losses[loss];
    const [last] = scan(
      ({ a, ahead, momentum }: Fista<Tensor>) => {
        const gradient = H.transpose().matmul(slope(H.matmul(ahead), y));
        const moved = ahead.sub(gradient.mul(step));
        const next = moved.sign().mul(moved.abs().sub(beta.mul(step)).relu());
        const change = next.sub(a);
        const uphill = ahead.sub(next).mul(change).sum().greater(0);
        const grown = momentum.mul(momentum).mul(4).add(1).sqrt().add(1).mul(0.5);
        const factor = where(uphill, 0, momentum.sub(1).div(grown));
        return [
          { a: next, ahead: next.add(change.mul(factor)), momentum: where(uphill, 1, grown) },
          null,
        ];
      },
      start,
      null,
      { length: stepsPerCall },
    );
    const outputs = H.matmul(last.a);
    const nu = slope(outputs, y).neg();
    return {
      state: last,
      objective: value(outputs, y).sum().add(last.a.abs().sum().mul(beta)),
      nu,
      correlation: H.transpose().matmul(nu).abs().max(),
    };
  },
);

const features = jit((X: Tensor, U: Tensor, start: Tensor) => {
  const H = X.matmul(U.transpose()).relu();
  // The power method for |H|^2.
  const [top] = scan(
    (x: Tensor) => {
      const image = H.transpose().matmul(H.matmul(x));
      return [image.div(image.mul(image).sum().sqrt().maximum(1e-300)), null];
    },
    start,
    null,
    { length: 200 },
  );
  const image = H.matmul(top);
  return { H, square: image.mul(image).sum() };
});

/**
 * Trains the second layer of a network with random first-layer weights to its optimum.
 *
 * @param X [n, d]
 * @param y [n]: numbers (squared), 0 and 1 (logistic)
 * @example
 * const { network, objective } = await sampledConvexProgram(X, y, {
 *   neurons: 400, beta: 0.1, generator: random.generator(1),
 * });
 */
export async function sampledConvexProgram(
  X: NDArray,
  y: NDArray,
  options: SampledOptions,
): Promise<SampledSolution> {
  const { beta, loss = "squared", tolerance = 1e-6, iterations = 20_000 } = options;
  requirePositive("beta", beta);
  requirePositive("tolerance", tolerance);
  checkSamples(X, y, loss);
  if (losses[loss].curvature === Number.POSITIVE_INFINITY)
    throw new UsageError(
      `the ${loss} loss has kinks, which FISTA cannot take; choose squared or logistic`,
    );
  const U = directionsOf(options, X.shape[1]);
  const neurons = U.shape[0];
  const start = array(new Float64Array(neurons).fill(1), { shape: [neurons] });
  const { H, square } = await features(X.astype("float64"), U, start);
  // A little above the estimate, which is a lower bound.
  const step = scalar(1 / Math.max(square.item() * 1.02, 1e-300));
  const targets = y.astype("float64");
  const zero = array(new Float64Array(neurons), { shape: [neurons] });
  let state: Fista<NDArray> = { a: zero, ahead: zero, momentum: scalar(1) };
  for (let done = stepsPerCall; ; done += stepsPerCall) {
    const result = await descend(H, targets, state, scalar(beta), step, loss);
    state = result.state;
    const objective = result.objective.item();
    const limit = beta / Math.max(result.correlation.item(), Number.MIN_VALUE);
    const gap = objective - bestDual(targets, Float64Array.from(result.nu.data), limit, loss);
    if (gap <= tolerance * objective || done >= iterations)
      return { network: balanced(U, state.a), weights: state.a, objective, gap, iterations: done };
  }
}

function directionsOf({ neurons, generator, directions }: SampledOptions, d: number): NDArray {
  if (directions !== undefined) {
    if (directions.rank !== 2 || directions.shape[1] !== d)
      throw new UsageError(`directions must be [N, ${d}], got [${directions.shape.join(", ")}]`);
    return directions.astype("float64");
  }
  if (neurons === undefined || generator === undefined)
    throw new UsageError("give directions, or a number of neurons and a generator");
  requireWhole("neurons", neurons, 1);
  return sphere(neurons, d, generator);
}

/** Units with a weight, as |u_j| = |a_j| = sqrt of it. */
function balanced(U: NDArray, weights: NDArray): ReluNetwork {
  const d = U.shape[1];
  const used = Array.from(weights.data.keys()).filter((j) => weights.data[j] !== 0);
  const root = (j: number): number => Math.sqrt(Math.abs(weights.data[j]));
  return {
    U: array(
      Float64Array.from(
        used.flatMap((j) =>
          Array.from(U.data.slice(j * d, (j + 1) * d), (entry) => entry * root(j)),
        ),
      ),
      { shape: [used.length, d] },
    ),
    a: array(
      Float64Array.from(used, (j) => Math.sign(weights.data[j]) * root(j)),
      { shape: [used.length] },
    ),
  };
}
