/**
 * How far from the optimum a network can be. The dual of the training problem (eq. 5, here for any
 * convex loss with conjugate l*) is
 *
 *     max over nu of  -sum_k l_k*(-nu_k)   s.t.  |nu^T (X u)_+| <= beta  for all |u| <= 1
 *
 * so a nu that keeps the constraint bounds the optimum from below. Take nu = -l'(yhat), which is the
 * dual optimum at the optimal yhat, and M = max over u of |nu^T (X u)_+|; then c nu is feasible for all
 * c <= beta / M, and the best c gives the bound.
 */
import { array, iota, jit, linalg, type NDArray, random, scan, type Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { coneBound, coneMaximum } from "./cones.ts";
import { type LossName, losses } from "./losses.ts";
import { changes, type Patterns } from "./patterns.ts";
import { type ConvexSolution, checkSamples, requirePositive } from "./program.ts";
import { networkObjective, predict, type ReluNetwork, recoverNetwork } from "./recovery.ts";

export interface DualityGap {
  /** Objective (1) of the recovered network. */
  readonly primal: number;
  /** No network (scope "all"), or no feasible point of (3) over these patterns (scope "patterns"), has less. */
  readonly dual: number;
  /**
   * primal - dual. Over patterns it may be below zero: an iterate that violates cones a little recovers
   * a network whose own patterns are not among the given ones, and which may be better than all of
   * those. Over all networks it cannot.
   */
  readonly gap: number;
  /** M, or an upper bound of it; beta at an optimum. */
  readonly maxCorrelation: number;
}

export interface GapOptions {
  readonly loss?: LossName;
  /**
   * Which optimum the bound is for: with "patterns" that of the convex program over `patterns`, with
   * "all" that of problem (1) itself. Without patterns: "all".
   */
  readonly patterns?: Patterns;
  readonly scope?: "patterns" | "all";
  /**
   * How M is found over patterns: "exact" by a projection on each cone, "multipliers" by those of the
   * solver, which are as good once it has converged and cost nothing. Multipliers where the solution
   * has them.
   */
  readonly cones?: "exact" | "multipliers";
}

/**
 * Primal value, lower bound and gap of a solution.
 *
 * Over all patterns M is exact for two columns (one and the bias), where the directions are scanned;
 * otherwise it is bounded by `correlationBound`, and the bound of the optimum is valid but loose.
 *
 * @param X [n, d]
 * @param y [n]
 */
export async function dualityGap(
  X: NDArray,
  y: NDArray,
  solution: Pick<ConvexSolution, "v" | "w" | "multipliers" | "splitOutputs">,
  beta: number,
  options: GapOptions = {},
): Promise<DualityGap> {
  const { loss = "squared", patterns } = options;
  const { scope = patterns === undefined ? "all" : "patterns" } = options;
  requirePositive("beta", beta);
  checkSamples(X, y, loss);
  const network = recoverNetwork(solution);
  if (scope === "all") return networkGap(X, y, network, beta, loss);
  if (patterns === undefined)
    throw new UsageError('a gap over patterns needs the patterns; scope "all" does not');
  const cones = options.cones ?? (solution.multipliers === undefined ? "exact" : "multipliers");
  const given = cones === "multipliers" ? solution.multipliers : undefined;
  if (cones === "multipliers" && given === undefined)
    throw new UsageError('this solution has no multipliers; take cones "exact"');
  const primal = await networkObjective(X, y, network, beta, loss);
  const directions = [await dualDirection(X, y, network, loss)];
  if (solution.splitOutputs !== undefined)
    directions.push(await slopeDirection(solution.splitOutputs, y, loss));
  // Every direction gives a bound; the best counts.
  return directions
    .map((nu) => withBound(primal, y, nu, beta, patternCorrelation(X, nu, patterns, given), loss))
    .reduce((best, other) => (other.dual > best.dual ? other : best));
}

/** The gap of any network to the optimum of problem (1), however it was trained. */
export async function networkGap(
  X: NDArray,
  y: NDArray,
  network: ReluNetwork,
  beta: number,
  loss: LossName,
): Promise<DualityGap> {
  const primal = await networkObjective(X, y, network, beta, loss);
  const nu = await dualDirection(X, y, network, loss);
  const maxCorrelation = X.shape[1] === 2 ? correlation2d(X, nu) : await correlationBound(X, nu);
  return withBound(primal, y, nu, beta, maxCorrelation, loss);
}

/** nu = -l'(yhat); the residual y - yhat for the squared loss. */
export async function dualDirection(
  X: NDArray,
  y: NDArray,
  network: ReluNetwork,
  loss: LossName,
): Promise<Float64Array> {
  return slopeDirection(await predict(network, X), y, loss);
}

async function slopeDirection(outputs: NDArray, y: NDArray, loss: LossName): Promise<Float64Array> {
  const slopes = await slopesAt(outputs, y.astype("float64"), loss);
  return Float64Array.from(slopes.data, (slope) => -slope);
}

const slopesAt = jit((outputs: Tensor, y: Tensor, loss: LossName) =>
  losses[loss].slope(outputs, y),
);

function withBound(
  primal: number,
  y: NDArray,
  nu: Float64Array,
  beta: number,
  maxCorrelation: number,
  loss: LossName,
): DualityGap {
  const dual = bestDual(y, nu, maxCorrelation === 0 ? 1 : beta / maxCorrelation, loss);
  return { primal, dual, gap: primal - dual, maxCorrelation };
}

/** max over 0 <= c <= limit of the dual objective at c nu, a concave function of c. */
export function bestDual(y: NDArray, nu: Float64Array, limit: number, loss: LossName): number {
  const value = (c: number): number =>
    nu.reduce((sum, entry, k) => sum + losses[loss].dual(c * entry, y.data[k]), 0);
  const ratio = (Math.sqrt(5) - 1) / 2;
  // Golden section; the domain of the conjugate contains c = 0, so go down where both are outside.
  let [low, high] = [0, Math.min(limit, 1e6)];
  let [left, right] = [high - ratio * (high - low), low + ratio * (high - low)];
  let [atLeft, atRight] = [value(left), value(right)];
  for (let step = 0; step < 90; step++) {
    if (atLeft >= atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - ratio * (high - low);
      atLeft = value(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + ratio * (high - low);
      atRight = value(right);
    }
  }
  // 1 is the best factor at an optimum, the limit where the constraint binds.
  const candidates = [low, high, Math.min(1, limit), limit].filter((c) => c <= limit);
  return Math.max(...candidates.map(value));
}

/** M over the cones of these patterns, both signs of nu. */
function patternCorrelation(
  X: NDArray,
  nu: Float64Array,
  { D, count }: Patterns,
  multipliers: NDArray | undefined,
): number {
  const [n, d] = X.shape;
  let largest = 0;
  for (let i = 0; i < count; i++) {
    const pattern = D.subarray(i * n, (i + 1) * n);
    const sides = Float64Array.from(pattern, (on) => 2 * on - 1);
    const q = new Float64Array(d);
    for (let k = 0; k < n; k++) {
      if (pattern[k] === 1) for (let j = 0; j < d; j++) q[j] += nu[k] * X.data[k * d + j];
    }
    const cone = { X: X.data, sides, n, d };
    for (const block of [i, count + i]) {
      const pull = block === i ? q : q.map((entry) => -entry);
      const mu = multipliers?.data.subarray(block * n, (block + 1) * n);
      const reached = mu === undefined ? coneMaximum(cone, pull) : coneBound(cone, pull, mu);
      largest = Math.max(largest, reached);
    }
  }
  return largest;
}

/** M exactly for d = 2: between two angles at which a sample changes sides nu^T (X u)_+ is linear in u. */
export function correlation2d(X: NDArray, nu: ArrayLike<number>): number {
  const n = X.shape[0];
  const at = (angle: number) => {
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    let [value, qx, qy] = [0, 0, 0];
    for (let k = 0; k < n; k++) {
      const [a, b] = [X.data[2 * k], X.data[2 * k + 1]];
      if (a * c + b * s <= 0) continue;
      value += nu[k] * (a * c + b * s);
      qx += nu[k] * a;
      qy += nu[k] * b;
    }
    return { value: Math.abs(value), steepest: Math.atan2(qy, qx) };
  };
  const angles = [...changes(X)].sort((a, b) => a - b);
  const candidates = angles.flatMap((angle, i) => {
    const next = i + 1 < angles.length ? angles[i + 1] : angles[0] + 2 * Math.PI;
    const { steepest } = at((angle + next) / 2);
    // A candidate outside its arc is a point like any other, so it need not be sorted out.
    return [angle, steepest, steepest + Math.PI];
  });
  return Math.max(0, ...candidates.map((angle) => at(angle).value));
}

/**
 * An upper bound of M over all directions, for any d. With (t)_+ = (t + |t|) / 2 and Cauchy's inequality,
 *
 *     nu^T (X u)_+ <= 1/2 |X^T nu| + 1/2 sqrt( sum_k nu_k^+ ) sqrt( largest eigenvalue of X^T diag(nu^+) X )
 *
 * for |u| <= 1, and likewise for -nu.
 */
export async function correlationBound(X: NDArray, nu: ArrayLike<number>): Promise<number> {
  const { one, two } = await spectralParts(X.astype("float64"), array(Float64Array.from(nu)));
  return Math.max(one.item(), two.item());
}

const spectralParts = jit((X: Tensor, nu: Tensor) => {
  const pull = X.transpose().matmul(nu);
  const length = pull.mul(pull).sum().sqrt();
  const bound = (side: Tensor): Tensor => {
    const weighted = X.transpose().mul(side).matmul(X);
    const top = linalg.eigh(weighted)[0].slice(-1);
    return length.add(side.sum().mul(top.relu()).sqrt()).mul(0.5);
  };
  return { one: bound(nu.relu()), two: bound(nu.neg().relu()) };
});

/**
 * A lower bound of M by looking for it: from random directions, repeatedly towards the gradient
 * X^T D(u) nu of the active pattern. Above beta it proves that a pattern which was not sampled would
 * lower the optimum.
 */
export async function searchCorrelation(
  X: NDArray,
  nu: ArrayLike<number>,
  seed: number,
): Promise<number> {
  const found = await search(X.astype("float64"), array(Float64Array.from(nu)), random.key(seed));
  return found.item();
}

/** Starts for each sign of nu, and steps from each. */
const [starts, steps] = [64, 20];

const search = jit((X: Tensor, nu: Tensor, key: Tensor) => {
  const signs = iota(2 * starts, "float64")
    .less(starts)
    .astype("float64")
    .mul(2)
    .sub(1)
    .reshape([2 * starts, 1]);
  const unit = (U: Tensor): Tensor =>
    U.div(U.mul(U).sum(-1, { keepDims: true }).sqrt().maximum(1e-300));
  const U = unit(random.normal(key, [2 * starts, X.shape[1]], { dtype: "float64" }));
  const [, reached] = scan(
    (U: Tensor) => {
      const sides = U.matmul(X.transpose());
      const active = sides.greater(0).astype("float64").mul(nu).mul(signs);
      return [unit(active.matmul(X)), sides.mul(active).sum(-1).max()];
    },
    U,
    null,
    { length: steps },
  );
  return reached.max();
});
