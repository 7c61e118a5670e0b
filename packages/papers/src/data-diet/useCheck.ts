/** Whether the diet costs accuracy on the user's own data: examples held out, and random subsets beside. */
import { gatherRows } from "@etude/data";
import { accuracy, cosineSchedule } from "@etude/learn";
import { random } from "@etude/tensor";
import type { RunContext } from "../contract/context.ts";
import { progress, type Running } from "../contract/events.ts";
import { type Classifier, compileProbabilities } from "./classifier.ts";
import { selectSubset } from "./subsets.ts";
import { allRows, batchOrder, compileTrainer, type Examples } from "./training.ts";
import {
  batchSizeFor,
  type DietOptions,
  dietOf,
  earlyScores,
  forgettingOf,
  recipeWith,
} from "./useDiet.ts";

/** Per cent right on the examples held out, one number a repetition. */
export interface Check {
  readonly everything: readonly number[];
  readonly pruned: readonly number[];
  readonly random: readonly number[];
  /** Examples of the pruned and the random subset. */
  readonly sizes: readonly number[];
}

const heldOut = 0.2;

/**
 * Each time a fifth of the examples is held out, the rest is scored and pruned without them, and three
 * networks are trained for the same number of steps: on all of the rest, on the pruned, and on as many
 * drawn at random.
 */
export async function* checkDiet(
  classifier: Classifier,
  examples: Examples,
  options: DietOptions,
  repetitions: number,
  context: RunContext,
): Running<Check> {
  const rows = examples.labels.size;
  const results: { everything: number; pruned: number; random: number; size: number }[] = [];
  for (let i = 0; i < repetitions; i++) {
    const name = `check ${i + 1}`;
    const seed = context.seed * 1000 + 500 + 20 * i;
    const order = random.generator(seed).permutation(rows);
    const tested = Math.max(1, Math.round(heldOut * rows));
    const test = part(examples, order.slice(0, tested));
    const train = part(examples, order.slice(tested));
    const scores = yield* earlyScores(classifier, train, options, name, seed, context);
    yield progress(i, repetitions, `${name}: training`);
    results.push(
      yield* context.step(`${name}, trained`, async () => {
        const count = train.labels.size;
        const forgetting =
          options.score === "forgetting"
            ? ((await forgettingOf(classifier, train, options, seed)).data as Float64Array)
            : new Float64Array(count);
        const { kept } = dietOf(scores, forgetting, train.labels.data, options);
        const size = kept.length;
        const chance = selectSubset(scores.el2n, { kind: "random", size, seed });
        const batchSize = batchSizeFor(count);
        const steps = options.trainingEpochs * Math.max(1, Math.floor(count / batchSize));
        const trainer = compileTrainer(
          classifier,
          recipeWith(cosineSchedule(options.learningRate, steps)),
        );
        const predict = compileProbabilities(classifier);
        const accuracyAfter = async (subset: Int32Array): Promise<number> => {
          const batches = batchOrder(subset, batchSize, steps, seed);
          const { state } = await trainer.advance(await trainer.start(seed), train, batches, seed);
          return 100 * accuracy(await predict(state, test.inputs), test.labels);
        };
        return {
          everything: await accuracyAfter(allRows(count)),
          pruned: await accuracyAfter(kept),
          random: await accuracyAfter(chance),
          size,
        };
      }),
    );
  }
  return {
    everything: results.map(({ everything }) => everything),
    pruned: results.map(({ pruned }) => pruned),
    random: results.map((result) => result.random),
    sizes: results.map(({ size }) => size),
  };
}

const part = ({ inputs, labels }: Examples, rows: Int32Array): Examples => ({
  inputs: gatherRows(inputs, rows),
  labels: gatherRows(labels, rows),
});
