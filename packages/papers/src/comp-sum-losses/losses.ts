/** Comp-sum losses: a concave transform of the sum over the other classes. */
import { type Tensor, where } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { checkClasses, checkLabels, classesOf, labelMask, margins, pick } from "./margins.ts";
import { checkTau, phiOfLogarithm } from "./transform.ts";

export interface CompSumOptions {
  /**
   * Which loss of the family: 0 sum-exponential, 1 cross entropy (the default), between 1 and 2
   * generalised cross entropy with q = tau - 1, 2 mean absolute error (half of it).
   */
  tau?: number;
  /** Scores are divided by it: the sum is over exp(-Delta / rho). 1 by default. */
  rho?: number;
}

/**
 * The comp-sum loss of the softmax p of scores, per example:
 *
 *     l_tau = Phi^tau( sum_{y' != y} exp(h_{y'} - h_y) ) = (1 - p_y^(tau-1)) / (tau - 1)      (1)-(4)
 *
 * Its gradient p_y^(tau-1) (p_k - 1[k = y]) (5) says how to choose: tau < 1 magnifies hard examples
 * (and overflows to +Infinity for very hard ones), tau > 1 gives them up, which helps where labels
 * are wrong and starves training where they are right.
 *
 * Signature and shapes are those of `softmaxCrossEntropy`, which it equals at tau = 1.
 *
 * Mao, Mohri, Zhong, "Cross-Entropy Loss Functions: Theoretical Analysis and Applications", ICML 2023,
 * arXiv:2304.07288.
 *
 * @param logits [..., classes], two classes or more
 * @param labels class indices (int32) [...], or probabilities (floats) [..., classes] for the
 * conditional risk sum_y q_y l_tau(h, y)
 * @returns [...]
 * @throws UsageError for tau < 0, rho <= 0, one class, or shapes that do not fit
 *
 * @example compSumLoss(logits, labels, { tau: 1.5 }).mean()
 */
export function compSumLoss(
  logits: Tensor,
  labels: Tensor,
  { tau = 1, rho = 1 }: CompSumOptions = {},
): Tensor {
  checkTau(tau);
  checkRho(rho);
  const scores = rho === 1 ? logits : logits.div(rho);
  if (isIndices(labels)) {
    checkLabels("compSumLoss", scores, labels);
    return phiOfLogarithm(pick(scores.logSoftmax(), labels).neg(), tau);
  }
  checkProbabilities(scores, labels);
  const losses = phiOfLogarithm(scores.logSoftmax().neg(), tau);
  // A class of probability 0 adds 0, however large its loss.
  return where(labels.greater(0), losses.mul(labels), 0).sum(-1);
}

/**
 * The comp-sum loss of rho-margins, per example, between Phi^tau of 0 and of the number of other
 * classes:
 *
 *     Phi^tau( sum_{y' != y} Phi_rho(h_y - h_{y'}) ),   Phi_rho(t) = min(max(0, 1 - t / rho), 1)
 *
 * At most {@link compSumLoss} of the same tau and rho, since Phi_rho(t) <= exp(-t / rho); the loss
 * that the adversarial bounds are about (13). It has no gradient beyond the margin: to be evaluated,
 * not to be trained with.
 *
 * @param logits [..., classes]
 * @param labels int32 [...]
 * @returns [...]
 * @throws UsageError as {@link compSumLoss}
 */
export function compMarginLoss(
  logits: Tensor,
  labels: Tensor,
  { tau = 1, rho = 1 }: CompSumOptions = {},
): Tensor {
  checkTau(tau);
  checkRho(rho);
  checkLabels("compMarginLoss", logits, labels);
  const violations = margins(logits, labels).div(-rho).add(1).maximum(0).minimum(1);
  const others = labelMask(logits, labels).neg().add(1);
  return phiOfLogarithm(violations.mul(others).sum(-1).log1p(), tau);
}

/** @throws UsageError unless rho is positive */
export function checkRho(rho: number): void {
  if (!(rho > 0 && Number.isFinite(rho)))
    throw new UsageError(`rho must be a positive number, got ${rho}`);
}

const isIndices = ({ dtype }: Tensor): boolean => dtype === "int32" || dtype === "uint32";

function checkProbabilities(scores: Tensor, labels: Tensor): void {
  checkClasses("compSumLoss", scores);
  if (labels.rank === scores.rank && classesOf(labels) === classesOf(scores)) return;
  throw new UsageError(
    `compSumLoss: probabilities [${labels.shape.join(", ")}] for scores [${scores.shape.join(", ")}]; ` +
      "there is one for each score, and class indices are int32",
  );
}
