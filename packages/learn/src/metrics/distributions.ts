/** Tails and quantiles of the normal and of Student's t distribution, to about 1e-12 relatively. */
import { fail } from "../errors.ts";

/** P(Z > x) of the standard normal distribution, x >= 0. */
function normalTail(x: number): number {
  const z = x / Math.SQRT2;
  if (z < 3) {
    // erf z = 2 / sqrt(pi) exp(-z^2) sum_n 2^n z^(2 n + 1) / (1 3 5 ... (2 n + 1)), all terms positive.
    let [term, sum] = [z, z];
    for (let n = 1; term > 1e-17 * sum; n++) {
      term *= (2 * z * z) / (2 * n + 1);
      sum += term;
    }
    return 0.5 - (Math.exp(-z * z) * sum) / Math.sqrt(Math.PI);
  }
  // erfc z = exp(-z^2) / sqrt(pi) / (z + (1/2) / (z + 1 / (z + (3/2) / (z + ...)))).
  let fraction = z;
  for (let n = 60; n >= 1; n--) fraction = z + n / 2 / fraction;
  return Math.exp(-z * z) / (2 * Math.sqrt(Math.PI) * fraction);
}

/**
 * log(Gamma(a + 1/2) / Gamma(a)): its expansion for large a, reached by Gamma(a + 1) = a Gamma(a). The
 * difference of two logarithms of Gamma would lose digits.
 */
function logGammaStep(a: number): number {
  if (a < 40) return logGammaStep(a + 1) + Math.log(a / (a + 0.5));
  const r = 1 / (a * a);
  return 0.5 * Math.log(a) - (1 / (8 * a)) * (1 - r * (1 / 24 - r * (1 / 80 - r * (17 / 1792))));
}

/** The continued fraction of the incomplete beta function, by Lentz's method. */
function betaFraction(a: number, b: number, x: number): number {
  const guard = (value: number) => (Math.abs(value) < 1e-300 ? 1e-300 : value);
  let c = 1;
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 20_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guard(1 + even * d);
    c = guard(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guard(1 + odd * d);
    c = guard(1 + odd / c);
    const change = d * c;
    fraction *= change;
    if (Math.abs(change - 1) < 1e-16) break;
  }
  return fraction;
}

/** P(T > t), t >= 0: half the regularised incomplete beta function I_x(nu/2, 1/2), x = nu / (nu + t^2). */
function studentTail(t: number, freedom: number): number {
  if (freedom === Number.POSITIVE_INFINITY) return normalTail(t);
  const a = freedom / 2;
  const ratio = t / Math.sqrt(freedom);
  const square = ratio * ratio; // may overflow to infinity; only its logarithm may not
  const logarithm = ratio < 1e8 ? Math.log1p(square) : 2 * Math.log(ratio);
  const x = 1 / (1 + square);
  const rest = 1 / (1 + 1 / square); // 1 - x, without cancellation
  if (rest === 0) return 0.5;
  // x^a (1 - x)^(1/2) / B(a, 1/2)
  const factor = Math.exp(
    logGammaStep(a) - 0.5 * Math.log(Math.PI) - a * logarithm + 0.5 * Math.log(rest),
  );
  return x < (a + 1) / (a + 2.5)
    ? (0.5 * factor * betaFraction(a, 0.5, x)) / a
    : 0.5 - factor * betaFraction(0.5, a, rest);
}

function checkFreedom(freedom: number): void {
  if (!(freedom > 0))
    fail(`Student's t: ${freedom} degrees of freedom; a positive number is needed`);
}

/** P(T <= t) of Student's t distribution; infinitely many degrees of freedom are the normal one. */
export function studentCdf(t: number, freedom: number): number {
  checkFreedom(freedom);
  return t > 0 ? 1 - studentTail(t, freedom) : studentTail(-t, freedom);
}

/** 2 P(T > |t|): how often chance alone gives a value as far out as t. */
export function studentTwoSided(t: number, freedom: number): number {
  checkFreedom(freedom);
  return t === 0 ? 1 : 2 * studentTail(Math.abs(t), freedom);
}

/** The t with P(T <= t) = p of Student's t distribution, relatively to 1e-10. */
export function studentQuantile(p: number, freedom: number): number {
  checkFreedom(freedom);
  if (!(p > 0 && p < 1)) fail(`studentQuantile: p is ${p}, not between 0 and 1`);
  if (p > 0.5) return quantileOfTail(1 - p, freedom);
  return p === 0.5 ? 0 : -quantileOfTail(p, freedom);
}

/** The t >= 0 with P(T > t) = q < 1/2, by bisection down to neighbouring floats. */
function quantileOfTail(q: number, freedom: number): number {
  let [low, high] = [0, 1];
  while (studentTail(high, freedom) > q) [low, high] = [high, 2 * high];
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high || high - low < 1e-15 * high) return middle;
    if (studentTail(middle, freedom) > q) low = middle;
    else high = middle;
  }
}

/** P(Z <= z) of the standard normal distribution. */
export const normalCdf = (z: number): number => studentCdf(z, Number.POSITIVE_INFINITY);

/** The z with P(Z <= z) = p of the standard normal distribution. */
export const normalQuantile = (p: number): number => studentQuantile(p, Number.POSITIVE_INFINITY);
