/** Shapley values from their definition: what KernelSHAP estimates. */
import { array, lift, type Tensor } from "@etude/tensor";
import { checkEnumerable } from "./checks.ts";
import { allSubsets } from "./neighbourhoods.ts";
import { featureCount, perturbed, type Setting } from "./perturbation.ts";
import { eachPoint } from "./points.ts";
import { type ScalarFunction, valuesAt } from "./scalarFunction.ts";

/**
 * The mean, over all orders in which features may come, of what feature j adds to those before it, with
 * v(S) = f(x0 restricted to S, the other features as in x'):
 *
 *     phi_j = sum_{S without j} |S|! (d - 1 - |S|)! / d! (v(S + j) - v(S)).
 *
 * @param x [inputs] or [m, inputs]
 * @returns [d] or [m, d]
 * @throws UsageError for more than 16 features
 */
export function shapleyValues(f: ScalarFunction, x: Tensor, setting: Setting = {}): Tensor {
  return eachPoint("shapleyValues", x, setting, undefined, (x0) => {
    const d = featureCount(x0, setting);
    checkEnumerable("shapleyValues", d);
    const subsets = allSubsets(d, x0.dtype === "float64" ? "float64" : "float32");
    const values = valuesAt(f, perturbed("multiplicative", x0, subsets, setting), setting.batch);
    return lift(array(shapleyCoefficients(d), { dtype: x0.dtype })).matmul(values);
  });
}

/** The factor of v(S) in phi_j, for the subsets in the order of `allSubsets`: [d][2^d]. */
function shapleyCoefficients(d: number): number[][] {
  // s! (d - 1 - s)! / d! = 1 / (d C(d - 1, s))
  const share: number[] = [1 / d];
  for (let s = 1; s < d; s++) share.push((share[s - 1] * s) / (d - s));
  const sizes = Array.from({ length: 2 ** d }, (_, subset) => bitsIn(subset));
  return Array.from({ length: d }, (_, j) =>
    sizes.map((size, subset) => ((subset >>> j) & 1 ? share[size - 1] : -share[size])),
  );
}

function bitsIn(subset: number): number {
  let count = 0;
  for (let rest = subset; rest > 0; rest >>>= 1) count += rest & 1;
  return count;
}
