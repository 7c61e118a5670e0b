/** KernelSHAP: Lundberg, Lee, "A unified approach to interpreting model predictions", 2017. */
import { lift, type Tensor, type TensorLike } from "@etude/tensor";
import { checkSamples } from "./checks.ts";
import { type Design, designOf, regress } from "./design.ts";
import type { Regression } from "./leastSquares.ts";
import { everySubset, shapley, shapleySizes } from "./neighbourhoods.ts";
import { featureCount, type Setting } from "./perturbation.ts";
import { eachPoint } from "./points.ts";
import { type ScalarFunction, valuesAt } from "./scalarFunction.ts";

export interface KernelShapOptions extends Setting {
  /**
   * Subsets a point, the empty and the full one among them: 1000, and at least d + 2. "all" for every
   * subset once, for up to 16 features, which gives exact Shapley values.
   */
  readonly samples?: number | "all";
  readonly key: TensorLike;
}

/** Where KernelSHAP looks around one point. */
export function kernelShapDesign(x0: Tensor, options: KernelShapOptions): Design {
  const { samples = 1000, key } = options;
  if (samples === "all") return designOf(x0, everySubset(shapley()), 0, lift(key), options);
  checkSamples("kernelShap", samples, featureCount(x0, options) + 2);
  return designOf(x0, shapleySizes(), samples, lift(key), options);
}

/** KernelSHAP's linear model of one point: its bias is f(x'). */
export function kernelShapRegression(
  f: ScalarFunction,
  x0: Tensor,
  options: KernelShapOptions,
): Regression {
  const design = kernelShapDesign(x0, options);
  return regress(design, valuesAt(f, design.points, options.batch));
}

/**
 * KernelSHAP: the linear model of f over subsets of features, weighted by the Shapley kernel (eqs. 10
 * and 12), which makes its weights Shapley values. They add up to f(x0) - f(x').
 *
 * @param x [inputs] or [m, inputs]
 * @returns [d] or [m, d]
 * @throws UsageError for fewer than d + 2 samples, or all subsets of more than 16 features
 */
export const kernelShap = (f: ScalarFunction, x: Tensor, options: KernelShapOptions): Tensor =>
  eachPoint(
    "kernelShap",
    x,
    options,
    options.key,
    (x0, key) => kernelShapRegression(f, x0, { ...options, key }).weights,
  );
