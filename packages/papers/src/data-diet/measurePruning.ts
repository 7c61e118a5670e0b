/** Part one: what is lost by training on the examples that a score keeps. */
import { gatherRows, imageSheet } from "@etude/data";
import { spearman } from "@etude/learn";
import { base64 } from "../contract/base64.ts";
import type { RunContext } from "../contract/context.ts";
import { progress, type Running } from "../contract/events.ts";
import { type Classifier, compileProbabilities } from "./classifier.ts";
import { type Material, percentRight, rateOver, recipeOf } from "./material.ts";
import { type MeanScores, measureForgetting, seedOf } from "./measureScores.ts";
import type { Options } from "./options.ts";
import { ascendingOrder, selectSubset } from "./subsets.ts";
import { kernelVelocityByGroup } from "./tangentKernel.ts";
import { allRows, batchOrder, compileTrainer } from "./training.ts";

/** Ways to keep a part of the data. */
export const choices = [
  "random",
  "EL2N",
  "GraNd",
  "GraNd at init",
  "forgetting",
  "lowest EL2N",
] as const;
export type Choice = (typeof choices)[number];

export interface KernelVelocity {
  /** Per cent of the examples with lower EL2N than the middle of each group. */
  readonly ranks: readonly number[];
  /** [group][epoch] */
  readonly velocities: readonly (readonly number[])[];
}

export interface Pruning {
  /** Test accuracy in per cent after training on everything. */
  readonly full: number;
  /** Test accuracy by what was kept, in per cent. */
  readonly kept: readonly {
    readonly choice: Choice;
    readonly keep: number;
    readonly accuracy: number;
  }[];
  /** Spearman's correlation of EL2N with other scores; of the infinite ones as equals. */
  readonly correlations: Readonly<Record<string, number>>;
  /** Per cent of the examples never learned in the run that counts forgetting. */
  readonly neverLearned: number;
  /** EL2N at each per cent of the examples in ascending order. */
  readonly el2nByRank: readonly number[];
  readonly kernel: KernelVelocity | null;
  /** PNG in base64, with the labels beside. */
  readonly easiest: string;
  readonly hardest: string;
  readonly hardestLabels: readonly number[];
}

const shown = 40;
const kernelCheckpoints = 5;

export async function* measurePruning(
  options: Options,
  classifier: Classifier,
  material: Material,
  early: MeanScores,
  { seed, step }: RunContext,
): Running<Pruning> {
  const { train, test } = material;
  const rows = train.inputs.shape[0];
  yield progress(0, 1, "forgetting");
  const checkpoints = options.kernelGroup > 0 && !classifier.hasState ? kernelCheckpoints : 0;
  const longer = yield* step("forgetting", () =>
    measureForgetting(options, classifier, train, seedOf(seed, 100), checkpoints),
  );
  const forgetting = longer.scores.data as Float64Array;

  const rate = rateOver(options, options.finalSteps);
  const trainer = compileTrainer(classifier, recipeOf(options, rate));
  const predict = compileProbabilities(classifier);
  // The same start for every subset of a seed: only the data differ.
  const trainOn = async (kept: Int32Array): Promise<number> => {
    const batches = batchOrder(kept, options.batchSize, options.finalSteps, seedOf(seed, 200));
    const start = await trainer.start(seedOf(seed, 200));
    const { state } = await trainer.advance(start, train, batches, seedOf(seed, 200));
    return percentRight(predict, state, test);
  };
  const subsetOf = (choice: Choice, keep: number): Int32Array => {
    const size = Math.max(1, Math.round(keep * rows));
    const highest = (scores: Float64Array) => selectSubset(scores, { kind: "keepMax", size });
    switch (choice) {
      case "random":
        return selectSubset(early.el2n, {
          kind: "random",
          size,
          seed: seedOf(seedOf(seed, 300), size),
        });
      case "EL2N":
        return highest(early.el2n);
      case "GraNd":
        return highest(early.grand);
      case "GraNd at init":
        return highest(early.grandAtStart);
      case "forgetting":
        return highest(forgetting);
      case "lowest EL2N":
        return selectSubset(early.el2n, { kind: "keepMin", size });
    }
  };

  const plan = [
    ...options.keep.flatMap((keep) => choices.map((choice) => ({ choice, keep }))),
    ...options.curve.flatMap((keep) =>
      (["random", "EL2N"] as const).map((choice) => ({ choice, keep })),
    ),
  ];
  yield progress(0, plan.length + 1, "training on everything");
  const full = yield* step("train on everything", () => trainOn(allRows(rows)));
  const kept: Pruning["kept"][number][] = [];
  for (const [i, { choice, keep }] of plan.entries()) {
    yield progress(i + 1, plan.length + 1, `training on ${100 * keep} %: ${choice}`);
    const accuracy = yield* step(`train on ${keep} by ${choice}`, () =>
      trainOn(subsetOf(choice, keep)),
    );
    kept.push({ choice, keep, accuracy });
    const name = `test accuracy by per cent kept: ${choice}`;
    yield { type: "metric", name, step: 100 * keep, value: accuracy };
  }

  const order = ascendingOrder(early.el2n);
  const kernel =
    checkpoints === 0
      ? null
      : yield* step("kernel velocity", () => {
          const groups = groupsByRank(order, options.kernelGroup);
          const inputs = groups.map(({ members }) => gatherRows(train.inputs, members));
          const velocities = kernelVelocityByGroup(
            classifier.tangentKernel(),
            longer.weights,
            inputs,
          );
          return velocities.then((measured) => ({
            ranks: groups.map(({ rank }) => rank),
            velocities: measured,
          }));
        });

  const correlations = {
    GraNd: spearman(early.el2n, early.grand),
    "GraNd at init": spearman(early.el2n, early.grandAtStart),
    forgetting: spearman(early.el2n, forgetting),
    "|p - y|_1": spearman(early.el2n, early.l1),
    "max margin": spearman(early.el2n, early.maxMargin),
  };
  const sheet = (members: Int32Array): string =>
    base64(imageSheet(gatherRows(material.pictures, members), { columns: 10, zoom: 2 }));
  const ends = Math.min(shown, rows);
  const hardest = order.slice(rows - ends).reverse();
  return {
    full,
    kept,
    correlations,
    neverLearned:
      (100 * forgetting.filter((score) => score === Number.POSITIVE_INFINITY).length) / rows,
    el2nByRank: Array.from(
      { length: 101 },
      (_, i) => early.el2n[order[Math.round((i / 100) * (rows - 1))]],
    ),
    kernel,
    easiest: sheet(order.slice(0, ends)),
    hardest: sheet(hardest),
    hardestLabels: Array.from(hardest, (example) => Number(train.labels.data[example])),
  };
}

/** Groups of consecutive examples, the ranks of their middles in per cent of all. */
function groupsByRank(order: Int32Array, size: number): { rank: number; members: Int32Array }[] {
  const count = Math.min(size, order.length);
  return [0, 0.25, 0.5, 0.75, 0.9, 0.98, 1].map((place) => {
    const first = Math.round(place * (order.length - count));
    return {
      rank: (100 * (first + count / 2)) / order.length,
      members: order.slice(first, first + count),
    };
  });
}
