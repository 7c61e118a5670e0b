/** How alike two models are on the same tasks: predictions and their sensitivity (section 3.7). */
import { concat, grad, type Tensor } from "@etude/tensor";
import { answer, type Regressor } from "./regressors.ts";
import { halfSquaredError } from "./training.ts";

/** A model with its parameters: from tokens [B, N + 1, d + 1] to predictions [B]. */
export type Model = (tokens: Tensor) => Tensor;

/** A regressor at some parameters, by its last prediction. */
export const modelOf =
  <P>(regressor: Regressor<P>, params: P): Model =>
  (tokens) =>
    answer(regressor(params, tokens));

/** g = d yhat / d x_q for every task (18): [B, d] from tokens [B, N + 1, d + 1]. */
export function sensitivity(model: Model, tokens: Tensor): Tensor {
  const [, length, width] = tokens.shape;
  const context = tokens.slice(null, [0, length - 1]);
  const query = tokens.slice(null, length - 1, [0, width - 1]);
  const start = tokens.slice(null, [length - 1, length], [width - 1, width]);
  // A prediction depends on its own query alone, so the gradient of the sum holds them all.
  const total = (x: Tensor): Tensor =>
    model(concat([context, concat([x.expandDims(1), start], -1)], 1)).sum();
  return grad(total)(query);
}

/** Means over tasks, all scalars. */
export interface Alignment<T = Tensor> {
  /** cos(g_A, g_B) */
  readonly cosine: T;
  /** |g_A - g_B| */
  readonly modelDifference: T;
  /** |yhat_A - yhat_B| */
  readonly predictionDifference: T;
}

/**
 * How alike two models are on the same tasks (18).
 *
 * @param tokens [B, N + 1, d + 1]
 */
export function alignment(modelA: Model, modelB: Model, tokens: Tensor): Alignment {
  const [a, b] = [sensitivity(modelA, tokens), sensitivity(modelB, tokens)];
  const norm = (g: Tensor): Tensor => g.mul(g).sum(-1).sqrt();
  // 1e-8 as in the official code: a model that ignores its query has a cosine of 0.
  const product = norm(a).add(1e-8).mul(norm(b).add(1e-8));
  return {
    cosine: a.mul(b).sum(-1).div(product).mean(),
    modelDifference: norm(a.sub(b)).mean(),
    predictionDifference: modelA(tokens).sub(modelB(tokens)).abs().mean(),
  };
}

/** The loss (3) of a model on tasks. */
export const lossOf = (model: Model, tokens: Tensor, target: Tensor): Tensor =>
  halfSquaredError(model(tokens), target);
