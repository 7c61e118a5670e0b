/**
 * A bound for any schedule, and the schedule that makes it least by descent (7).
 *
 * From the lemma that turns a bound for the average iterate into one for the last, with
 * S_k = eta_k + ... + eta_T and Q_k = eta_k^2 |g_k|^2 + ... + eta_T^2 |g_T|^2,
 *
 *     B(eta) = (D^2 + Q_1) / (2 S_1) + (1/2) sum_{k<T} eta_k Q_k / (S_k S_{k+1})
 */
import { lbfgs } from "@etude/learn";
import { UsageError } from "../contract/errors.ts";
import { checkDistance, checkNorms, checkPositive } from "./arguments.ts";

export interface BoundAndGradient {
  readonly value: number;
  /** dB / d eta_t, one a step. */
  readonly gradient: Float64Array;
}

/**
 * B(eta) (7) and its gradient, in time proportional to the number of steps.
 *
 * @param rates positive, one a step
 * @param norms one a step
 * @param distance D, from the start to the minimiser
 */
export function scheduleBound(
  rates: ArrayLike<number>,
  norms: ArrayLike<number>,
  distance: number,
): BoundAndGradient {
  const known = checkNorms(norms, rates.length);
  checkDistance(distance);
  const wrong = Array.prototype.findIndex.call(rates, (rate: number) => !(rate > 0));
  if (wrong >= 0)
    throw new UsageError(`rate ${rates[wrong]} at step ${wrong}: the bound needs positive rates`);
  return boundOf(Float64Array.from(rates), known, distance);
}

function boundOf(eta: Float64Array, norms: Float64Array, distance: number): BoundAndGradient {
  const steps = eta.length;
  const tails = new Float64Array(steps + 1);
  const squares = new Float64Array(steps + 1);
  for (let k = steps - 1; k >= 0; k--) {
    tails[k] = tails[k + 1] + eta[k];
    squares[k] = squares[k + 1] + (eta[k] * norms[k]) ** 2;
  }
  const start = (distance ** 2 + squares[0]) / (2 * tails[0]);
  // c_k = eta_k Q_k / (2 S_k S_{k+1}); rate j occurs in Q_k and S_k for k <= j, in S_{k+1} for k < j.
  let value = start;
  let inSquares = 0; // sum over k <= j of eta_k / (S_k S_{k+1})
  let inTails = 0; // sum over k <= j of c_k / S_k
  let inNextTails = 0; // sum over k < j of c_k / S_{k+1}
  const gradient = new Float64Array(steps);
  for (let j = 0; j < steps; j++) {
    let own = 0;
    let next = 0;
    if (j < steps - 1) {
      const share = eta[j] / (tails[j] * tails[j + 1]);
      const c = (share * squares[j]) / 2;
      value += c;
      inSquares += share;
      inTails += c / tails[j];
      next = c / tails[j + 1];
      own = c / eta[j];
    }
    gradient[j] =
      (-start + eta[j] * norms[j] ** 2) / tails[0] +
      own +
      eta[j] * norms[j] ** 2 * inSquares -
      inTails -
      inNextTails;
    inNextTails += next;
  }
  return { value, gradient };
}

export interface NumericalOptions {
  /** Stop where no derivative is larger: 1e-10, for norms of mean 1 and D = 1. */
  readonly tolerance?: number;
  /** At most so many evaluations: 100,000. */
  readonly maxEvaluations?: number;
  /** The least rate, relative to D over the mean norm: 1e-8. */
  readonly least?: number;
  readonly signal?: AbortSignal;
}

export interface NumericalSchedule {
  /** Learning rates, in units of D over a norm. */
  readonly rates: Float64Array;
  readonly bound: number;
  /** Whether a minimum was reached, as far as float64 can tell. */
  readonly converged: boolean;
  readonly evaluations: number;
}

/**
 * Rates that make B (7) least: L-BFGS, from D / sqrt(T) at every step.
 *
 * B is homogeneous: B(eta D / c; c G, D) = c D B(eta; G, 1). So the search is for norms of mean 1 and
 * D = 1, and the shape found depends on neither. Rates stay above the least one as
 * eta = least + exp(theta). B need not be convex, so a minimum may be a local one. The last rate comes
 * out above its neighbours, an artefact of the bound: a gradient after the last point costs nothing
 * but its own square.
 *
 * @param norms positive, one a step: of noisy runs filter them first
 * @throws UsageError for norms that are not positive
 */
export async function numericalSchedule(
  norms: ArrayLike<number>,
  distance: number,
  options: NumericalOptions = {},
): Promise<NumericalSchedule> {
  const { tolerance = 1e-10, maxEvaluations = 100_000, least = 1e-8, signal } = options;
  const known = checkPositive(checkNorms(norms));
  checkDistance(distance);
  const mean = known.reduce((total, norm) => total + norm, 0) / known.length;
  const scaled = known.map((norm) => norm / mean);
  const ratesAt = (theta: Float64Array) => theta.map((value) => least + Math.exp(value));
  const start = new Float64Array(known.length).fill(-Math.log(known.length) / 2);
  const result = await lbfgs(
    (theta) => {
      const rates = ratesAt(theta);
      const { value, gradient } = boundOf(rates, scaled, 1);
      return { value, gradient: gradient.map((slope, t) => slope * (rates[t] - least)) };
    },
    start,
    {
      memory: 20,
      gradientTolerance: tolerance,
      relativeDecrease: 0,
      maxIterations: maxEvaluations,
      maxEvaluations,
      signal,
    },
  );
  return {
    rates: ratesAt(result.x).map((rate) => (rate * distance) / mean),
    bound: result.value * distance * mean,
    // "lineSearch" is where rounding ends it: nothing decreases B any more.
    converged: ["gradient", "decrease"].includes(result.reason) || result.gradientNorm < 1e-7,
    evaluations: result.evaluations,
  };
}
