/** The largest stable rates found by training on the user's data. */
import type { ArrayTree } from "@etude/tensor";
import { progress, type Running } from "../../contract/events.ts";
import { rowsOf } from "../curvature.ts";
import { stream } from "../experiment/data.ts";
import {
  compileRateSweep,
  drawnWithReplacement,
  largestStable,
  type OptimiserName,
  optimisers,
  rateGrid,
} from "../stability.ts";
import type { Problem } from "./problem.ts";

export interface SweptRate {
  readonly batchSize: number;
  readonly optimiser: OptimiserName;
  /** null where no rate of the grid worked. */
  readonly learningRate: number | null;
}

/** A run works if its loss fell by this share of what the best rate achieved. */
const reached = 0.5;

const grids = { sgd: rateGrid(0.00625, Math.SQRT2, 23), adam: rateGrid(0.0003, Math.SQRT2, 23) };

/**
 * What counts as stable is relative here, since no one knows what loss can be reached: half of the way
 * from the start to the lowest loss any rate of the optimiser reached.
 */
export async function* sweptRates(
  { loss, examples }: Problem,
  start: ArrayTree,
  batchSizes: readonly number[],
  steps: number,
  seed: number,
  done: number,
  total: number,
): Running<SweptRate[]> {
  const found: SweptRate[] = [];
  for (const optimiser of optimisers) {
    const sweep = compileRateSweep(loss, optimiser);
    const rates = grids[optimiser];
    const losses: number[][] = [];
    let startLoss = Number.NaN;
    for (const batchSize of batchSizes) {
      yield progress(done, total, `stability of ${optimiser}, batches of ${batchSize}`);
      const order = drawnWithReplacement(
        rowsOf(examples),
        steps * batchSize,
        stream(seed, "sweepBatches").fork(batchSize),
      );
      // A rate of 0 first: the loss before training.
      const [before, ...after] = await sweep({
        start,
        examples,
        order,
        batchSize,
        rates: [0, ...rates],
      });
      startLoss = before;
      losses.push(after);
    }
    const best = Math.min(...losses.flat().filter(Number.isFinite));
    const threshold = startLoss - reached * (startLoss - best);
    losses.forEach((each, i) => {
      const largest = largestStable(rates, each, threshold);
      found.push({
        batchSize: batchSizes[i],
        optimiser,
        learningRate: Number.isFinite(largest) ? largest : null,
      });
    });
  }
  return found;
}
