/** BO-REP and its baselines where smoothness grows, on a recurrent encoder, and on false labels. */
import { log, progress } from "../contract/events.ts";
import type { Experiment } from "../contract/experiment.ts";
import type { BudgetCurve } from "./budgetRun.ts";
import { claims } from "./experiment/claims.ts";
import { type CleaningResult, cleaningMethods, runCleaning } from "./experiment/cleaningStudy.ts";
import { type GrowingMethodResult, growingMethods, runGrowing } from "./experiment/growingStudy.ts";
import { type Options, optionsSchema, presets } from "./experiment/options.ts";
import { type PixelMethodName, pixelRuns, runPixels } from "./experiment/pixelStudy.ts";
import { sentences } from "./experiment/sentences.ts";
import { summarise } from "./experiment/summary.ts";

/** What one seed measured, by method. */
export interface Result {
  readonly growing: Readonly<Record<string, GrowingMethodResult>>;
  readonly pixels: Readonly<Partial<Record<PixelMethodName, BudgetCurve>>>;
  readonly cleaning: Readonly<Record<string, CleaningResult>>;
}

/** Units of work: growing smoothness takes seconds a method, the others minutes. */
const growingShare = 0.1;

export const experiment: Experiment<Options, Result> = {
  description:
    "BO-REP, SOBA, MA-SOBA, StocBiO and TTSA, each at its best rate: a problem in closed form whose smoothness grows without bound, at equal steps and at equal oracle calls; and 8 x 8 digits read pixel by pixel by a recurrent encoder, at equal oracle calls. Full also cleans the labels of a text set.",
  options: optionsSchema,
  presets,
  data: ({ gains, cleaning }) => [
    ...(gains.length > 0 ? ["digits"] : []),
    ...(cleaning === "none" || cleaning === sentences ? [] : [cleaning]),
  ],

  async *run(options, context) {
    const { seed, step, data, seconds } = context;
    const pixelMethods = options.gains.length > 0 ? options.pixelMethods : [];
    const cleaned = options.cleaning === "none" ? [] : cleaningMethods;
    const total = growingShare * growingMethods.length + pixelMethods.length + cleaned.length;
    let done = 0;

    const growing: Record<string, GrowingMethodResult> = {};
    for (const method of growingMethods) {
      yield progress(done, total, `growing smoothness, ${method.name}`);
      growing[method.name] = yield* step(`growing smoothness, ${method.name}`, () =>
        runGrowing(method, options, seed),
      );
      done += growingShare;
    }

    const pixels: Partial<Record<PixelMethodName, BudgetCurve>> = {};
    for (const method of pixelMethods) {
      const label = `pixels, ${method}`;
      const place = { label, done, total };
      yield progress(done, total, label);
      const curve = yield* step(label, async function* () {
        const images = await data.images("digits");
        return yield* runPixels(method, images, pixelOptions(options), context, place);
      });
      pixels[method] = curve;
      const runs = pixelRuns(pixelOptions(options)).length;
      yield log(
        `${label}: ${curve.steps} outer steps of ${runs} runs side by side in ${seconds(label).toFixed(1)} s`,
      );
      done += 1;
    }

    const cleaning: Record<string, CleaningResult> = {};
    for (const method of cleaned) {
      const label = `cleaning, ${method.name}`;
      const place = { label, done, total };
      yield progress(done, total, label);
      cleaning[method.name] = yield* step(label, () =>
        runCleaning(method, cleaningOptions(options), context, place),
      );
      done += 1;
    }
    return { growing, pixels, cleaning };
  },
  claims,
  summarise,
};

const pixelOptions = (options: Options) => ({
  ...options,
  rates: options.pixelRates,
  refineSteps: options.pixelRefineSteps,
  sizes: { lower: options.lowerRows, upper: options.upperRows, test: options.testRows },
});

const cleaningOptions = (options: Options) => ({
  ...options,
  set: options.cleaning,
  batchSize: options.cleaningBatch,
  units: options.recurrentUnits,
  rates: options.cleaningRates,
});
