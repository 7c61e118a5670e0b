/** Losses of numbers, elementwise: they keep the shape of their arguments. */
import type { Tensor } from "@etude/tensor";
import { fail } from "../errors.ts";
import { expectSameShape } from "./shapes.ts";

function errorOf(loss: string, predictions: Tensor, targets: Tensor): Tensor {
  expectSameShape(loss, ["predictions", "targets"], predictions, targets);
  return predictions.sub(targets);
}

/** (prediction - target)^2, elementwise; without the factor 1/2. */
export function squaredError(predictions: Tensor, targets: Tensor): Tensor {
  const error = errorOf("squaredError", predictions, targets);
  return error.mul(error);
}

/** |prediction - target|, elementwise; the derivative at 0 is 0. */
export function absoluteError(predictions: Tensor, targets: Tensor): Tensor {
  return errorOf("absoluteError", predictions, targets).abs();
}

/**
 * The Huber loss, elementwise: e^2 / 2 for |e| <= delta and delta (|e| - delta / 2) beyond (Huber
 * 1964, "Robust estimation of a location parameter").
 */
export function huberLoss(
  predictions: Tensor,
  targets: Tensor,
  { delta = 1 }: { delta?: number } = {},
): Tensor {
  if (!(delta > 0)) fail(`huberLoss: delta ${delta} is not positive`);
  const error = errorOf("huberLoss", predictions, targets);
  // e itself near zero, so that the second derivative there is 1 and not that of |e|.
  const near = error.minimum(delta).maximum(-delta);
  const far = error.sub(near);
  return near.mul(near.mul(0.5).add(far));
}

/** log cosh(e), elementwise: e^2 / 2 near zero, |e| - log 2 far away, smooth everywhere. */
export function logCosh(predictions: Tensor, targets: Tensor): Tensor {
  const error = errorOf("logCosh", predictions, targets);
  return error.logaddexp(error.neg()).sub(Math.LN2);
}

/**
 * The quantile (pinball) loss, elementwise: with e = target - prediction, max(q e, (q - 1) e). Its
 * expectation is least at the q-th quantile (Koenker and Bassett 1978, "Regression quantiles").
 */
export function quantileLoss(
  predictions: Tensor,
  targets: Tensor,
  { quantile }: { quantile: number },
): Tensor {
  if (!(quantile > 0 && quantile < 1)) fail(`quantileLoss: ${quantile} is not between 0 and 1`);
  const below = errorOf("quantileLoss", predictions, targets).neg();
  return below.mul(quantile).maximum(below.mul(quantile - 1));
}

/**
 * Negative logarithm of a normal density, elementwise: ((t - m)^2 / v + log v + log 2 pi) / 2.
 *
 * @param means [...]
 * @param variances [...], positive; those below `least` (1e-6) count as `least`
 * @param targets [...]
 */
export function gaussianNegativeLogLikelihood(
  means: Tensor,
  variances: Tensor,
  targets: Tensor,
  { least = 1e-6 }: { least?: number } = {},
): Tensor {
  const error = errorOf("gaussianNegativeLogLikelihood", means, targets);
  expectSameShape("gaussianNegativeLogLikelihood", ["means", "variances"], means, variances);
  const variance = variances.clip(least);
  return error
    .mul(error)
    .div(variance)
    .add(variance.log())
    .add(Math.log(2 * Math.PI))
    .mul(0.5);
}

/**
 * Negative logarithm of a Poisson probability, elementwise, without the term log(count!) that does
 * not depend on the prediction: exp(logRate) - count logRate.
 *
 * @param logRates [...], logarithms of the expected counts
 * @param counts [...], floats
 */
export function poissonNegativeLogLikelihood(logRates: Tensor, counts: Tensor): Tensor {
  expectSameShape("poissonNegativeLogLikelihood", ["logRates", "counts"], logRates, counts);
  return logRates.exp().sub(counts.mul(logRates));
}
