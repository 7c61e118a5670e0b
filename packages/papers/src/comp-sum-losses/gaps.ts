/** Conditional optima and minimizability gaps: what is lost because one h must serve every x. */
import { UsageError } from "../contract/errors.ts";
import { checkTau, isLogarithm, phi } from "./transform.ts";

/**
 * The least conditional risk inf_h sum_y q_y l_tau(h, y) over complete H, for probabilities q (8):
 *
 *     [ (sum_y q_y^(1/(2-tau)))^(2-tau) - 1 ] / (1-tau)    tau in [0, 1) and (1, 2)
 *     -sum_y q_y log q_y at tau = 1;   (1 - max q) / (tau-1)  from tau = 2 on
 *
 * @throws UsageError for tau < 0 and for q that are no probabilities
 */
export function conditionalOptimum(q: ArrayLike<number>, tau: number): number {
  checkTau(tau);
  const probabilities = checkedProbabilities(q);
  const largest = Math.max(...probabilities);
  if (tau >= 2) return (1 - largest) / (tau - 1);
  if (isLogarithm(tau))
    return -probabilities.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0);
  // The largest is taken out: powers underflow as tau approaches 2.
  const power = 1 / (2 - tau);
  const sum = probabilities.reduce((sum, p) => sum + (p / largest) ** power, 0);
  return Math.expm1(Math.log(largest) + (2 - tau) * Math.log(sum)) / (1 - tau);
}

/** The least conditional zero-one risk, 1 - max q. */
export const zeroOneOptimum = (q: ArrayLike<number>): number =>
  1 - Math.max(...checkedProbabilities(q));

/**
 * C* where labels are certain and scores bounded, |h| <= bound: Phi^tau((n - 1) exp(-2 bound)) (11).
 *
 * @throws UsageError for tau < 0, a bound < 0, fewer than two classes
 */
export function deterministicOptimum(tau: number, n: number, bound: number): number {
  if (!(bound >= 0)) throw new UsageError(`the bound of the scores must be >= 0, got ${bound}`);
  if (!Number.isInteger(n) || n < 2)
    throw new UsageError(`scores are of a whole number of classes >= 2, got ${n}`);
  return phi((n - 1) * Math.exp(-2 * bound), tau);
}

/** Points x of a finite distribution. */
export interface FiniteDistribution {
  /** Probabilities of the classes at each point. */
  readonly conditional: readonly (readonly number[])[];
  /** Probability of each point. */
  readonly weights: readonly number[];
}

/**
 * The minimizability gap M_tau(H) = R*_tau(H) - E_x[C*_tau(H, x)] (9) of complete H on a finite
 * distribution: zero where one h is best at every point.
 *
 * @throws UsageError for tau < 0, or for what is no distribution
 */
export function minimizabilityGap({
  bestInClassRisk,
  tau,
  ...distribution
}: FiniteDistribution & { readonly bestInClassRisk: number; readonly tau: number }): number {
  return bestInClassRisk - meanOptimum(distribution, (q) => conditionalOptimum(q, tau));
}

/** {@link minimizabilityGap} of the zero-one loss. */
export const zeroOneGap = ({
  bestInClassRisk,
  ...distribution
}: FiniteDistribution & { readonly bestInClassRisk: number }): number =>
  bestInClassRisk - meanOptimum(distribution, zeroOneOptimum);

/**
 * An upper bound of the gap of l_tau by the best risk of l_0, the sum of exponentials: Phi^tau(R*_0(H))
 * - E_x[C*_tau(H, x)], by Jensen's inequality (10).
 */
export const gapUpperBound = ({
  bestSumExponential,
  tau,
  ...distribution
}: FiniteDistribution & { readonly bestSumExponential: number; readonly tau: number }): number =>
  phi(bestSumExponential, tau) - meanOptimum(distribution, (q) => conditionalOptimum(q, tau));

/** E_x of a quantity of the conditional distribution. */
export function meanOptimum(
  { conditional, weights }: FiniteDistribution,
  optimum: (q: readonly number[]) => number,
): number {
  checkedProbabilities(weights);
  if (conditional.length !== weights.length)
    throw new UsageError(
      `${conditional.length} conditional distributions for ${weights.length} weights`,
    );
  return weights.reduce((sum, weight, point) => sum + weight * optimum(conditional[point]), 0);
}

function checkedProbabilities(q: ArrayLike<number>): number[] {
  const values = Array.from(q);
  const sum = values.reduce((total, p) => total + p, 0);
  if (values.length > 0 && values.every((p) => p >= 0) && Math.abs(sum - 1) < 1e-6) return values;
  throw new UsageError(`probabilities must be >= 0 and add up to 1, got ${values.join(", ")}`);
}
