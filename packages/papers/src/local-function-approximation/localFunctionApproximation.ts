/**
 * The framework (section 2, eq. 1): an explanation is the function g of a simple class G that is closest
 * to f in a neighbourhood of x0,
 *
 *     g* = argmin_{g in G} E_{xi ~ Z} l(f, g, x0, xi).
 *
 * This route knows nothing but (operation, Z, l, G). The methods' own formulas are in files of their
 * names; that both give the same is what the paper says.
 */
import { lift, random, type Tensor, type TensorLike } from "@etude/tensor";
import { type AdamGrid, fitByAdam } from "./adamFit.ts";
import { checkSamples, checkSetting, refuse } from "./checks.ts";
import { effectiveSamplesOf, leastSquares, normalisedWeights } from "./leastSquares.ts";
import type { Neighbourhood } from "./neighbourhoods.ts";
import { type LfaLoss, type Observations, observe } from "./observations.ts";
import type { Setting } from "./perturbation.ts";
import type { ScalarFunction } from "./scalarFunction.ts";
import {
  type Surrogate,
  type SurrogateParams,
  surrogateGradient,
  surrogateValue,
} from "./surrogates.ts";

export interface ApproximationOptions extends Setting {
  readonly loss: LfaLoss;
  readonly model: Surrogate;
  /** Perturbations drawn; 1000 by default. */
  readonly samples?: number;
  /**
   * "exact", the default: the closed forms (12) and (13), which linear models have. "adam": iterations
   * that know nothing of them, over a grid of learning rates (section 4).
   */
  readonly solver?: "exact" | "adam";
  readonly grid?: AdamGrid;
  readonly key: TensorLike;
  /** For the order of minibatches; by default from `key`. Shared by points, it makes vmap cheaper. */
  readonly shuffleKey?: TensorLike;
}

export interface Approximation {
  /** w, the explanation: [d]. */
  readonly weights: Tensor;
  /** b: []; zero where the model has none, or the loss does not see it. */
  readonly bias: Tensor;
  /** Weighted mean loss on the samples; with Adam on those kept for validation: []. */
  readonly loss: Tensor;
  /** float64 []: see `Regression`. */
  readonly effectiveSamples: Tensor;
}

/**
 * The best g in a neighbourhood of one point.
 *
 * @param f [n, inputs] to [n]
 * @param x0 [inputs]; for many points use `vmap`, or `approximations`
 * @throws UsageError for a model or loss that has no closed form, or settings without a meaning
 * @example
 * const explain = jit((x: Tensor, key: Tensor) =>
 *   localFunctionApproximation(f, x, gaussian(0.1), { loss: "squaredError", model: "linear", key }).weights);
 */
export function localFunctionApproximation(
  f: ScalarFunction,
  x0: Tensor,
  neighbourhood: Neighbourhood,
  options: ApproximationOptions,
): Approximation {
  const { loss, model, samples = 1000, solver = "exact", grid } = options;
  checkPoint(x0);
  checkSetting(x0.shape[0], options);
  checkSamples("localFunctionApproximation", samples);
  const [drawKey, ownShuffleKey] = random.split(options.key);
  const observed = observe(f, x0, neighbourhood, loss, samples, drawKey, options);
  if (solver === "exact") return solveExactly(observed, loss, model);
  const shuffleKey = options.shuffleKey ?? ownShuffleKey;
  return fitByAdam(observed, loss, model, lift(shuffleKey), grid);
}

function checkPoint(x0: Tensor): void {
  if (x0.rank !== 1 || (x0.dtype !== "float32" && x0.dtype !== "float64")) {
    refuse(
      `localFunctionApproximation: a point is a vector of floats, [inputs]; this is ${x0.dtype} [${x0.shape.join(", ")}]; use vmap for many points`,
    );
  }
}

function solveExactly(observed: Observations, loss: LfaLoss, model: Surrogate): Approximation {
  if (model === "logistic") refuse('a logistic model has no closed form; give solver: "adam"');
  const { xi, targets, logWeights } = observed;
  const p = normalisedWeights(xi.shape[0], logWeights);
  const effectiveSamples = effectiveSamplesOf(p);
  // (13): the gradient of a linear g is w everywhere, so the best w is the mean gradient.
  const { weights, bias } =
    loss === "gradientMatching"
      ? { weights: p.astype(targets.dtype).matmul(targets), bias: lift(0, xi.dtype) }
      : leastSquares(xi, targets, logWeights, model === "linear");
  const params = { weights, bias };
  return { ...params, loss: meanLoss(observed, loss, model, params, p), effectiveSamples };
}

/** sum_i pi_i l_i for weights that add up to 1: []. */
export function meanLoss(
  { xi, targets }: Observations,
  loss: LfaLoss,
  model: Surrogate,
  params: SurrogateParams,
  normalised: Tensor,
): Tensor {
  const guess = loss === "gradientMatching" ? surrogateGradient : surrogateValue;
  const error = guess(model, params, xi).sub(targets);
  return normalised.astype(xi.dtype).matmul(error.mul(error)).sum();
}
