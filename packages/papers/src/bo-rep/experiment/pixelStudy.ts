/** Every method on recurrent hyper-representation, at all gains and rates side by side. */
import type { ArrayDataset } from "@etude/data";
import type { RunContext } from "../../contract/context.ts";
import type { Place, Running } from "../../contract/events.ts";
import {
  type BilevelMethod,
  boRepMethod,
  compiled,
  maSobaMethod,
  refinement,
  sobaMethod,
  stackTrees,
  startState,
  stocBioMethod,
  ttsaMethod,
} from "../bilevel/index.ts";
import { batched } from "../bilevel/trees.ts";
import { type BudgetCurve, runWithin } from "../budgetRun.ts";
import { lowerRows, rowBatches } from "../classification.ts";
import { pixelEncoders, pixelHeads, pixelParts, pixelProblem, pixelScore } from "./pixels.ts";

export const pixelMethodNames = [
  "BO-REP",
  "SOBA",
  "MA-SOBA",
  "StocBiO",
  "TTSA",
  "BO-REP, I = 1",
  "BO-REP, not normalised",
] as const;
export type PixelMethodName = (typeof pixelMethodNames)[number];

export interface PixelOptions {
  readonly gains: readonly number[];
  readonly rates: readonly number[];
  /** Tried as well from {@link steepGain} on. */
  readonly steepRates: readonly number[];
  /** Oracle calls of a run, its refinement among them. */
  readonly calls: number;
  readonly units: number;
  readonly batchSize: number;
  readonly refineSteps: number;
  readonly judgements: number;
  readonly sizes: { readonly lower: number; readonly upper: number; readonly test: number };
}

const [lowerRate, linearRate, momentum, lowerSteps] = [0.5, 0.5, 0.9, 3];

const methods: Readonly<Record<PixelMethodName, BilevelMethod>> = {
  "BO-REP": boRepMethod({ period: 2, lowerSteps }),
  SOBA: sobaMethod(),
  "MA-SOBA": maSobaMethod(),
  StocBiO: stocBioMethod({ lowerSteps }),
  TTSA: ttsaMethod(),
  "BO-REP, I = 1": boRepMethod({ period: 1, lowerSteps, name: "BO-REP, I = 1" }),
  "BO-REP, not normalised": boRepMethod({
    period: 2,
    lowerSteps,
    normalise: false,
    name: "BO-REP, not normalised",
  }),
};

/** From this gain on states explode, and the best rates of plain steps are far smaller. */
const steepGain = 2;

type Grid = Pick<PixelOptions, "gains" | "rates" | "steepRates">;

/** Rates of the runs of a gain, ascending. */
export const ratesAt = (gain: number, { rates, steepRates }: Omit<Grid, "gains">): number[] =>
  [...new Set(gain >= steepGain ? [...steepRates, ...rates] : rates)].sort((a, b) => a - b);

/** The runs of {@link runPixels} in their order. */
export const pixelRuns = (grid: Grid) =>
  grid.gains.flatMap((gain) => ratesAt(gain, grid).map((rate) => ({ gain, rate })));

/** One method on the encoders, batches and refinement of the seed. */
export async function* runPixels(
  name: PixelMethodName,
  images: ArrayDataset,
  options: PixelOptions,
  { seed, checkpoints }: Pick<RunContext, "seed" | "checkpoints">,
  place: Place,
): Running<BudgetCurve> {
  const { units, refineSteps, sizes } = options;
  const parts = pixelParts(images, seed, sizes);
  const problem = pixelProblem(parts);
  const runs = pixelRuns(options);
  const x = pixelEncoders(
    runs.map(({ gain }) => gain),
    units,
    seed,
  );
  const plan = { ...sizes, batchSize: options.batchSize, lowerSteps };
  const refine = refinement(problem, lowerRate, { kind: "sgd", steps: refineSteps });
  const y = await compiled(batched(refine, [0, 0, null]))(
    x,
    pixelHeads(runs.length, units),
    stackTrees(lowerRows(seed, plan, refineSteps, "refinement")),
  );
  const { curve } = yield* runWithin({
    problem,
    method: methods[name],
    start: await compiled(startState<typeof x, typeof y>)(x, y),
    rates: runs.map(({ rate }) => rate),
    lowerRate,
    linearRate,
    momentum,
    batchesAt: rowBatches(seed, plan),
    calls: options.calls,
    spent: refineSteps,
    judgements: options.judgements,
    score: pixelScore(parts),
    checkpoint: checkpoints(name),
    place,
  });
  return curve;
}
