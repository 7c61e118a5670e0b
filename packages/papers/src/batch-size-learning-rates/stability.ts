/**
 * The largest learning rate at which training still works, found by training: the same network from
 * the same start over the same batches, once for every rate, all in one compiled call.
 *
 * The number of steps is fixed, whatever the batch size: with a fixed number of epochs large batches
 * would make too few steps, and the sweep would measure speed instead of stability.
 */
import { applyUpdates, chain, mapTensors, type Optimiser, scaleByAdam } from "@etude/learn";
import {
  type ArrayTree,
  array,
  jit,
  NDArray,
  type random,
  scan,
  type Tensor,
  type TensorTree,
  valueAndGrad,
  vmap,
} from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import type { Examples, Loss } from "./curvature.ts";

export const optimisers = ["sgd", "adam"] as const;
export type OptimiserName = (typeof optimisers)[number];

/** What an optimiser makes of the gradient, before the rate: the identity, or Adam's direction with its usual decays. */
const direction = (name: OptimiserName): Optimiser =>
  name === "adam" ? chain(scaleByAdam() as unknown as Optimiser) : chain();

export interface RateRun {
  readonly start: ArrayTree;
  readonly examples: Examples;
  /** Rows of the batches, one after the other: [steps * batchSize]. */
  readonly order: Int32Array;
  readonly batchSize: number;
  readonly rates: readonly number[];
  /** Whose loss is taken at the end; the examples trained on where it is not given. */
  readonly evaluation?: Examples;
  /** Networks trained side by side (all): fewer take less memory. */
  readonly atOnce?: number;
}

/** The loss of all examples after training with each of the rates; NaN or infinite where it diverged. */
export type RateSweep = (run: RateRun) => Promise<number[]>;

/** @param loss mean over the batch */
export function compileRateSweep(loss: Loss, optimiser: OptimiserName): RateSweep {
  const rule = direction(optimiser);
  type Carry = { params: TensorTree; state: TensorTree };
  type Evaluation = { inputs: Tensor; targets: Tensor };
  const trained = jit(
    (
      start: TensorTree,
      x: Tensor,
      y: Tensor,
      order: Tensor,
      rates: Tensor,
      evaluation: Evaluation,
    ) =>
      vmap((rate: Tensor) => {
        const step = ({ params, state }: Carry, rows: Tensor): [Carry, []] => {
          const onBatch = (p: TensorTree): Tensor => loss(p, x.gather(rows), y.gather(rows));
          const [, gradients] = valueAndGrad(onBatch)(params);
          const next = rule.update(gradients as TensorTree, state, params);
          const updates = mapTensors((u) => u.mul(rate.neg().astype(u.dtype)), next.updates);
          return [{ params: applyUpdates(params, updates), state: next.state }, []];
        };
        const first: Carry = { params: start, state: rule.init(start) as TensorTree };
        const [{ params }] = scan(step, first, order);
        return loss(params, evaluation.inputs, evaluation.targets);
      })(rates),
  );
  return async ({ start, examples, order, batchSize, rates, ...run }) => {
    const { evaluation = examples, atOnce = rates.length } = run;
    const steps = order.length / batchSize;
    if (!Number.isInteger(steps))
      throw new UsageError(`${order.length} rows are not made of batches of ${batchSize}`);
    const rows = new NDArray(order, [steps, batchSize], "int32");
    const { inputs, targets } = examples;
    const seen = { inputs: evaluation.inputs, targets: evaluation.targets };
    const losses: number[] = [];
    for (let from = 0; from < rates.length; from += atOnce) {
      const some = array(rates.slice(from, from + atOnce));
      losses.push(...(await trained(start, inputs, targets, rows, some, seen)).data);
    }
    return losses;
  };
}

/** Rows for batches drawn with replacement, for which the effective batch size is the batch size. */
export const drawnWithReplacement = (
  examples: number,
  count: number,
  generator: random.Generator,
): Int32Array => Int32Array.from({ length: count }, () => generator.integer(examples));

/** Rates from `least`, each `factor` times the one before. */
export const rateGrid = (least: number, factor: number, count: number): number[] =>
  Array.from({ length: count }, (_, k) => least * factor ** k);

/**
 * The largest rate of a grid whose final loss is below the threshold; NaN where there is none. A loss
 * that is not a number, or infinite, is a run that diverged.
 */
export function largestStable(
  rates: readonly number[],
  losses: readonly number[],
  threshold: number,
): number {
  const stable = rates.filter((_, k) => losses[k] < threshold);
  return stable.length === 0 ? Number.NaN : Math.max(...stable);
}

export interface StableRate {
  readonly batchSize: number;
  /** NaN where no rate of the grid was stable. */
  readonly learningRate: number;
}

export interface SweepOptions {
  readonly grid: readonly number[];
  readonly batchSizes: readonly number[];
  /** A rate is stable if the median over seeds of the final loss is below. */
  readonly threshold: number;
  readonly seeds: readonly number[];
}

/**
 * The largest stable rate for each batch size, from any training.
 *
 * @param train the final losses for all rates of the grid, at a batch size and a seed
 */
export async function stabilitySweep(
  train: (rates: readonly number[], batchSize: number, seed: number) => Promise<readonly number[]>,
  { grid, batchSizes, threshold, seeds }: SweepOptions,
): Promise<StableRate[]> {
  if (grid.length === 0 || seeds.length === 0)
    throw new UsageError("stabilitySweep: give at least one rate and one seed");
  const found: StableRate[] = [];
  for (const batchSize of batchSizes) {
    const runs: (readonly number[])[] = [];
    for (const seed of seeds) runs.push(await train(grid, batchSize, seed));
    const medians = grid.map((_, k) => medianLoss(runs.map((losses) => losses[k])));
    found.push({ batchSize, learningRate: largestStable(grid, medians, threshold) });
  }
  return found;
}

/** A diverged run counts as an infinite loss. */
export const medianLoss = (losses: readonly number[]): number => {
  const sorted = losses
    .map((loss) => (Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss))
    .sort((a, b) => (a === b ? 0 : a - b));
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
