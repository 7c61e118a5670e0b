/**
 * How an input is perturbed: x0 (+) xi (section 2, eq. 1). One entry of xi belongs to a feature of the
 * explanation; usually that is an input of the model, for images a patch of pixels.
 */
import { lift, type Tensor, type TensorLike } from "@etude/tensor";

/**
 * - additive: x0 + xi;
 * - multiplicative: x' + (x0 - x') xi, which for the baseline x' = 0 is the product x0 xi.
 */
export type Operation = "additive" | "multiplicative";

/** What all methods need to know beside f and x0. */
export interface Setting {
  /** x' [inputs], the input with every feature removed; zeros by default. */
  readonly baseline?: TensorLike;
  /** Which inputs make up a feature: [d, inputs], 1 or 0. By default every input is one. */
  readonly features?: TensorLike;
  /** Rows of the model evaluated at once; see `valuesAt`. */
  readonly batch?: number;
}

/** d, for an input x0 [inputs]. */
export const featureCount = (x0: Tensor, { features }: Setting): number =>
  features === undefined ? x0.shape[0] : lift(features).shape[0];

/** x0 - x': [inputs]. */
export const fromBaseline = (x0: Tensor, { baseline }: Setting): Tensor =>
  baseline === undefined ? x0 : x0.sub(baseline);

/** Entries of features [..., d] at the inputs they are made of: [..., inputs]. */
export const spread = (xi: Tensor, { features }: Setting): Tensor =>
  features === undefined ? xi : xi.matmul(features);

/** Attributions of inputs [..., inputs], added up over each feature: [..., d]. */
export const gathered = (attributions: Tensor, { features }: Setting): Tensor =>
  features === undefined ? attributions : attributions.matmul(lift(features).transpose());

/**
 * x0 (+) xi.
 *
 * @param x0 [inputs]
 * @param xi [n, d]
 * @returns [n, inputs]
 */
export function perturbed(operation: Operation, x0: Tensor, xi: Tensor, setting: Setting): Tensor {
  const full = spread(xi, setting);
  if (operation === "additive") return x0.add(full);
  const scaled = fromBaseline(x0, setting).mul(full);
  return setting.baseline === undefined ? scaled : scaled.add(setting.baseline);
}
