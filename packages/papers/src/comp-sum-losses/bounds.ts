/**
 * H-consistency bounds: how much a small comp-sum loss says about the zero-one loss, for a given
 * class H of scorings. H must be symmetric (classes may change places) and complete (scores at a
 * point take all values): all functions, linear ones without a bound on the weights, networks.
 */
import { UsageError } from "../contract/errors.ts";
import { checkTau, isLogarithm } from "./transform.ts";

export interface HConsistencyTransform {
  /** The least excess of the conditional loss where the zero-one loss exceeds its best by beta in [0, 1]. */
  T(beta: number): number;
  /** The inverse of T on [0, T(1)], by bisection; 1 beyond, as no zero-one loss exceeds its best by more. */
  gamma(t: number): number;
  /** A simpler and larger bound (7): square roots below tau = 2. */
  gammaSimple(t: number): number;
}

/**
 * The function of the bound (6) and its inverse, for n classes:
 *
 *     T = 2^(1-tau) / (1-tau) [1 - m],  0 <= tau < 1      T = -m' at tau = 1, the entropy of two classes
 *     T = [m - 1] / ((tau-1) n^(tau-1)),  1 < tau < 2     T = beta / ((tau-1) n^(tau-1)),  tau >= 2
 *
 * with m = ( ((1+beta)^(1/(2-tau)) + (1-beta)^(1/(2-tau))) / 2 )^(2-tau).
 *
 * @throws UsageError for tau < 0, n that is no whole number >= 2, beta outside [0, 1] or t < 0
 */
export function hConsistencyTransform(tau: number, n: number): HConsistencyTransform {
  checkTau(tau);
  if (!Number.isInteger(n) || n < 2)
    throw new UsageError(`a bound is for a whole number of classes >= 2, got ${n}`);
  const T = (beta: number): number => {
    if (!(beta >= 0 && beta <= 1))
      throw new UsageError(`an excess of the zero-one loss is in [0, 1], got ${beta}`);
    return excess(beta, tau, n);
  };
  const checked = (t: number): number => {
    if (t >= 0) return t;
    throw new UsageError(`an excess of a loss is >= 0, got ${t}`);
  };
  return {
    T,
    gamma: (t) => inverse(T, checked(t)),
    gammaSimple: (t) => simple(checked(t), tau, n),
  };
}

function excess(beta: number, tau: number, n: number): number {
  if (isLogarithm(tau)) return (logPower(1 + beta) + logPower(1 - beta)) / 2;
  if (tau >= 2) return beta / ((tau - 1) * n ** (tau - 1));
  const lessOne = Math.expm1(logOfMean(beta, tau));
  if (tau < 1) return (-(2 ** (1 - tau)) / (1 - tau)) * lessOne;
  return lessOne / ((tau - 1) * n ** (tau - 1));
}

const logPower = (p: number): number => (p > 0 ? p * Math.log(p) : 0);

/** log m, with the larger power taken out, which would overflow as tau approaches 2. */
function logOfMean(beta: number, tau: number): number {
  const power = 1 / (2 - tau);
  const ratio = ((1 - beta) / (1 + beta)) ** power;
  return Math.log1p(beta) + (2 - tau) * (Math.log1p(ratio) - Math.LN2);
}

function inverse(T: (beta: number) => number, t: number): number {
  if (t >= T(1)) return 1;
  let [low, high] = [0, 1];
  // Halving until the two are neighbours: at most 1075 times, about 60 in practice.
  for (;;) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) return middle;
    if (T(middle) < t) low = middle;
    else high = middle;
  }
}

function simple(t: number, tau: number, n: number): number {
  if (tau < 1) return Math.sqrt(2 ** tau * (2 - tau) * t);
  return tau < 2 ? Math.sqrt(2 * n ** (tau - 1) * t) : (tau - 1) * n ** (tau - 1) * t;
}

/**
 * The right side of the bound (6) on R_01(h) - R*_01(H):
 *
 *     Gamma_tau( R_tau(h) - R*_tau(H) + M_tau(H) ) - M_01(H)
 *
 * Best-in-class risks are infima over H, not losses of a run on test data: know them, as for a finite
 * distribution, or take the gaps and R* together, as R* - M is the mean of conditional optima.
 *
 * @throws UsageError as {@link hConsistencyTransform}; an excess below zero by rounding counts as 0
 */
export function hConsistencyBound(of: {
  readonly surrogateRisk: number;
  readonly bestSurrogate: number;
  readonly gap: number;
  readonly gap01: number;
  readonly tau: number;
  readonly n: number;
}): number {
  const excess = of.surrogateRisk - of.bestSurrogate + of.gap;
  const rounding = 1e-12 * Math.max(1, Math.abs(of.surrogateRisk));
  const { gamma } = hConsistencyTransform(of.tau, of.n);
  return gamma(excess < 0 && excess > -rounding ? 0 : excess) - of.gap01;
}
