/** Losses of scores for classes. */
import type { Tensor } from "@etude/tensor";
import { fail } from "../errors.ts";
import { expectClassIndices, expectSameShape, isInteger, pick } from "./shapes.ts";

export interface CrossEntropyOptions {
  /**
   * The share of the label's probability that is spread evenly over all classes, 0 by default
   * (Szegedy et al. 2016, "Rethinking the inception architecture", section 7).
   */
  smoothing?: number;
}

/**
 * Cross entropy of the softmax of scores, per example: -sum_c p_c log softmax(logits)_c.
 *
 * @param logits [..., classes]
 * @param labels class indices (int32) [...], or probabilities (floats) [..., classes]
 * @returns [...]
 *
 * @example softmaxCrossEntropy(logits, labels).mean()
 */
export function softmaxCrossEntropy(
  logits: Tensor,
  labels: Tensor,
  { smoothing = 0 }: CrossEntropyOptions = {},
): Tensor {
  if (!(smoothing >= 0 && smoothing <= 1))
    fail(`softmaxCrossEntropy: smoothing ${smoothing} is not in [0, 1]`);
  const logarithms = logits.logSoftmax();
  const likelihood = isInteger(labels)
    ? likelihoodOfIndices(logarithms, labels)
    : likelihoodOfProbabilities(logarithms, labels);
  if (smoothing === 0) return likelihood.neg();
  const even = logarithms.mean(-1).mul(smoothing);
  return likelihood
    .mul(1 - smoothing)
    .add(even)
    .neg();
}

function likelihoodOfIndices(logarithms: Tensor, labels: Tensor): Tensor {
  expectClassIndices("softmaxCrossEntropy", logarithms, labels);
  return pick(logarithms, labels);
}

function likelihoodOfProbabilities(logarithms: Tensor, labels: Tensor): Tensor {
  expectSameShape("softmaxCrossEntropy", ["logits", "probabilities"], logarithms, labels);
  return logarithms.mul(labels).sum(-1);
}

/**
 * Cross entropy of sigmoids, elementwise: -y log sigmoid(x) - (1 - y) log(1 - sigmoid(x)), without
 * overflow and with small losses to full precision.
 *
 * @param logits [...]
 * @param labels [...], floats in [0, 1]
 * @returns [...]
 */
export function sigmoidBinaryCrossEntropy(logits: Tensor, labels: Tensor): Tensor {
  expectSameShape("sigmoidBinaryCrossEntropy", ["logits", "labels"], logits, labels);
  const ifPositive = logits.neg().softplus(); // -log sigmoid(x)
  const ifNegative = logits.softplus();
  return labels.mul(ifPositive).add(labels.neg().add(1).mul(ifNegative));
}

/**
 * The hinge loss, elementwise: max(0, 1 - y s).
 *
 * @param scores [...]
 * @param labels [...], floats -1 or 1
 */
export function hingeLoss(scores: Tensor, labels: Tensor): Tensor {
  expectSameShape("hingeLoss", ["scores", "labels"], scores, labels);
  return scores.mul(labels).neg().add(1).relu();
}

/**
 * The hinge loss of several classes, per example: max(0, 1 + max_{c != y} s_c - s_y) (Crammer and
 * Singer 2001, "On the algorithmic implementation of multiclass kernel-based vector machines").
 *
 * @param scores [..., classes]
 * @param labels int32 [...]
 * @returns [...]
 */
export function multiclassHingeLoss(scores: Tensor, labels: Tensor): Tensor {
  expectClassIndices("multiclassHingeLoss", scores, labels);
  const chosen = labels.oneHot(scores.shape[scores.rank - 1], { dtype: scores.dtype });
  // The label's own term is s_y + 0 - s_y = 0, so that the maximum is not negative.
  return scores.add(chosen.neg().add(1)).max(-1).sub(pick(scores, labels));
}

export interface FocalOptions {
  /** How strongly easy examples are discounted; 2 by default. */
  gamma?: number;
}

/**
 * The binary focal loss, elementwise: -alpha_t (1 - p_t)^gamma log p_t, where p_t is the probability
 * given to the true label (Lin et al. 2017, "Focal loss for dense object detection", eq. 5).
 *
 * @param logits [...]
 * @param labels [...], floats 0 or 1
 * @param options `alpha` weighs label 1 and 1 - alpha label 0; without it both count 1
 */
export function sigmoidFocalLoss(
  logits: Tensor,
  labels: Tensor,
  { gamma = 2, alpha }: FocalOptions & { alpha?: number } = {},
): Tensor {
  expectSameShape("sigmoidFocalLoss", ["logits", "labels"], logits, labels);
  const toward = logits.mul(labels.mul(2).sub(1)); // p_t = sigmoid(toward)
  // (1 - p_t)^gamma by its logarithm, which has a derivative everywhere.
  const discount = toward.softplus().mul(-gamma).exp();
  const loss = discount.mul(toward.neg().softplus());
  return alpha === undefined ? loss : loss.mul(labels.mul(2 * alpha - 1).add(1 - alpha));
}

/** Added to a score that is to be left out. */
const never = -1e30;

/**
 * The focal loss of several classes, per example: -(1 - p_y)^gamma log p_y with p the softmax.
 *
 * @param logits [..., classes], two classes or more
 * @param labels int32 [...]
 * @returns [...]
 */
export function softmaxFocalLoss(
  logits: Tensor,
  labels: Tensor,
  { gamma = 2 }: FocalOptions = {},
): Tensor {
  expectClassIndices("softmaxFocalLoss", logits, labels);
  const classes = logits.shape[logits.rank - 1];
  if (classes < 2) fail("softmaxFocalLoss: one class leaves nothing to be wrong about");
  const logarithms = logits.logSoftmax();
  const others = logarithms.add(labels.oneHot(classes, { dtype: logits.dtype }).mul(never));
  // (1 - p_y)^gamma from the other classes' probabilities: 1 - p_y itself would lose its digits.
  const discount = others.logsumexp(-1).mul(gamma).exp();
  return discount.mul(pick(logarithms, labels)).neg();
}
