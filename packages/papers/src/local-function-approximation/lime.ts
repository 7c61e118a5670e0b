/** LIME for features that are there or not: Ribeiro, Singh, Guestrin, "Why should I trust you?", 2016. */
import { lift, type Tensor, type TensorLike } from "@etude/tensor";
import { checkKernelWidth, checkSamples } from "./checks.ts";
import { type Design, designOf, regress } from "./design.ts";
import type { Regression } from "./leastSquares.ts";
import { bernoulliExponential, everySubset } from "./neighbourhoods.ts";
import type { Setting } from "./perturbation.ts";
import { eachPoint } from "./points.ts";
import { type ScalarFunction, valuesAt } from "./scalarFunction.ts";

export interface LimeOptions extends Setting {
  /** Random subsets a point: 1000; "all" for every subset once, for up to 16 features. */
  readonly samples?: number | "all";
  /** Of the exponential kernel, in units of the inputs: 1. */
  readonly kernelWidth?: TensorLike;
  readonly key: TensorLike;
}

/** Where LIME looks around one point. */
export function limeDesign(x0: Tensor, options: LimeOptions): Design {
  const { samples = 1000, kernelWidth = 1, key } = options;
  checkKernelWidth(kernelWidth);
  const drawn = bernoulliExponential(kernelWidth);
  if (samples === "all") return designOf(x0, everySubset(drawn), 0, lift(key), options);
  checkSamples("lime", samples);
  return designOf(x0, drawn, samples, lift(key), options);
}

/** LIME's linear model of one point: its weights are the explanation, and it says how sure they are. */
export function limeRegression(f: ScalarFunction, x0: Tensor, options: LimeOptions): Regression {
  const design = limeDesign(x0, options);
  return regress(design, valuesAt(f, design.points, options.batch));
}

/**
 * LIME: the linear model of f over features kept or removed by the toss of a coin, weighted by how near
 * the perturbed input stays to x0 (eqs. 9 and 12). With a very wide kernel the weights tend to Banzhaf
 * values.
 *
 * With inputs far from x' nearly all weights are tiny, and few samples decide: see `effectiveSamples`
 * of {@link limeRegression}, and widen the kernel where it is below 2 (d + 1).
 *
 * @param x [inputs] or [m, inputs]
 * @returns [d] or [m, d]
 */
export const lime = (f: ScalarFunction, x: Tensor, options: LimeOptions): Tensor =>
  eachPoint(
    "lime",
    x,
    options,
    options.key,
    (x0, key) => limeRegression(f, x0, { ...options, key }).weights,
  );
