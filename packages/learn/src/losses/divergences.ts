/** How far distributions and directions are apart. */
import { type Tensor, where } from "@etude/tensor";
import { expectSameShape } from "./shapes.ts";

/**
 * Kullback-Leibler divergence, per example: sum_c p_c (log p_c - log q_c), where a p_c of 0 adds 0.
 *
 * @param logPredictions log q [..., classes], such as `logits.logSoftmax()`
 * @param targets p [..., classes], probabilities
 * @returns [...]
 */
export function klDivergence(logPredictions: Tensor, targets: Tensor): Tensor {
  expectSameShape("klDivergence", ["logPredictions", "targets"], logPredictions, targets);
  const isPositive = targets.greater(0);
  const logTargets = where(isPositive, targets, 1).log();
  const gap = where(isPositive, logTargets.sub(logPredictions), 0);
  return targets.mul(gap).sum(-1);
}

/** Keeps the length of a zero vector out of denominators. */
const leastLength = 1e-8;

/** Vectors along the last axis divided by their lengths; those shorter than 1e-8 by 1e-8. */
export function normalizeRows(x: Tensor): Tensor {
  const squares = x.mul(x).sum(-1, { keepDims: true });
  return x.mul(squares.maximum(leastLength ** 2).rsqrt());
}

/**
 * The cosine of the angle between vectors, per example; 0 where one is zero.
 *
 * @param a [..., features]
 * @param b [..., features]
 * @returns [...]
 */
export function cosineSimilarity(a: Tensor, b: Tensor): Tensor {
  expectSameShape("cosineSimilarity", ["a", "b"], a, b);
  return normalizeRows(a).mul(normalizeRows(b)).sum(-1);
}

/** 1 - {@link cosineSimilarity}: 0 for equal directions, 2 for opposite ones. */
export function cosineDistance(a: Tensor, b: Tensor): Tensor {
  return cosineSimilarity(a, b).neg().add(1);
}
