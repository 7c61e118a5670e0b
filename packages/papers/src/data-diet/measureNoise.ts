/** Part two: whether scores find wrong labels, and where on the ranking the best examples lie then. */
import { NDArray } from "@etude/tensor";
import type { RunContext } from "../contract/context.ts";
import { progress, type Running } from "../contract/events.ts";
import { type Classifier, compileProbabilities } from "./classifier.ts";
import { noiseDetection, permuteLabels, redrawLabels } from "./labelNoise.ts";
import { type Material, percentRight, rateOver, recipeOf } from "./material.ts";
import { measureEarlyScores, seedOf } from "./measureScores.ts";
import type { Options } from "./options.ts";
import { ascendingOrder, selectSubset } from "./subsets.ts";
import { batchOrder, compileTrainer } from "./training.ts";

/** Accuracies in per cent. */
export interface WindowAccuracy {
  readonly validation: number;
  readonly test: number;
}

export interface Noise {
  /** Share of the labels that differ from before. */
  readonly changed: number;
  /** Area under the curve for "label changed". */
  readonly auroc: { readonly el2n: number; readonly grand: number };
  /** Share of changed ones among the highest tenth of the scores. */
  readonly precisionAtTenth: { readonly el2n: number; readonly grand: number };
  /** Share of the changed ones at each tenth of the ranking by EL2N, lowest first. */
  readonly changedByTenth: readonly number[];
  readonly windows: readonly ({ readonly drop: number } & WindowAccuracy)[];
  readonly random: WindowAccuracy;
}

export async function* measureNoise(
  options: Options,
  classifier: Classifier,
  material: Material,
  context: RunContext,
): Running<Noise> {
  const { seed, step } = context;
  const { noisy: clean, validation, test, classes } = material;
  const rows = clean.inputs.shape[0];
  const before = clean.labels.data as Int32Array;
  const corrupted =
    options.noiseKind === "fresh"
      ? redrawLabels(before, classes, options.noise, seedOf(seed, 400))
      : permuteLabels(before, options.noise, seedOf(seed, 400));
  const examples = {
    inputs: clean.inputs,
    labels: new NDArray(corrupted.labels, [rows], "int32"),
  };
  const scores = yield* measureEarlyScores(
    {
      options,
      classifier,
      examples,
      name: "scores of noisy data",
      runs: options.noiseRuns,
      seed: seedOf(seed, 500),
    },
    context,
  );

  const rate = rateOver(options, options.noiseSteps);
  const trainer = compileTrainer(classifier, recipeOf(options, rate));
  const predict = compileProbabilities(classifier);
  const size = Math.max(1, Math.floor(options.window * rows));
  const trainOn = async (kept: Int32Array): Promise<WindowAccuracy> => {
    const batches = batchOrder(kept, options.batchSize, options.noiseSteps, seedOf(seed, 600));
    const start = await trainer.start(seedOf(seed, 600));
    const { state } = await trainer.advance(start, examples, batches, seedOf(seed, 600));
    return {
      validation: await percentRight(predict, state, validation),
      test: await percentRight(predict, state, test),
    };
  };
  const windows: Noise["windows"][number][] = [];
  for (const [i, drop] of options.drops.entries()) {
    yield progress(i, options.drops.length + 1, `window below the highest ${drop} %`);
    const offset = rows - size - Math.floor((drop / 100) * rows);
    const kept = selectSubset(scores.el2n, { kind: "window", size, offset });
    windows.push({ drop, ...(yield* step(`window ${drop}`, () => trainOn(kept))) });
  }
  yield progress(options.drops.length, options.drops.length + 1, "random window");
  const chance = selectSubset(scores.el2n, { kind: "random", size, seed: seedOf(seed, 700) });
  const random = yield* step("window at random", () => trainOn(chance));

  const tenth = Math.floor(rows / 10);
  const [byEl2n, byGrand] = [scores.el2n, scores.grand].map((values) =>
    noiseDetection(values, corrupted.changed, tenth),
  );
  const order = ascendingOrder(scores.el2n);
  const total = corrupted.changed.reduce((sum, each) => sum + each, 0);
  const changedByTenth = Array.from({ length: 10 }, (_, i) => {
    const part = order.slice(Math.floor((i * rows) / 10), Math.floor(((i + 1) * rows) / 10));
    return part.reduce((sum, example) => sum + corrupted.changed[example], 0) / total;
  });
  return {
    changed: total / rows,
    auroc: { el2n: byEl2n.auroc, grand: byGrand.auroc },
    precisionAtTenth: { el2n: byEl2n.precisionAtK, grand: byGrand.precisionAtK },
    changedByTenth,
    windows,
    random,
  };
}

/** The window that does best on the validation images; the test images have no say in it. */
export function bestWindow({ windows }: Noise): Noise["windows"][number] {
  return windows.reduce((best, each) => (each.validation > best.validation ? each : best));
}
