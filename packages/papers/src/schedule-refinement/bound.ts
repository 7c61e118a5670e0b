/**
 * The last iterate of SGD: which weights, hence which learning rates, make its bound least. Equation
 * numbers are those of the README of this folder.
 *
 * For a convex f with stochastic subgradients g_t, D = |x_1 - x*| and weights w_t >= 0,
 *
 *     x_{t+1} = x_t - eta_t g_t,   eta_t = w_t (w_{t+1} + ... + w_T) / (w_1 + ... + w_T)       (2)
 *     E[f(x_T) - f*] <= E[(D^2 + sum_t w_t^2 |g_t|^2) / (2 sum_t w_t)]                         (3)
 *
 * Defazio, Cutkosky, Mehta, Mishchenko, arXiv:2310.07831.
 */
import { UsageError } from "../contract/errors.ts";
import { checkDistance, checkNorms, checkPositive, checkWeights } from "./arguments.ts";

/**
 * The weights with the least bound for gradient norms that are known (4):
 *
 *     w_t = |g_t|^-2 D / sqrt(sum_p |g_p|^-2)
 *
 * The least bound itself is D / sqrt(sum_p |g_p|^-2). Why: for a fixed sum of the weights, sum w^2 G^2
 * is least at w proportional to G^-2; what is left is (D^2 / W + W / Q) / 2 with Q = sum G^-2, least at
 * W = D sqrt(Q).
 *
 * @param norms positive, one a step
 * @param distance D, from the start to the minimiser
 */
export function optimalWeights(norms: ArrayLike<number>, distance: number): Float64Array {
  const known = checkPositive(checkNorms(norms));
  checkDistance(distance);
  const inverse = known.map((norm) => norm ** -2);
  const scale = distance / Math.sqrt(sum(inverse));
  return inverse.map((value) => value * scale);
}

/**
 * The right side of (3) for these weights and norms.
 *
 * @example lastIterateBound(optimalWeights(norms, 3), norms, 3) // 3 / sqrt(sum of norms^-2)
 */
export function lastIterateBound(
  weights: ArrayLike<number>,
  norms: ArrayLike<number>,
  distance: number,
): number {
  const w = checkWeights(weights);
  const known = checkNorms(norms, w.length);
  checkDistance(distance);
  const squares = w.reduce((total, weight, t) => total + (weight * known[t]) ** 2, 0);
  return (distance ** 2 + squares) / (2 * sum(w));
}

/**
 * The learning rates that weights stand for (2). The last one is 0: the gradient of the last step
 * cannot be used for the point it was taken at.
 */
export function ratesFromWeights(weights: ArrayLike<number>): Float64Array {
  const w = checkWeights(weights);
  const total = sum(w);
  // From the end and in float64: tails of long runs are sums of 1e5 terms and more.
  let tail = 0;
  const rates = new Float64Array(w.length);
  for (let t = w.length - 1; t >= 0; t--) {
    rates[t] = (w[t] * tail) / total;
    tail += w[t];
  }
  return rates;
}

/**
 * The schedule that weights stand for (10): (2) with its largest value made 1.
 *
 * @example scheduleFromWeights([1, 1, 1, 1, 1]) // [1, 0.75, 0.5, 0.25, 0]
 */
export function scheduleFromWeights(weights: ArrayLike<number>): Float64Array {
  const rates = ratesFromWeights(weights);
  const largest = rates.reduce((most, rate) => Math.max(most, rate), 0);
  if (largest === 0)
    throw new UsageError("only one weight is positive: no step has a rate above 0");
  return rates.map((rate) => rate / largest);
}

/**
 * The rates that are best in the worst case, when of the norms only |g_t| <= G is known (5): linear
 * decay, whose bound D G / sqrt(T) no other choice improves.
 *
 *     eta_t = D / (G sqrt(T)) (1 - t / T),  t = 1 ... T
 */
export function worstCaseRates(steps: number, distance: number, largestNorm: number): Float64Array {
  checkDistance(distance);
  checkPositive(checkNorms([largestNorm, largestNorm]));
  const first = distance / (largestNorm * Math.sqrt(steps));
  return Float64Array.from({ length: steps }, (_, t) => first * (1 - (t + 1) / steps));
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
