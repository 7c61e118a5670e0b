/** Integrated Gradients: Sundararajan, Taly, Yan, "Axiomatic attribution for deep networks", 2017. */
import { array, lift, type Tensor } from "@etude/tensor";
import { checkAlpha, checkSamples } from "./checks.ts";
import { gradientAt } from "./gradients.ts";
import { fromBaseline, gathered, type Setting } from "./perturbation.ts";
import { eachPoint } from "./points.ts";
import { gaussLegendre, midpoint } from "./quadrature.ts";
import { gradientsAt, type ScalarFunction } from "./scalarFunction.ts";

export interface IntegratedGradientsOptions extends Setting {
  /** Points along the path: 1000. */
  readonly steps?: number;
  /** "midpoint", or "gaussLegendre", which needs far fewer steps where f is smooth. */
  readonly rule?: "midpoint" | "gaussLegendre";
  /** The path starts at this share of the way from x' to x0: 0. With 1 it is Gradient x Input. */
  readonly from?: number;
}

/**
 * (x0 - x') times the mean of grad f over the straight path from x' to x0 (eq. 6). Attributions add up
 * to f(x0) - f(x').
 *
 * @param x [inputs] or [m, inputs]
 * @returns [d] or [m, d]
 * @example integratedGradients(f, x, { steps: 32, rule: "gaussLegendre" })
 */
export function integratedGradients(
  f: ScalarFunction,
  x: Tensor,
  options: IntegratedGradientsOptions = {},
): Tensor {
  const { steps = 1000, rule = "midpoint", from = 0, batch } = options;
  checkSamples("integratedGradients", steps);
  checkAlpha("integratedGradients", from);
  const { nodes, weights } = (rule === "midpoint" ? midpoint : gaussLegendre)(steps, from, 1);
  return eachPoint("integratedGradients", x, options, undefined, (x0) => {
    const direction = fromBaseline(x0, options);
    // The path of length zero: its mean is the gradient at its end.
    if (from === 1) return gathered(direction.mul(gradientAt(f, x0)), options);
    const scales = lift(array(nodes, { dtype: x0.dtype, shape: [steps, 1] }));
    const path = x0.sub(direction).add(direction.mul(scales));
    const mean = lift(array(weights, { dtype: x0.dtype })).matmul(gradientsAt(f, path, batch));
    return gathered(direction.mul(mean), options);
  });
}
