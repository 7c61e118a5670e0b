/** Occlusion: Zeiler, Fergus, "Visualizing and understanding convolutional networks", 2014. */
import { concat, eye, lift, ones, type Tensor } from "@etude/tensor";
import { featureCount, perturbed, type Setting } from "./perturbation.ts";
import { eachPoint } from "./points.ts";
import { type ScalarFunction, valuesAt } from "./scalarFunction.ts";

/** x0 itself, then x0 without each of its features: [1 + d, inputs]. */
export function occlusionPoints(x0: Tensor, setting: Setting): Tensor {
  const d = featureCount(x0, setting);
  const kept = concat([lift(ones([1, d])), lift(ones([d, d])).sub(lift(eye(d)))]);
  return perturbed("multiplicative", x0, kept.astype(x0.dtype), setting);
}

/** f(x0) less each of the values without a feature; values [1 + d] to [d]. */
export const occlusionWeights = (values: Tensor): Tensor =>
  values.slice(0).sub(values.slice([1, values.shape[0]]));

/**
 * Occlusion, w_j = f(x0) - f(x0 with x_j := x'_j) (eq. 8): what is lost with each feature alone.
 *
 * @param x [inputs] or [m, inputs]
 * @returns [d] or [m, d]
 */
export const occlusion = (f: ScalarFunction, x: Tensor, setting: Setting = {}): Tensor =>
  eachPoint("occlusion", x, setting, undefined, (x0) =>
    occlusionWeights(valuesAt(f, occlusionPoints(x0, setting), setting.batch)),
  );
