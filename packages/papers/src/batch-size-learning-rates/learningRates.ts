/** From eigenvalues to learning rates. */
import { UsageError } from "../contract/errors.ts";
import { batchEigenvalue, type NoisyEigenvalue } from "./batchEigenvalue.ts";

/**
 * The largest rate at which gradient descent is stable: a step multiplies the error along an
 * eigenvector by 1 - rate lambda, so rate < 2 / lambda with the largest eigenvalue of what the step
 * sees.
 */
export function stableRate(lambda: number): number {
  if (!(lambda > 0))
    throw new UsageError(`stableRate: with a largest eigenvalue of ${lambda} no rate is too large`);
  return 2 / lambda;
}

/**
 * The same for a step that follows an average m <- beta m + (1 - beta) g instead of the gradient, as
 * Adam's does: the recurrence w' = w - rate m is stable up to 2 (1 + beta) / ((1 - beta) lambda), with
 * lambda the largest eigenvalue of the preconditioned Hessian D^(-1/2) H D^(-1/2), D the denominator.
 * (Cohen et al., "Adaptive gradient methods at the edge of stability", 2022, eq. 2.)
 *
 * @param lambda of the preconditioned Hessian
 * @param firstDecay beta
 */
export function stableAdamRate(lambda: number, firstDecay = 0.9): number {
  if (!(firstDecay >= 0 && firstDecay < 1))
    throw new UsageError(`stableAdamRate: the decay ${firstDecay} is not in [0, 1)`);
  return (stableRate(lambda) * (1 + firstDecay)) / (1 - firstDecay);
}

export interface AdamScaling {
  /** A rate known to be stable, and the effective batch size it was seen at. */
  readonly rate: number;
  readonly at: number;
  /** The effective batch size in question. */
  readonly b: number;
}

/**
 * The largest stable learning rate as a function of the batch size.
 *
 * SGD: 2 / lambda'(b), with the eigenvalue of a batch. Where noise dominates, lambda' is proportional
 * to 1 / b (Gauss-Newton, or curvature held by few examples) and the rate grows linearly; it saturates
 * at 2 / lambda. Under additive noise alone the growth is that of sqrt b.
 *
 * Adam: while the batch's gradient is mostly noise its denominator falls as 1 / sqrt b and the
 * curvature as 1 / b, so that the preconditioned curvature falls, and the rate grows, as sqrt b, from
 * a rate measured at one batch size.
 *
 * @example maxLearningRate("sgd", { lambda: 3, pSigma2: 10, b: 4, model: "wigner" }) // 0.5217
 */
export function maxLearningRate(optimizer: "sgd", noise: NoisyEigenvalue): number;
export function maxLearningRate(optimizer: "adam", scaling: AdamScaling): number;
export function maxLearningRate(
  optimizer: "sgd" | "adam",
  given: NoisyEigenvalue | AdamScaling,
): number {
  if (optimizer === "sgd" && "lambda" in given) return stableRate(batchEigenvalue(given));
  if (optimizer === "adam" && "at" in given) {
    checkPositive("maxLearningRate", "the rate", given.rate);
    checkPositive("maxLearningRate", "the batch size", given.at);
    checkPositive("maxLearningRate", "the batch size", given.b);
    return given.rate * Math.sqrt(given.b / given.at);
  }
  throw new UsageError(
    `maxLearningRate: ${optimizer} takes ${optimizer === "sgd" ? "an eigenvalue and its noise" : "a rate and the batch size it was seen at"}`,
  );
}

/** - linear: rate B2 / B1; - sqrt: rate sqrt(B2 / B1); - spectral: rate lambda'(b1) / lambda'(b2). */
export type ScalingRule = "linear" | "sqrt" | "spectral";

export interface SpectralScaling {
  /** lambda' at the first and at the second batch size, measured or predicted. */
  readonly eigenvalues?: readonly [first: number, second: number];
  /** For "linear": no rate beyond 2 / lambda of the full data. */
  readonly lambda?: number;
}

/**
 * A learning rate carried over to another batch size. "linear" and "spectral" are for SGD, with or
 * without momentum, "sqrt" for Adam and its relatives.
 *
 * @throws UsageError for a batch size or rate that is not positive, or "spectral" without eigenvalues
 * @example scaleLearningRate(0.1, 128, 512, "linear") // 0.4
 */
export function scaleLearningRate(
  learningRate: number,
  from: number,
  to: number,
  rule: ScalingRule,
  { eigenvalues, lambda }: SpectralScaling = {},
): number {
  checkPositive("scaleLearningRate", "the learning rate", learningRate);
  checkPositive("scaleLearningRate", "the first batch size", from);
  checkPositive("scaleLearningRate", "the second batch size", to);
  if (rule === "sqrt") return learningRate * Math.sqrt(to / from);
  if (rule === "linear") {
    const scaled = (learningRate * to) / from;
    return lambda === undefined ? scaled : Math.min(scaled, stableRate(lambda));
  }
  if (eigenvalues === undefined)
    throw new UsageError("scaleLearningRate: the rule spectral needs both batch eigenvalues");
  const [first, second] = eigenvalues;
  checkPositive("scaleLearningRate", "the first eigenvalue", first);
  checkPositive("scaleLearningRate", "the second eigenvalue", second);
  return (learningRate * first) / second;
}

/**
 * The least damping delta of a step rate / (curvature + delta) in flat directions: there the step sees
 * nothing but the noise of the batch, at most `lambdaNoise`, and is stable for rate lambdaNoise /
 * delta < 2. As the edge of the noise is about P sigma^2 / b, damping is proportional to rate / b.
 *
 * @param lambdaNoise the upper edge of the noise's bulk: `batchEigenvalue` of an eigenvalue of 0
 */
export function minDamping(learningRate: number, lambdaNoise: number): number {
  checkPositive("minDamping", "the learning rate", learningRate);
  if (!(lambdaNoise >= 0))
    throw new UsageError(`minDamping: the edge of the noise is ${lambdaNoise}; it is 0 or more`);
  return (learningRate * lambdaNoise) / 2;
}

function checkPositive(name: string, what: string, value: number): void {
  if (!(value > 0)) throw new UsageError(`${name}: ${what} is ${value}; it must be positive`);
}
