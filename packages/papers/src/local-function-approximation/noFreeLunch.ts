/**
 * No explanation is good in every neighbourhood (section 4): the loss of any explanation in any
 * neighbourhood, whichever it was made for.
 *
 * Theorem: if g* is within eps of f everywhere on the support of Z1, there is a Z2 on whose support its
 * loss somewhere reaches d(f, G) = min_{g in G} max_x l(f, g, 0, x) (eq. 18): one that covers the whole
 * domain, where nothing in G does better.
 */
import { lift, type Tensor, type TensorLike, vmap } from "@etude/tensor";
import { checkSamples, checkSetting } from "./checks.ts";
import { normalisedWeights } from "./leastSquares.ts";
import { meanLoss } from "./localFunctionApproximation.ts";
import type { Instance } from "./methods.ts";
import { type Observations, observe } from "./observations.ts";
import type { Setting } from "./perturbation.ts";
import type { ScalarFunction } from "./scalarFunction.ts";
import { surrogateValue } from "./surrogates.ts";

export interface ExplanationLossOptions extends Setting {
  /** Perturbations the loss is a mean over: 1000. Fresh ones, not those an explanation was fitted to. */
  readonly samples?: number;
  readonly key: TensorLike;
}

/**
 * The loss (2), (3) or (11) of explanations in a neighbourhood. An explanation is a vector of weights;
 * where the model has a bias, each gets the one that suits it best there.
 *
 * @param x0 [inputs]
 * @param explanations [e, d]
 * @param instance a linear model
 * @returns [e]
 */
export function explanationLosses(
  f: ScalarFunction,
  x0: Tensor,
  explanations: Tensor,
  instance: Instance,
  options: ExplanationLossOptions,
): Tensor {
  const { neighbourhood, loss } = instance;
  const { samples = 1000, key } = options;
  checkSetting(x0.shape[0], options);
  checkSamples("explanationLosses", samples);
  const observed = observe(f, x0, neighbourhood, loss, samples, lift(key), options);
  return lossesOn(observed, explanations, instance);
}

/** The same on given observations: [e]. */
export function lossesOn(
  observed: Observations,
  explanations: Tensor,
  { loss, model }: Pick<Instance, "loss" | "model">,
): Tensor {
  const p = normalisedWeights(observed.xi.shape[0], observed.logWeights);
  return vmap((weights: Tensor) => {
    const bias = model === "linear" ? bestBias(observed, weights, p) : lift(0, weights.dtype);
    return meanLoss(observed, loss, model, { weights, bias }, p);
  })(explanations);
}

/** The mean of what w.xi leaves: the bias with the least squared error. */
function bestBias({ xi, targets }: Observations, weights: Tensor, p: Tensor): Tensor {
  const bias = lift(0, xi.dtype);
  const left = targets.sub(surrogateValue("linearNoBias", { weights, bias }, xi));
  return p.astype(xi.dtype).matmul(left);
}
