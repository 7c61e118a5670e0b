/** The same network trained on every loss of the family, at every learning rate. */

import { quantileOf } from "@etude/learn";
import type { TensorTree } from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import type { Place, Running } from "../../contract/events.ts";
import { evaluator } from "../evaluation.ts";
import type { Examples } from "../examples.ts";
import { classifier } from "../networks.ts";
import { type FitOptions, type Trainer, trainer } from "../training.ts";
import { onCompSum } from "../trainingLosses.ts";
import { watched } from "../watched.ts";
import type { Options } from "./options.ts";
import { divide, loadParts } from "./parts.ts";

/** One loss at one learning rate. */
export interface RateResult {
  readonly learningRate: number;
  readonly diverged: boolean;
  /** Accuracies. What diverged gives every example the most frequent class of the training part. */
  readonly validation: number;
  readonly test: number;
  /** Of the norms of the gradients that are finite, over the steps; null where none is. */
  readonly gradientNorm: { median: number; high: number; largest: number } | null;
}

export interface ChoiceResult {
  readonly tau: number;
  readonly rates: readonly RateResult[];
}

/** The rate with the best validation accuracy; of equals the first. */
export const chosenRate = ({ rates }: ChoiceResult): RateResult =>
  rates.reduce((best, rate) => (rate.validation > best.validation ? rate : best));

export const atRate = ({ rates }: ChoiceResult, learningRate: number): RateResult | undefined =>
  rates.find((rate) => rate.learningRate === learningRate);

/** All losses of one seed, a step each; `done` and `total` are units of progress. */
export async function* measureChoice(
  options: Options,
  context: RunContext,
  done: number,
  total: number,
): Running<ChoiceResult[]> {
  const { seed } = context;
  const { trainImages, validationImages, testImages: test, testFraction } = options;
  const sizes = { train: trainImages + validationImages, test, testFraction };
  const parts = await loadParts(context.data, options.images, sizes, seed);
  // Where there are not as many, validation and training part have the shares asked for.
  const share = validationImages / sizes.train;
  const [validation, train] = divide(parts.train, Math.round(share * parts.train.labels.size));
  const net = classifier(options.imageNetwork, parts.shape, parts.classes, options.hidden);
  const evaluateOn = evaluator(net);
  const guess = mostFrequent(train);

  const results: ChoiceResult[] = [];
  for (const [place, tau] of options.choiceTaus.entries()) {
    const fit = trainer(net, onCompSum({ tau }), { weightDecay: options.weightDecay });
    const rates: RateResult[] = [];
    for (const [i, learningRate] of options.learningRates.entries()) {
      const name = `choice/tau-${tau}/rate-${learningRate}`;
      const label = `${options.images}, tau ${tau}, learning rate ${learningRate}`;
      const share = { done: done + place + i / options.learningRates.length, total, label };
      const settings: FitOptions = {
        learningRate,
        epochs: options.choiceEpochs,
        batchSize: options.choiceBatch,
        seed,
        signal: context.signal,
        checkpoint: context.checkpoints(name),
      };
      rates.push(yield* context.step(name, () => measureRate(fit, settings, share)));
    }
    results.push({ tau, rates });
  }
  return results;

  async function* measureRate(
    fit: Trainer<TensorTree>,
    settings: FitOptions,
    share: Place,
  ): Running<RateResult> {
    const { params, gradientNorms } = yield* watched(fit(train, settings), share);
    const accuracyOn = async (examples: Examples): Promise<number> =>
      params === null ? shareOf(examples, guess) : (await evaluateOn(params, examples, seed)).clean;
    return {
      learningRate: settings.learningRate,
      diverged: params === null,
      validation: await accuracyOn(validation),
      test: await accuracyOn(parts.test),
      gradientNorm: summaryOf(gradientNorms),
    };
  }
}

function summaryOf(norms: readonly number[]): RateResult["gradientNorm"] {
  if (norms.length === 0) return null;
  const [median, high, largest] = [0.5, 0.9, 1].map((p) => quantileOf(norms, p));
  return { median, high, largest };
}

function mostFrequent({ labels }: Examples): number {
  const counts = new Map<number, number>();
  for (const label of labels.data) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

const shareOf = ({ labels }: Examples, label: number): number =>
  Array.from(labels.data).filter((each) => each === label).length / labels.size;
