/** Part three: after how many steps two continuations stay linearly connected, on easy and hard examples. */
import { gatherRows } from "@etude/data";
import { cosineSchedule } from "@etude/learn";
import { type ArrayTree, random, type Tensor, type TensorTree } from "@etude/tensor";
import type { RunContext } from "../contract/context.ts";
import { progress, type Running } from "../contract/events.ts";
import type { Classifier, Weights } from "./classifier.ts";
import { barrierOf, compilePath, curveOver } from "./connectivity.ts";
import { type Material, recipeOf } from "./material.ts";
import { seedOf } from "./measureScores.ts";
import type { Options } from "./options.ts";
import { rowsOf } from "./rows.ts";
import { ascendingOrder } from "./subsets.ts";
import {
  allRows,
  batchOrder,
  compileStatistics,
  compileTrainer,
  type Examples,
  spawnChildren,
} from "./training.ts";

/** Groups of training examples by EL2N. */
export const groupNames = ["easy", "random", "hard"] as const;
export type GroupName = (typeof groupNames)[number];

export interface Path {
  /** Steps of the parent before the children part. */
  readonly steps: number;
  /** Per cent wrong at every point, by group. */
  readonly errors: Readonly<Record<GroupName, readonly number[]>>;
  readonly errorBarrier: Readonly<Record<GroupName, number>>;
  readonly lossBarrier: Readonly<Record<GroupName, number>>;
}

export interface Connectivity {
  readonly paths: readonly Path[];
}

export async function* measureConnectivity(
  options: Options,
  classifier: Classifier,
  { noisy: examples }: Pick<Material, "noisy">,
  el2n: Float64Array,
  { seed, step }: RunContext,
): Running<Connectivity> {
  const rows = examples.inputs.shape[0];
  const { batchSize, groupSize, childSteps, childRate, points } = options;
  const order = ascendingOrder(el2n.subarray(0, rows));
  const members: Readonly<Record<GroupName, Int32Array>> = {
    easy: order.slice(0, groupSize),
    random: random.generator(seedOf(seed, 800)).sample(rows, groupSize),
    hard: order.slice(rows - groupSize),
  };
  // All groups in one array: the path is walked once.
  const together = Int32Array.from(groupNames.flatMap((name) => Array.from(members[name])));
  const inputs = gatherRows(examples.inputs, together);
  const labels = Int32Array.from(together, (example) => Number(examples.labels.data[example]));
  const placesOf = (group: number) =>
    Int32Array.from({ length: groupSize }, (_, i) => group * groupSize + i);

  const parentTrainer = compileTrainer(classifier, recipeOf(options, childRate));
  const childTrainer = compileTrainer(
    classifier,
    recipeOf(options, cosineSchedule(childRate, childSteps)),
  );
  const path = compilePath(
    (params: TensorTree, x: Tensor, state: TensorTree) =>
      classifier.apply(params, state, x, false)[0],
  );
  const refresh = classifier.hasState ? statisticsOf(classifier, examples, batchSize) : undefined;

  const last = options.parentSteps[options.parentSteps.length - 1];
  const parentBatches = batchOrder(allRows(rows), batchSize, Math.max(1, last), seedOf(seed, 900));
  const grown = async (parent: Weights<ArrayTree>, childSeed: number) => {
    const batches = batchOrder(allRows(rows), batchSize, childSteps, childSeed);
    const start = childTrainer.from(parent);
    return (await childTrainer.advance(start, examples, batches, childSeed)).state;
  };
  const measure = async (
    parent: Weights<ArrayTree>,
    steps: number,
    child: number,
  ): Promise<Path> => {
    const seeds = [seedOf(seed, child), seedOf(seed, child + 1)] as const;
    const [a, b] = await spawnChildren<Weights<ArrayTree>>(parent, seeds, grown);
    const measured = await path(a.params, b.params, inputs, labels, {
      points,
      ...(refresh && { refresh: (params: ArrayTree) => refresh({ params, state: a.state }) }),
    });
    const byGroup = <T>(of: (group: number) => T) =>
      Object.fromEntries(groupNames.map((name, group) => [name, of(group)])) as Record<
        GroupName,
        T
      >;
    const errors = byGroup((group) =>
      curveOver(measured.errors, placesOf(group)).map((value) => 100 * value),
    );
    return {
      steps,
      errors,
      errorBarrier: byGroup((group) => barrierOf(errors[groupNames[group]])),
      lossBarrier: byGroup((group) => barrierOf(curveOver(measured.losses, placesOf(group)))),
    };
  };

  let parent = await parentTrainer.start(seedOf(seed, 900));
  const paths: Path[] = [];
  for (const [i, steps] of options.parentSteps.entries()) {
    yield progress(i, options.parentSteps.length, `children after ${steps} steps`);
    const done = i === 0 ? 0 : options.parentSteps[i - 1];
    const before = parent;
    if (steps > done)
      parent = yield* step(`parent ${steps}`, async () => {
        const batches = rowsOf(parentBatches, done, steps - done);
        return (await parentTrainer.advance(before, examples, batches, seedOf(seed, 900 + i)))
          .state;
      });
    const current = parent;
    paths.push(yield* step(`children ${steps}`, () => measure(current, steps, 910 + 2 * i)));
  }
  return { paths };
}

/** Statistics of weights on the path, by batches of the training examples. */
function statisticsOf(classifier: Classifier, { inputs }: Examples, batchSize: number) {
  const statistics = compileStatistics(classifier);
  const [rows, ...image] = inputs.shape;
  const size = Math.min(batchSize, rows);
  const batches = Math.min(50, Math.floor(rows / size));
  const shuffled = random
    .generator(0)
    .permutation(rows)
    .slice(0, batches * size);
  const data = gatherRows(inputs, shuffled).reshape([batches, size, ...image]);
  return (weights: Weights<ArrayTree>) => statistics(weights, data);
}
