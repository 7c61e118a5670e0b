/**
 * The concave transforms of the comp-sum family:
 *
 *     Phi^tau(u) = ((1 + u)^(1 - tau) - 1) / (1 - tau),   Phi^1(u) = log(1 + u)         (2)
 *
 * For tau >= 0 they are increasing, concave and 1-Lipschitz, and at every u they fall with tau.
 */
import type { Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

/** Nearer to 1 than this the logarithm is the transform to double precision, and 1 / (1 - tau) is not. */
const nearOne = 1e-6;

export const isLogarithm = (tau: number): boolean => Math.abs(tau - 1) < nearOne;

/**
 * @throws UsageError for tau < 0, where the transform is convex and no bound is known, and for tau
 * that is no number
 */
export function checkTau(tau: number): void {
  if (tau >= 0 && Number.isFinite(tau)) return;
  throw new UsageError(`tau must be a number >= 0, got ${tau}`);
}

/** Phi^tau of one number u >= 0. */
export function phi(u: number, tau: number): number {
  checkTau(tau);
  const logarithm = Math.log1p(u);
  return isLogarithm(tau) ? logarithm : Math.expm1((1 - tau) * logarithm) / (1 - tau);
}

/** Exponents whose exponential, and a few times that, floats still hold. */
const largestExponent = { float32: 87, float64: 708 } as const;

/**
 * Phi^tau(u) by the logarithm of 1 + u, elementwise; with L = logsumexp(h) - h_y the loss of scores (4):
 *
 *     Phi^tau(e^L - 1) = expm1((1 - tau) L) / (1 - tau)
 *
 * For tau < 1 it overflows to +Infinity where (1 - tau) L does. Its derivative stays at the largest
 * float there, so that gradients point the right way and are never NaN.
 *
 * @param logarithm L >= 0 [...]
 */
export function phiOfLogarithm(logarithm: Tensor, tau: number): Tensor {
  checkTau(tau);
  if (isLogarithm(tau)) return logarithm;
  const exponent = logarithm.mul(1 - tau);
  if (tau > 1) return exponent.expm1().div(1 - tau);
  const limit = largestExponent[exponent.dtype === "float64" ? "float64" : "float32"];
  const near = exponent.minimum(limit);
  const beyond = near.exp().stopGradient().mul(exponent.sub(near));
  return near
    .expm1()
    .add(beyond)
    .div(1 - tau);
}
