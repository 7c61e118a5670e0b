/** Weights of perturbations, as logarithms: with large inputs the weights themselves would underflow. */
import { array, type NDArray, type Tensor, type TensorLike } from "@etude/tensor";

/**
 * The exponential kernel of LIME (eq. 9): log pi = -||x0 - x0 (+) xi||^2 / width^2, with the distance
 * in the space of inputs, not of subsets.
 *
 * @param displacements x0 (+) xi - x0: [n, inputs]
 * @returns [n]
 */
export const logExponentialKernel = (displacements: Tensor, width: TensorLike): Tensor =>
  displacements.mul(displacements).sum(-1).div(width).div(width).neg();

/** What stands for the infinite weight of the empty and the full subset. */
export const boundaryWeight = 1e6;

/**
 * The Shapley kernel (eq. 10) by the size k of the subset: (d - 1) / (C(d, k) k (d - k)), and 1e6 in
 * place of infinity for k = 0 and k = d.
 *
 * @returns log pi for k = 0, ..., d: float64 [d + 1]
 */
export function logShapleyKernel(features: number): NDArray {
  const d = features;
  let logBinomial = 0; // of C(d, k), by its recurrence
  const values = Float64Array.from({ length: d + 1 }, (_, k) => {
    if (k > 0) logBinomial += Math.log((d - k + 1) / k);
    if (k === 0 || k === d) return Math.log(boundaryWeight);
    return Math.log((d - 1) / (k * (d - k))) - logBinomial;
  });
  return array(values, { dtype: "float64" });
}

/**
 * How often KernelSHAP draws a subset of size k = 1, ..., d - 1: the kernel summed over the subsets of
 * that size, (d - 1) / (k (d - k)), up to a factor. Logarithms: float64 [d - 1].
 */
export const logShapleySizes = (features: number): NDArray =>
  bySize(features, (k) => Math.log((features - 1) / (k * (features - k))));

/** How often a random subset that is neither empty nor full has size k: C(d, k), up to a factor. */
export function logUniformSizes(features: number): NDArray {
  let logBinomial = 0;
  return bySize(features, (k) => {
    logBinomial += Math.log((features - k + 1) / k);
    return logBinomial;
  });
}

const bySize = (features: number, of: (k: number) => number): NDArray =>
  array(
    Array.from({ length: features - 1 }, (_, i) => of(i + 1)),
    { dtype: "float64" },
  );
