/** Robust training by others, to compare with: adversarial training and TRADES. */
import type { Tensor, TensorLike } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { compSumLoss } from "./losses.ts";
import { checkLabels } from "./margins.ts";
import { type AscentOptions, perturb } from "./perturbation.ts";
import type { Model } from "./smoothAdversarial.ts";

/** The attack of a training step: ten steps, from anywhere in the ball. */
export type PgdOptions = Omit<AscentOptions, "steps"> & { steps?: number };

/**
 * Adversarial training, per example: cross entropy at inputs found by ascent on it (Madry et al.,
 * "Towards Deep Learning Models Resistant to Adversarial Attacks", ICLR 2018).
 *
 * @param x [batch, ...]
 * @param labels int32 [batch]
 * @returns [batch]
 */
export function pgdTrainingLoss(
  model: Model,
  x: Tensor,
  labels: Tensor,
  options: PgdOptions,
  key: TensorLike,
): Tensor {
  const loss = (at: Tensor): Tensor => compSumLoss(model(at), labels);
  return loss(perturb(loss, x, { steps: 10, start: "uniform", ...options }, key));
}

export interface TradesOptions extends PgdOptions {
  /** Weight of the divergence: 6 in the authors' code, from 1 on in their experiments. */
  beta: number;
}

/**
 * TRADES, per example:
 *
 *     CE(h(x), y) + beta KL( softmax h(x) || softmax h(x') )
 *
 * x' from ascent on the divergence, started next to x (Zhang et al., "Theoretically Principled
 * Trade-off between Robustness and Accuracy", ICML 2019).
 *
 * @param x [batch, ...]
 * @param labels int32 [batch]
 * @returns [batch]
 * @throws UsageError for beta < 0
 */
export function tradesLoss(
  model: Model,
  x: Tensor,
  labels: Tensor,
  { beta, ...options }: TradesOptions,
  key: TensorLike,
): Tensor {
  if (!(beta >= 0 && Number.isFinite(beta)))
    throw new UsageError(`beta must be a number >= 0, got ${beta}`);
  const scores = model(x);
  checkLabels("tradesLoss", scores, labels);
  const clean = scores.logSoftmax();
  const fixed = clean.stopGradient();
  const away = (at: Tensor): Tensor => divergence(fixed, model(at).logSoftmax());
  const adversarial = perturb(away, x, { steps: 10, ...options }, key);
  const distance = divergence(clean, model(adversarial).logSoftmax());
  return compSumLoss(scores, labels).add(distance.mul(beta));
}

/** KL(p || q) of the rows of two matrices of log probabilities. */
const divergence = (p: Tensor, q: Tensor): Tensor => p.exp().mul(p.sub(q)).sum(-1);
