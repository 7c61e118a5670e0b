/**
 * The distributions Z of perturbations (section 3, table 1). A neighbourhood of one's own, an object of
 * this form, makes a new explainer.
 */
import {
  array,
  concat,
  iota,
  lift,
  type NDArray,
  ones,
  random,
  type Tensor,
  type TensorLike,
  zeros,
} from "@etude/tensor";
import { checkAlpha, checkEnumerable, checkKernelWidth, checkSigma } from "./checks.ts";
import {
  boundaryWeight,
  logExponentialKernel,
  logShapleyKernel,
  logShapleySizes,
  logUniformSizes,
} from "./kernels.ts";
import type { Operation } from "./perturbation.ts";

/** What a draw is to have: n, d, and the dtype of the inputs. */
export interface DrawSize {
  readonly samples: number;
  readonly features: number;
  readonly dtype: random.FloatType;
}

export interface Neighbourhood {
  readonly name: string;
  readonly operation: Operation;
  /** xi: [n, d], with n as asked for unless the neighbourhood enumerates its perturbations. */
  draw(key: Tensor, size: DrawSize): Tensor;
  /**
   * log pi: [n]; all perturbations count the same where it is not there.
   *
   * @param displacements x0 (+) xi - x0: [n, inputs]
   */
  logWeights?(xi: Tensor, displacements: Tensor): Tensor;
}

/** xi ~ N(0, sigma^2 I), added: C-LIME, SmoothGrad and, with sigma -> 0, Vanilla Gradients. */
export function gaussian(sigma: number): Neighbourhood {
  checkSigma("gaussian", sigma);
  return {
    name: `N(0, ${sigma}^2)`,
    operation: "additive",
    draw: (key, { samples, features, dtype }) =>
      random.normal(key, [samples, features], { dtype }).mul(sigma),
  };
}

/**
 * xi = a 1, a ~ U(alpha, 1), multiplied: Integrated Gradients with alpha = 0 and, with alpha -> 1,
 * Gradient x Input. All features are scaled alike, so only matching gradients tells them apart.
 */
export function uniformScale(alpha = 0): Neighbourhood {
  checkAlpha("uniformScale", alpha);
  return {
    name: `U(${alpha}, 1) 1`,
    operation: "multiplicative",
    draw: (key, { samples, features, dtype }) =>
      random.uniform(key, [samples, 1], { dtype, low: alpha, high: 1 }).repeat(features, 1),
  };
}

/** Every feature kept or removed by the toss of a coin. Least squares gives Banzhaf values. */
export function bernoulli(): Neighbourhood {
  return {
    name: "Bernoulli(1/2)",
    operation: "multiplicative",
    draw: (key, { samples, features, dtype }) => coins(key, samples, features).astype(dtype),
  };
}

/** Tosses of coins, 0 or 1: uint32 [n, d]. Every bit of a random word is one, so few are drawn. */
function coins(key: Tensor, samples: number, features: number): Tensor {
  const words = Math.ceil(features / 32);
  const places = iota(32, "uint32");
  return random
    .bits(key, [samples, words, 1])
    .shiftRight(places)
    .bitwiseAnd(1)
    .reshape([samples, words * 32])
    .slice(null, [0, features]);
}

/** The same, weighted by the exponential kernel (eq. 9): LIME. */
export function bernoulliExponential(kernelWidth: TensorLike = 1): Neighbourhood {
  checkKernelWidth(kernelWidth);
  return {
    ...bernoulli(),
    name: "Bernoulli(1/2), exponential kernel",
    logWeights: (_, displacements) => logExponentialKernel(displacements, kernelWidth),
  };
}

/**
 * Subsets weighted by the Shapley kernel (eq. 10): KernelSHAP. The first two are the empty and the full
 * one, which random subsets of many features never are, and whose weight decides that attributions add
 * up to f(x0) - f(x'). The others are uniform over the rest: were the empty and the full one in every
 * minibatch, their weight would leave Adam nothing else to see.
 */
export function shapley(): Neighbourhood {
  return {
    name: "subsets, Shapley kernel",
    operation: "multiplicative",
    draw: (key, size) => subsetsBySize(key, size, logUniformSizes),
    logWeights: (xi) => lift(logShapleyKernel(xi.shape[1])).gather(sizesOf(xi)),
  };
}

/**
 * The same distribution, drawn as KernelSHAP draws it: sizes by the kernel, then a subset of that size,
 * all of weight 1 but for the empty and the full one. For many features far less noisy than weighting
 * uniform subsets, of which hardly any are small.
 */
export function shapleySizes(): Neighbourhood {
  return {
    name: "subsets drawn by the Shapley kernel",
    operation: "multiplicative",
    draw: (key, size) => subsetsBySize(key, size, logShapleySizes),
    logWeights: (xi) => {
      const [n, d] = xi.shape;
      // A sample stands for the kernel of all proper subsets over the number of samples.
      const kernel = Array.from(logShapleySizes(d).data, Number).reduce(
        (s, l) => s + Math.exp(l),
        0,
      );
      const boundary = Math.log((boundaryWeight * Math.max(n - 2, 1)) / (kernel || 1));
      const logs = [boundary, ...new Array<number>(d - 1).fill(0), boundary];
      return lift(array(logs, { dtype: "float64" })).gather(sizesOf(xi));
    },
  };
}

/** The empty and the full subset, then subsets of random sizes, all of a size alike: [n, d]. */
function subsetsBySize(
  key: Tensor,
  { samples, features, dtype }: DrawSize,
  logSizes: (features: number) => NDArray,
): Tensor {
  const boundary = [lift(zeros([1, features], dtype)), lift(ones([1, features], dtype))];
  const count = features > 1 ? Math.max(samples - 2, 0) : 0;
  if (count === 0) return concat(boundary);
  const [sizeKey, subsetKey] = random.split(key);
  const sizes = sizesDrawn(sizeKey, count, logSizes(features));
  // The k features with the lowest random words: those up to the k-th in order.
  const words = random.bits(subsetKey, [count, features]);
  const limit = words.sort(1).takeAlongAxis(sizes.sub(1).expandDims(1), 1);
  return concat([...boundary, words.lessEqual(limit).astype(dtype)]);
}

/** Sizes from 1, by how many of the cumulative probabilities a uniform number exceeds: int32 [n]. */
function sizesDrawn(key: Tensor, count: number, logSizes: NDArray): Tensor {
  const logs = Array.from(logSizes.data, Number);
  const largest = Math.max(...logs);
  const shares = logs.map((log) => Math.exp(log - largest));
  const total = shares.reduce((sum, share) => sum + share, 0);
  let sum = 0;
  const limits = shares.slice(0, -1).map((share) => {
    sum += share;
    return sum / total;
  });
  if (limits.length === 0) return lift(ones([count], "int32"));
  const u = random.uniform(key, [count, 1], { dtype: "float64" });
  return u
    .greater(array(limits, { dtype: "float64" }))
    .astype("int32")
    .sum(1)
    .add(1);
}

/** One feature at a time: Occlusion, whose xi says which is removed. */
export function oneHot(): Neighbourhood {
  return {
    name: "one feature",
    operation: "multiplicative",
    draw: (key, { samples, features, dtype }) =>
      random.randint(key, [samples], 0, features).oneHot(features, { dtype }),
  };
}

/**
 * A neighbourhood of subsets with every subset once instead of random ones: what the method of that
 * neighbourhood tends to with more and more samples.
 */
export const everySubset = (neighbourhood: Neighbourhood): Neighbourhood => ({
  ...neighbourhood,
  name: `all ${neighbourhood.name}`,
  draw: (_, { features, dtype }) => allSubsets(features, dtype),
});

/** All subsets of d features, one a row, the empty one first: [2^d, d]. */
export function allSubsets(features: number, dtype: random.FloatType): Tensor {
  checkEnumerable("all subsets", features);
  const values = Array.from({ length: 2 ** features }, (_, subset) =>
    Array.from({ length: features }, (_, j) => (subset >>> j) & 1),
  );
  return lift(array(values, { dtype }));
}

/**
 * Given perturbations with given weights: a quadrature in place of samples, or perturbations that were
 * really seen.
 *
 * @param xi [n, d]
 * @param weights [n], positive
 */
export const weightedPoints = (
  name: string,
  operation: Operation,
  xi: TensorLike,
  weights: TensorLike,
): Neighbourhood => ({
  name,
  operation,
  draw: () => lift(xi),
  logWeights: () => lift(weights).log(),
});

/** How many features a row of zeros and ones has: int32 [n]. */
const sizesOf = (xi: Tensor): Tensor => xi.sum(-1).round().astype("int32");
