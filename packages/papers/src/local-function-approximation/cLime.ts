/**
 * C-LIME, LIME for continuous features: Agarwal et al., "Towards the unification and robustness of
 * perturbation and gradient based explanations", 2021.
 */
import { lift, type Tensor, type TensorLike } from "@etude/tensor";
import { checkSamples, checkSigma } from "./checks.ts";
import { type Design, designOf, regress } from "./design.ts";
import type { Regression } from "./leastSquares.ts";
import { gaussian } from "./neighbourhoods.ts";
import type { Setting } from "./perturbation.ts";
import { eachPoint } from "./points.ts";
import { type ScalarFunction, valuesAt } from "./scalarFunction.ts";

export interface CLimeOptions extends Setting {
  /** Deviation of the noise: 0.1. */
  readonly sigma?: number;
  /** Draws of noise a point: 1000. */
  readonly samples?: number;
  readonly key: TensorLike;
}

/** Where C-LIME looks around one point. */
export function cLimeDesign(x0: Tensor, options: CLimeOptions): Design {
  const { sigma = 0.1, samples = 1000, key } = options;
  checkSigma("cLime", sigma);
  checkSamples("cLime", samples);
  return designOf(x0, gaussian(sigma), samples, lift(key), options);
}

/** C-LIME's linear model of one point. */
export function cLimeRegression(f: ScalarFunction, x0: Tensor, options: CLimeOptions): Regression {
  const design = cLimeDesign(x0, options);
  return regress(design, valuesAt(f, design.points, options.batch));
}

/**
 * C-LIME: the linear model of f over inputs with Gaussian noise (eq. 12). It needs no gradient, and
 * tends to SmoothGrad with more samples.
 *
 * @param x [inputs] or [m, inputs]
 * @returns [d] or [m, d]
 */
export const cLime = (f: ScalarFunction, x: Tensor, options: CLimeOptions): Tensor =>
  eachPoint(
    "cLime",
    x,
    options,
    options.key,
    (x0, key) => cLimeRegression(f, x0, { ...options, key }).weights,
  );
