/**
 * Vanilla Gradients and Gradient x Input: the explanations of the smallest neighbourhoods.
 *
 * Simonyan, Vedaldi, Zisserman, "Deep inside convolutional networks", 2014; Shrikumar et al., "Not just
 * a black box", 2017.
 */
import type { Tensor } from "@etude/tensor";
import { fromBaseline, gathered, type Setting } from "./perturbation.ts";
import { eachPoint } from "./points.ts";
import { gradientsAt, type ScalarFunction } from "./scalarFunction.ts";

/** grad f at one point: [inputs]. */
export const gradientAt = (f: ScalarFunction, x0: Tensor): Tensor =>
  gradientsAt(f, x0.expandDims(0)).reshape(x0.shape);

/**
 * Vanilla Gradients, grad f(x0) (eq. 5): what C-LIME and SmoothGrad tend to as their noise vanishes.
 *
 * @param x [inputs] or [m, inputs]
 * @returns [d] or [m, d]
 */
export const vanillaGradients = (f: ScalarFunction, x: Tensor, setting: Setting = {}): Tensor =>
  eachPoint("vanillaGradients", x, setting, undefined, (x0) =>
    gathered(gradientAt(f, x0), setting),
  );

/**
 * Gradient x Input, (x0 - x') grad f(x0) (eq. 7): Integrated Gradients of scales near 1.
 *
 * @param x [inputs] or [m, inputs]
 * @returns [d] or [m, d]
 */
export const gradientTimesInput = (f: ScalarFunction, x: Tensor, setting: Setting = {}): Tensor =>
  eachPoint("gradientTimesInput", x, setting, undefined, (x0) =>
    gathered(gradientAt(f, x0).mul(fromBaseline(x0, setting)), setting),
  );
