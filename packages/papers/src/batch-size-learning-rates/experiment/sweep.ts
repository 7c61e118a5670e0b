/** Part A: the largest stable learning rate at each batch size, for SGD and for Adam. */
import type { RunContext } from "../../contract/context.ts";
import { progress, type Running } from "../../contract/events.ts";
import { rowsOf } from "../curvature.ts";
import {
  compileRateSweep,
  drawnWithReplacement,
  largestStable,
  type OptimiserName,
  optimisers,
  rateGrid,
} from "../stability.ts";
import { firstExamples, type Images, learningOf, stream } from "./data.ts";
import type { Options } from "./options.ts";

export interface SweepResult {
  readonly optimiser: OptimiserName;
  readonly rates: readonly number[];
  /** For each batch size, the final training loss at each rate; null where training diverged. */
  readonly losses: readonly (readonly (number | null)[])[];
  /** For each batch size, the largest rate with a loss below the threshold; null where there is none. */
  readonly largest: readonly (number | null)[];
}

export const unitsOfSweep = ({ sweepBatchSizes }: Options): number =>
  sweepBatchSizes.length * optimisers.length;

export const gridOf = (optimiser: OptimiserName, options: Options): number[] =>
  rateGrid(
    optimiser === "sgd" ? options.sgdLeastRate : options.adamLeastRate,
    options.rateFactor,
    options.rates,
  );

export async function* measureSweep(
  images: Images,
  options: Options,
  { seed, step }: RunContext,
  total: number,
): Running<SweepResult[]> {
  const { sweepBatchSizes, steps, threshold, networksAtOnce } = options;
  const learning = learningOf(options.sweepNetwork, images);
  const start = await learning.start(seed);
  const evaluation = firstExamples(images, options.evaluated);
  const batches = stream(seed, "sweepBatches");
  const results: SweepResult[] = [];
  for (const optimiser of optimisers) {
    const sweep = compileRateSweep(learning.loss, optimiser);
    const rates = gridOf(optimiser, options);
    const losses: number[][] = [];
    for (const batchSize of sweepBatchSizes) {
      const done = results.length * sweepBatchSizes.length + losses.length;
      yield progress(done, total, `${optimiser}, batches of ${batchSize}`);
      const found = yield* step(`${optimiser}-${batchSize}`, () =>
        // The same batches for both optimisers.
        sweep({
          start,
          examples: images,
          order: drawnWithReplacement(rowsOf(images), steps * batchSize, batches.fork(batchSize)),
          batchSize,
          rates,
          evaluation,
          atOnce: networksAtOnce,
        }),
      );
      losses.push(found);
      for (const [place, value] of found.entries())
        yield {
          type: "metric",
          name: `loss by rate: ${optimiser}, batches of ${batchSize}`,
          step: place,
          value,
        };
    }
    results.push({
      optimiser,
      rates,
      losses: losses.map((each) => each.map(orNull)),
      largest: losses.map((each) => orNull(largestStable(rates, each, threshold))),
    });
  }
  return results;
}

/** JSON has no NaN. */
const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
