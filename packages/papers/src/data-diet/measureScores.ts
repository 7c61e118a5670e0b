/** The scores of the experiment: of several runs early in training, at their start, and of a longer run. */
import { type ArrayTree, array, type NDArray } from "@etude/tensor";
import type { RunContext } from "../contract/context.ts";
import { progress, type Running } from "../contract/events.ts";
import { type Classifier, compileProbabilities } from "./classifier.ts";
import { forgettingScores, noForgetting, observeBatch } from "./forgetting.ts";
import { rateOver, recipeOf } from "./material.ts";
import type { Options } from "./options.ts";
import { rowsOf } from "./rows.ts";
import { errorScores, meanOverRuns } from "./scores.ts";
import { allRows, batchOrder, compileTrainer, type Examples } from "./training.ts";

/** Early scores of one run over all examples. */
export interface EarlyScores {
  readonly el2n: NDArray;
  readonly grand: NDArray;
  readonly grandAtStart: NDArray;
  readonly l1: NDArray;
  readonly maxMargin: NDArray;
}

/** Means over runs. */
export type MeanScores = Readonly<Record<keyof EarlyScores, Float64Array>>;

/** A run's own seeds are far from those of other purposes. */
export const seedOf = (seed: number, purpose: number): number => seed * 1000 + purpose;

export interface ScoringPlan {
  readonly options: Options;
  readonly classifier: Classifier;
  readonly examples: Examples;
  /** Names of steps begin with it. */
  readonly name: string;
  readonly runs: number;
  readonly seed: number;
}

/** Scores averaged over runs that start anew, each trained for `scoreEpochs` at a constant rate. */
export async function* measureEarlyScores(
  { options, classifier, examples, name, runs, seed }: ScoringPlan,
  { step }: RunContext,
): Running<MeanScores> {
  const rows = examples.inputs.shape[0];
  const labels = examples.labels.data as Int32Array;
  const trainer = compileTrainer(classifier, recipeOf(options, options.learningRate));
  const predict = compileProbabilities(classifier);
  const norms = classifier.gradientNorms();
  const steps = options.scoreEpochs * Math.max(1, Math.floor(rows / options.batchSize));
  const score = async (run: number): Promise<EarlyScores> => {
    const start = await trainer.start(seedOf(seed, run));
    const atStart = await norms(start.params, examples.inputs, labels, { state: start.state });
    const batches = batchOrder(allRows(rows), options.batchSize, steps, seedOf(seed, run));
    const { state } = await trainer.advance(start, examples, batches, seedOf(seed, run));
    const p = await predict(state, examples.inputs);
    const grand = await norms(state.params, examples.inputs, labels, { state: state.state });
    return {
      el2n: array(errorScores("el2n", p, labels)),
      l1: array(errorScores("l1", p, labels)),
      maxMargin: array(errorScores("maxMargin", p, labels)),
      grand: array(grand),
      grandAtStart: array(atStart),
    };
  };
  const scored: EarlyScores[] = [];
  for (let run = 0; run < runs; run++) {
    yield progress(run, runs, `${name}: run ${run + 1} of ${runs}`);
    scored.push(yield* step(`${name} ${run + 1}`, () => score(run)));
  }
  const mean = (kind: keyof EarlyScores) =>
    meanOverRuns(scored.map((scores) => scores[kind].data as Float64Array));
  return {
    el2n: mean("el2n"),
    grand: mean("grand"),
    grandAtStart: mean("grandAtStart"),
    l1: mean("l1"),
    maxMargin: mean("maxMargin"),
  };
}

/** Forgetting over one whole training, and the weights after each of its first epochs. */
export async function measureForgetting(
  options: Options,
  classifier: Classifier,
  examples: Examples,
  seed: number,
  checkpoints: number,
): Promise<{ scores: NDArray; weights: ArrayTree[] }> {
  const rows = examples.inputs.shape[0];
  const perEpoch = Math.max(1, Math.floor(rows / options.batchSize));
  const total = options.forgettingEpochs * perEpoch;
  const trainer = compileTrainer(classifier, recipeOf(options, rateOver(options, total)));
  const order = batchOrder(allRows(rows), options.batchSize, total, seed);
  const [, size] = order.shape;
  const seen = noForgetting(rows);
  let state = await trainer.start(seed);
  const weights: ArrayTree[] = [state.params];
  for (let epoch = 0; epoch < options.forgettingEpochs; epoch++) {
    const batches = rowsOf(order, epoch * perEpoch, perEpoch);
    const after = await trainer.advance(state, examples, batches, seedOf(seed, epoch));
    state = after.state;
    for (let batch = 0; batch < perEpoch; batch++) {
      const examplesSeen = rowsOf(batches, batch, 1).data;
      observeBatch(seen, examplesSeen, after.correct.subarray(batch * size, (batch + 1) * size));
    }
    if (weights.length < checkpoints) weights.push(state.params);
  }
  return { scores: array(forgettingScores(seen)), weights };
}
