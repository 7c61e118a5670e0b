/** The baselines on a table: the same network trained as a whole, at full size and cut. */
import { jit } from "@etude/tensor";
import type { Solver } from "../config.ts";
import { prefix } from "../merge.ts";
import { asMerged, networkScores, trainNetwork } from "../network.ts";
import { shallowOutput } from "../shallow.ts";
import { qualityOf } from "../staged.ts";
import type { Prepared } from "./data.ts";
import type { Options } from "./options.ts";

/** Shares of the hidden units that stay switched on. */
export const shares = [0.25, 0.5, 0.75, 1] as const;

/** The networks trained as a whole, with the solver of each. */
export const baselines = { Adam: "adam", "L-BFGS": "lbfgs", SGD: "sgd" } as const;
export type Baseline = keyof typeof baselines;
export const baselineNames = Object.keys(baselines) as Baseline[];

const run = jit(shallowOutput);

/** Test scores of a network with one hidden layer, with {@link shares} of its units. */
export async function measureWhole(
  { task, train, test }: Prepared,
  units: number,
  solver: Solver,
  { maxIter }: Options,
  seed: number,
): Promise<number[]> {
  const network = await trainNetwork(train.x, train.y, task, {
    hidden: [units],
    solver,
    maxIter,
    seed,
  });
  const merged = asMerged(network);
  const scores: number[] = [];
  for (const share of shares) {
    const cut = prefix(merged, Math.floor(share * units));
    const outputs = await run(cut, test.x, network.activation);
    scores.push((await qualityOf(task, test.y, outputs, network.classes)).score);
  }
  return scores;
}

/** Test score of the deep network, trained by Adam. */
export async function measureDeep(
  { task, train, test }: Prepared,
  { maxIter, deepHidden }: Options,
  seed: number,
): Promise<number> {
  const config = { hidden: deepHidden, solver: "adam", maxIter, seed } as const;
  const network = await trainNetwork(train.x, train.y, task, config);
  const outputs = await networkScores(network, test.x);
  return (await qualityOf(task, test.y, outputs, network.classes)).score;
}
