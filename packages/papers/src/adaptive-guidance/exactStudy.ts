/** Part A: the method on a model without error, the exact one of a Gaussian a class. */
import { base64 } from "../contract/base64.ts";
import type { RunContext } from "../contract/context.ts";
import { progress, type Running } from "../contract/events.ts";
import {
  cumulativeAlphas,
  cyclingClasses,
  discretePath,
  fitGaussianMixture,
  flowSampler,
  gaussianMixtureModel,
  pathSampler,
  scaledLinearBetas,
} from "../diffusion/index.ts";
import { fitLinearGuidance } from "./linearGuidance.ts";
import type { Material } from "./material.ts";
import {
  type AlignmentCurve,
  alignmentCurve,
  comparePolicies,
  fitOptions,
  type Row,
  type Setting,
  sheetOf,
} from "./measure.ts";
import type { Options } from "./options.ts";
import { latentsOf, showLatents } from "./pictures.ts";
import {
  adaptiveGuidance,
  alternatingKinds,
  conditionalOnly,
  fixedPolicy,
  fullGuidance,
  guidedWithin,
  linearGuidance,
} from "./policy.ts";
import { discretisePolicy, searchPolicy } from "./search.ts";

export interface ExactStudy {
  readonly strength: number;
  readonly alignment: AlignmentCurve;
  readonly rows: readonly Row[];
  /** Lines of {@link sheetNames}, PNG in base64. */
  readonly sheet: string;
}

export interface SearchStudy {
  readonly guidanceMass: readonly number[];
  readonly effectiveStrength: readonly number[];
  readonly evaluations: number;
  readonly error: number;
  /** Share of the guidance mass in the first half of the steps. */
  readonly firstHalf: number;
  /** What the discretised policy costs and gives. */
  readonly discretised: Row;
}

export interface ScheduleStudy {
  readonly alignment: AlignmentCurve;
  readonly rows: readonly Row[];
}

export interface ExactResult {
  readonly strengths: readonly ExactStudy[];
  readonly search: SearchStudy;
  /** Without a price: lambda = 0. */
  readonly freeSearch: SearchStudy;
  /** The same model predicting noise, on the schedule of latent diffusion models. */
  readonly noisePrediction: ScheduleStudy;
}

/** Lines of the sheet. */
export const sheetNames = ["full guidance", "AG 0.99", "LinearAG", "conditional only"] as const;

export const fewerName = (steps: number): string => `full guidance, ${steps} steps`;

/** The candidates that the table of the specification has, for T steps. */
export function standardCandidates({
  steps,
  thresholds,
  fewerSteps,
}: Pick<Options, "steps" | "thresholds" | "fewerSteps">) {
  const levels = [...new Set([0.99, ...thresholds])].sort((a, b) => b - a);
  const half = steps / 2;
  return [
    ...levels.map((level) => ({ name: `AG ${level}`, policy: adaptiveGuidance(level) })),
    ...fewerSteps.map((few) => ({
      name: fewerName(few),
      policy: fullGuidance(few),
      steps: few,
    })),
    { name: "guided in the first half", policy: guidedWithin(steps, 0, half) },
    { name: "guided in the second half", policy: guidedWithin(steps, half, steps) },
    { name: "conditional only", policy: conditionalOnly(steps) },
    {
      name: "LinearAG's schedule without estimates",
      policy: fixedPolicy(alternatingKinds(steps, "conditional")),
    },
  ];
}

export async function* exactStudy(
  options: Options,
  { train }: Material,
  context: RunContext,
): Running<ExactResult> {
  const { steps, samples, trajectories, ridge } = options;
  const { seed, step } = context;
  yield progress(0, 1, "principal components and Gaussians");
  const latents = await latentsOf(train, options.dimensions, options.fittedImages);
  const mixture = await fitGaussianMixture(latents.values, train.labels);
  const { predict } = gaussianMixtureModel(mixture);
  const setting: Omit<Setting, "strength"> = {
    predict,
    sampler: flowSampler(),
    steps,
    samples,
    condition: (count) => cyclingClasses(count, train.classes),
    shape: [options.dimensions],
    dtype: "float64",
    seed,
    show: showLatents(latents.components),
  };

  const strengths: ExactStudy[] = [];
  for (const strength of options.strengths) {
    strengths.push(
      yield* step(`exact, strength ${strength}`, async function* (): Running<ExactStudy> {
        const at = { ...setting, strength };
        const fit = fitOptions(at, trajectories);
        const plain = await fitLinearGuidance(predict, at.sampler, fit);
        const shrunk = await fitLinearGuidance(predict, at.sampler, {
          ...fit,
          ridge: { relative: ridge },
        });
        const { full, rows, shown } = yield* comparePolicies(
          at,
          [
            ...standardCandidates(options),
            { name: "LinearAG", policy: linearGuidance(plain) },
            { name: `LinearAG, ridge ${ridge}`, policy: linearGuidance(shrunk) },
          ],
          `exact model, strength ${strength}`,
        );
        const alignment = alignmentCurve(full.alignments);
        return { strength, alignment, rows, sheet: base64(sheetOf(shown, sheetNames)) };
      }),
    );
  }

  const noisePrediction = yield* step("exact, noise predictions", () =>
    scheduleStudy({ ...setting, strength: options.strengths[0] }, mixture),
  );

  yield progress(0, 1, "the model that is searched");
  const fewer = await latentsOf(train, options.searchDimensions, options.fittedImages);
  const searched = gaussianMixtureModel(await fitGaussianMixture(fewer.values, train.labels));
  const at: Setting = {
    ...setting,
    predict: searched.predict,
    strength: options.searchStrength,
    shape: [options.searchDimensions],
    show: showLatents(fewer.components),
  };
  const search = yield* step("search", () => searchStudy(at, options, options.costWeight));
  const freeSearch = yield* step("search without a price", () => searchStudy(at, options, 0));
  return { strengths, search, freeSearch, noisePrediction };
}

async function* scheduleStudy(
  setting: Setting,
  mixture: Awaited<ReturnType<typeof fitGaussianMixture>>,
): Running<ScheduleStudy> {
  const path = discretePath(cumulativeAlphas(scaledLinearBetas()), { name: "scaled linear" });
  const { predict } = gaussianMixtureModel(mixture, { path, kind: "noise" });
  const quarter = Math.floor(setting.steps / 4);
  const { full, rows } = yield* comparePolicies(
    { ...setting, predict, sampler: pathSampler(path) },
    [
      { name: "AG 0.98", policy: adaptiveGuidance(0.98) },
      { name: "AG 0.998", policy: adaptiveGuidance(0.998) },
      { name: "AG 0.9999", policy: adaptiveGuidance(0.9999) },
      {
        name: `AG 0.99 from step ${quarter} on`,
        policy: adaptiveGuidance(0.99, { firstCheck: quarter }),
      },
      {
        name: "AG 0.99 on estimates of x_0",
        policy: adaptiveGuidance(0.99, { compare: "denoised" }),
      },
      { name: "conditional only", policy: conditionalOnly(setting.steps) },
    ],
    "exact model, noise predictions",
  );
  return { alignment: alignmentCurve(full.alignments), rows };
}

/** A search, and what its policy gives when it is discretised. */
export async function* searchStudy(
  setting: Setting,
  { searchIterations: iterations }: Pick<Options, "searchIterations">,
  costWeight: number,
): Running<SearchStudy> {
  const { strength, steps, shape, dtype, seed } = setting;
  const label = costWeight === 0 ? "search without a price" : "search";
  const found = yield* searchPolicy(
    setting.predict,
    setting.sampler,
    {
      conditions: setting.condition(setting.samples),
      shape,
      steps,
      strength,
      costWeight,
      iterations,
      dtype,
      seed,
    },
    { label, done: 0, total: 1 },
    `objective, ${label}`,
  );
  const { guidanceMass } = found;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const { rows } = yield* comparePolicies(
    setting,
    [{ name: "discretised", policy: discretisePolicy(found) }],
    label,
  );
  return {
    guidanceMass,
    effectiveStrength: found.effectiveStrength,
    evaluations: found.evaluations,
    error: found.relativeError,
    firstHalf: sum(guidanceMass.slice(0, steps / 2)) / sum(guidanceMass),
    discretised: rows[1],
  };
}
