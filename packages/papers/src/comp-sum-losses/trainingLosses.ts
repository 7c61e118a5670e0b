/** What a classifier can be trained on: each loss as a function of the classifier and a batch. */
import type { Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { type PgdOptions, pgdTrainingLoss, type TradesOptions, tradesLoss } from "./baselines.ts";
import { type CompSumOptions, compSumLoss } from "./losses.ts";
import {
  type Model,
  type SmoothAdversarialOptions,
  smoothAdversarialLoss,
} from "./smoothAdversarial.ts";

/** Where a training is. */
export interface TrainingPlace {
  /** For the random numbers of the step. */
  readonly key: Tensor;
  /** Share of the steps that are done, from 0 up to 1. */
  readonly done: Tensor;
}

/** A loss per example [batch] of a classifier at a batch. */
export type TrainingLoss = (
  model: Model,
  x: Tensor,
  labels: Tensor,
  place: TrainingPlace,
) => Tensor;

export const onCompSum =
  (options: CompSumOptions = {}): TrainingLoss =>
  (model, x, labels) =>
    compSumLoss(model(x), labels, options);

/**
 * ADV-COMP-SUM (16), with nu raised in a straight line over the first part of the training: a network
 * that gets all of nu at once learns that constant scores cost nothing.
 *
 * @param options `rampShare`: that part, 0 for none. A half.
 */
export function onSmoothAdversarial({
  rampShare = 0.5,
  nu = 1,
  ...options
}: Omit<SmoothAdversarialOptions, "nu"> & {
  readonly nu?: number;
  readonly rampShare?: number;
}): TrainingLoss {
  if (!(rampShare >= 0 && rampShare <= 1))
    throw new UsageError(`rampShare is a share of the training, from 0 to 1, got ${rampShare}`);
  return (model, x, labels, { key, done }) => {
    const weight = rampShare === 0 || nu === 0 ? nu : done.div(rampShare).minimum(1).mul(nu);
    return smoothAdversarialLoss(model, x, labels, { ...options, nu: weight }, key).loss;
  };
}

export const onPgd =
  (options: PgdOptions): TrainingLoss =>
  (model, x, labels, { key }) =>
    pgdTrainingLoss(model, x, labels, options, key);

export const onTrades =
  (options: TradesOptions): TrainingLoss =>
  (model, x, labels, { key }) =>
    tradesLoss(model, x, labels, options, key);
