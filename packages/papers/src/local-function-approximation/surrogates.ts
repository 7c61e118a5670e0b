/** The classes G of simple functions that f is approximated with (section 2). */
import { grad, type Tensor } from "@etude/tensor";

/** w [d] and b []. A model without bias has one that stays 0. */
export interface SurrogateParams {
  readonly weights: Tensor;
  readonly bias: Tensor;
}

/**
 * - linear: g(xi) = w.xi + b;
 * - linearNoBias: g(xi) = w.xi;
 * - logistic: g(xi) = 1 / (1 + exp(-w.xi - b)), for functions that are probabilities.
 */
export const surrogateNames = ["linear", "linearNoBias", "logistic"] as const;
export type Surrogate = (typeof surrogateNames)[number];

/** g(xi): [n], for xi [n, d]. */
export function surrogateValue(
  surrogate: Surrogate,
  { weights, bias }: SurrogateParams,
  xi: Tensor,
): Tensor {
  const product = xi.matmul(weights);
  switch (surrogate) {
    case "linearNoBias":
      return product;
    case "linear":
      return product.add(bias);
    case "logistic":
      return product.add(bias).sigmoid();
  }
}

/**
 * The gradient of g with respect to xi at every row, differentiable in the parameters: [n, d], or [1, d]
 * for a linear g, whose gradient is w everywhere.
 */
export function surrogateGradient(
  surrogate: Surrogate,
  params: SurrogateParams,
  xi: Tensor,
): Tensor {
  if (surrogate !== "logistic") return params.weights.expandDims(0);
  return grad((x: Tensor) => surrogateValue(surrogate, params, x).sum())(xi);
}
