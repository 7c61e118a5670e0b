/** The convex generator f, its conjugate over ratios that are not negative, and the policy's weights. */
import { lift, stopGradient, type Tensor, type TensorLike } from "@etude/tensor";

/**
 * Which divergence keeps the new distribution near that of the data:
 * - pearson: `f(w) = (w - 1)^2`,
 * - reverse-kl: `f(w) = w log w`.
 */
export type Generator = "pearson" | "reverse-kl";

/**
 * `f*(y) = max_{w >= 0} (w y - f(w))` (eq. 1), entry by entry.
 *
 * Pearson: the best w is `max(y / 2 + 1, 0)`, and then `f* = w^2 - 1`: `y^2 / 4 + y` for y >= -2 and -1
 * below. Reverse KL: `exp(y - 1)`.
 */
export function conjugate(y: TensorLike, f: Generator): Tensor {
  if (f === "reverse-kl") return lift(y).sub(1).exp();
  const ratio = conjugateSlope(y, f);
  return ratio.mul(ratio).sub(1);
}

/** `f*'(y)`, the density ratio that belongs to a residual y: `max(y / 2 + 1, 0)` or `exp(y - 1)`. */
export const conjugateSlope = (y: TensorLike, f: Generator): Tensor =>
  f === "pearson" ? lift(y).mul(0.5).add(1).relu() : lift(y).sub(1).exp();

/**
 * How a residual weighs a logged action in the policy's loss:
 * - relu: `max(T, 0)`, what the official code does for Pearson;
 * - conjugate: `f*'(T)`, what the theory says.
 *
 * With reverse KL both are `exp(T - 1)`.
 */
export type WeightRule = "relu" | "conjugate";

export interface WeightOptions {
  readonly f: Generator;
  readonly rule: WeightRule;
  /** Weights are cut off here: 100. */
  readonly max?: number;
}

/** omega of eq. 11 for residuals of any shape, a constant as far as gradients go. */
export function policyWeight(residual: TensorLike, { f, rule, max = 100 }: WeightOptions): Tensor {
  const y = lift(residual);
  const weight = f === "pearson" && rule === "relu" ? y.relu() : conjugateSlope(y, f);
  return stopGradient(weight.minimum(max));
}
