/** The method on the user's examples: scores, probable label errors, and what to keep. */
import { constantSchedule, cosineSchedule } from "@etude/learn";
import { array, type NDArray } from "@etude/tensor";
import type { RunContext } from "../contract/context.ts";
import { progress, type Running } from "../contract/events.ts";
import { type Classifier, compileProbabilities } from "./classifier.ts";
import { forgettingScores, noForgetting, observeBatch } from "./forgetting.ts";
import { rowsOf } from "./rows.ts";
import { errorScores, meanOverRuns } from "./scores.ts";
import { ascendingOrder, selectSubset } from "./subsets.ts";
import { allRows, batchOrder, compileTrainer, type Examples, type Recipe } from "./training.ts";

export interface DietOptions {
  readonly score: "el2n" | "grand" | "forgetting";
  readonly keep: number;
  /** Share of the highest scores to leave out; as many as there are probable label errors if not given. */
  readonly drop?: number;
  readonly runs: number;
  readonly epochs: number;
  readonly trainingEpochs: number;
  readonly learningRate: number;
  readonly confidence: number;
}

export interface Scores {
  readonly el2n: Float64Array;
  readonly grand: Float64Array;
  /** Mean over the runs. */
  readonly probabilities: Float64Array;
}

export interface Diet {
  readonly el2n: Float64Array;
  readonly grand: Float64Array;
  readonly forgetting: Float64Array;
  /** The class with the highest mean probability. */
  readonly suggested: Int32Array;
  readonly suggestedProbability: Float64Array;
  readonly labelProbability: Float64Array;
  /** Probable label errors, the most probable first. */
  readonly errors: Int32Array;
  /** By the chosen score, in ascending order. */
  readonly order: Int32Array;
  readonly kept: Int32Array;
  readonly status: readonly ("kept" | "too easy" | "left out above")[];
}

/** A sixteenth of the examples, from 8 to 128: small data need updates too. */
export const batchSizeFor = (rows: number): number =>
  Math.max(8, Math.min(128, 2 ** Math.round(Math.log2(rows / 16))));

export const recipeWith = (rate: Recipe["rate"]): Recipe => ({
  rate,
  momentum: 0.9,
  weightDecay: 5e-4,
  augment: false,
});

const stepsOf = (epochs: number, rows: number): number =>
  epochs * Math.max(1, Math.floor(rows / Math.min(rows, batchSizeFor(rows))));

interface OneRun {
  readonly el2n: NDArray;
  readonly grand: NDArray;
  readonly probabilities: NDArray;
}

/** Early scores averaged over runs; `name` begins the names of the steps. */
export async function* earlyScores(
  classifier: Classifier,
  examples: Examples,
  { runs, epochs, learningRate }: Pick<DietOptions, "runs" | "epochs" | "learningRate">,
  name: string,
  seed: number,
  { step }: Pick<RunContext, "step">,
): Running<Scores> {
  const rows = examples.labels.size;
  const labels = examples.labels.data as Int32Array;
  const trainer = compileTrainer(classifier, recipeWith(constantSchedule(learningRate)));
  const predict = compileProbabilities(classifier);
  const norms = classifier.gradientNorms();
  const score = async (run: number): Promise<OneRun> => {
    const batches = batchOrder(
      allRows(rows),
      batchSizeFor(rows),
      stepsOf(epochs, rows),
      seed + run,
    );
    const start = await trainer.start(seed + run);
    const { state } = await trainer.advance(start, examples, batches, seed + run);
    const probabilities = await predict(state, examples.inputs);
    const grand = await norms(state.params, examples.inputs, labels, { state: state.state });
    return {
      el2n: array(errorScores("el2n", probabilities, labels)),
      grand: array(grand),
      probabilities,
    };
  };
  const scored: OneRun[] = [];
  for (let run = 0; run < runs; run++) {
    yield progress(run, runs, `${name}: run ${run + 1} of ${runs}`);
    scored.push(yield* step(`${name} ${run + 1}`, () => score(run)));
  }
  const mean = (of: (run: OneRun) => NDArray) =>
    meanOverRuns(scored.map((run) => Float64Array.from(of(run).data, Number)));
  return {
    el2n: mean(({ el2n }) => el2n),
    grand: mean(({ grand }) => grand),
    probabilities: mean(({ probabilities }) => probabilities),
  };
}

/** How often each example is forgotten in one whole training. */
export async function forgettingOf(
  classifier: Classifier,
  examples: Examples,
  { trainingEpochs, learningRate }: Pick<DietOptions, "trainingEpochs" | "learningRate">,
  seed: number,
): Promise<NDArray> {
  const rows = examples.labels.size;
  const steps = stepsOf(trainingEpochs, rows);
  const batches = batchOrder(allRows(rows), batchSizeFor(rows), steps, seed);
  const trainer = compileTrainer(classifier, recipeWith(cosineSchedule(learningRate, steps)));
  const { correct } = await trainer.advance(await trainer.start(seed), examples, batches, seed);
  const seen = noForgetting(rows);
  const [, size] = batches.shape;
  for (let batch = 0; batch < steps; batch++)
    observeBatch(
      seen,
      rowsOf(batches, batch, 1).data,
      correct.subarray(batch * size, (batch + 1) * size),
    );
  return array(forgettingScores(seen));
}

/** What the scores say: which labels are probably wrong, and which examples to keep. */
export function dietOf(
  { el2n, grand, probabilities }: Scores,
  forgetting: Float64Array,
  labels: ArrayLike<number>,
  { score, keep, drop, confidence }: Pick<DietOptions, "score" | "keep" | "drop" | "confidence">,
): Diet {
  const rows = el2n.length;
  const classes = probabilities.length / rows;
  const of = (example: number, k: number) => probabilities[example * classes + k];
  const suggested = Int32Array.from(el2n, (_, i) => {
    let best = 0;
    for (let k = 1; k < classes; k++) if (of(i, k) > of(i, best)) best = k;
    return best;
  });
  const suggestedProbability = Float64Array.from(suggested, (k, i) => of(i, k));
  const labelProbability = Float64Array.from(el2n, (_, i) => of(i, labels[i]));
  const errors = ascendingOrder(el2n)
    .reverse()
    .filter((i) => suggestedProbability[i] - labelProbability[i] >= confidence);

  const chosen = { el2n, grand, forgetting }[score];
  const order = ascendingOrder(chosen);
  const above = drop === undefined ? errors.length : Math.floor(drop * rows);
  const size = Math.max(1, Math.min(rows - above, Math.round(keep * rows)));
  const offset = Math.max(0, rows - above - size);
  const kept = selectSubset(chosen, { kind: "window", size, offset });
  const status = new Array<Diet["status"][number]>(rows).fill("kept");
  order.forEach((example, rank) => {
    if (rank < offset) status[example] = "too easy";
    if (rank >= offset + size) status[example] = "left out above";
  });
  return {
    el2n,
    grand,
    forgetting,
    suggested,
    suggestedProbability,
    labelProbability,
    errors,
    order,
    kept,
    status,
  };
}
