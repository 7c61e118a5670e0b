/** Policies side by side: what each costs and how far it moves the pictures of full guidance. */
import { imageSheet } from "@etude/data";
import { jit, NDArray, random, type Tensor } from "@etude/tensor";
import { progress, type Running } from "../contract/events.ts";
import {
  type ConditionArrays,
  fittingWindow,
  frechetDistance,
  type Predict,
  relativeError,
  type Sampler,
  structuralSimilarity,
} from "../diffusion/index.ts";
import { together } from "./batches.ts";
import type { Judge } from "./classifier.ts";
import { type GuidedSamples, guidedSample } from "./guidedSample.ts";
import type { Show } from "./pictures.ts";
import { fullGuidance, type GuidancePolicy } from "./policy.ts";

/** A model, what it is asked for, and how its samples are looked at. */
export interface Setting {
  readonly predict: Predict;
  readonly sampler: Sampler;
  readonly strength: number;
  readonly steps: number;
  readonly samples: number;
  /** What so many samples are to be like, and what not. */
  condition(samples: number): ConditionArrays;
  negative?(samples: number): ConditionArrays | null;
  /** Of one sample. */
  readonly shape: readonly number[];
  readonly dtype: random.FloatType;
  readonly seed: number;
  /** Pictures of samples; without them only errors are measured. */
  readonly show?: Show;
  readonly batchSize?: number;
  /** Whether samples show their class, where conditions are classes in turn. */
  readonly judge?: { readonly judge: Judge; readonly real: NDArray; readonly classes: number };
}

export interface Candidate {
  readonly name: string;
  readonly policy: GuidancePolicy;
  /** Those of the setting by default; fewer make the plain way to save. */
  readonly steps?: number;
}

export interface Row {
  readonly name: string;
  /** Mean network evaluations a sample. */
  readonly evaluations: number;
  /** |x - x_full|^2 / |x_full|^2, mean over samples. */
  readonly error: number;
  /** Structural similarity to the picture of full guidance, mean over samples; NaN without pictures. */
  readonly ssim: number;
  /** The largest root mean square on the way over that of full guidance. */
  readonly growth: number;
  /** Share of the pictures that the classifier takes for their class. */
  readonly accuracy: number | null;
  /** Frechet distance of the classifier's features to those of real pictures. */
  readonly distance: number | null;
}

export interface Compared {
  readonly full: GuidedSamples;
  readonly rows: readonly Row[];
  /** The first pictures [10, C, H, W] of each row, by name. */
  readonly shown: Readonly<Record<string, NDArray>>;
  /** The samples themselves, by name. */
  readonly samples: Readonly<Record<string, NDArray>>;
}

const sampleOptions = (setting: Setting) => ({
  condition: setting.condition(setting.samples),
  negative: setting.negative?.(setting.samples) ?? null,
  strength: setting.strength,
  steps: setting.steps,
  key: random.key(setting.seed),
  shape: setting.shape,
  dtype: setting.dtype,
  batchSize: setting.batchSize,
});

/** Samples of a setting under a policy; the same noise for every policy. */
export const sampleUnder = (setting: Setting, policy: GuidancePolicy, steps = setting.steps) =>
  guidedSample(setting.predict, setting.sampler, { ...sampleOptions(setting), policy, steps });

/** Conditions and noise of the trajectories that estimates are fitted on: not those of the samples. */
export const fitOptions = (setting: Setting, trajectories: number) => ({
  ...sampleOptions(setting),
  conditions: setting.condition(trajectories),
  negative: setting.negative?.(trajectories) ?? null,
  key: random.key(setting.seed + 7_919),
});

/** @param label of the progress, which counts candidates */
export async function* comparePolicies(
  setting: Setting,
  candidates: readonly Candidate[],
  label: string,
): Running<Compared> {
  const { show, judge } = setting;
  const compare = jit((a: Tensor, b: Tensor) => {
    const error = relativeError(a, b);
    if (show === undefined) return { error, seen: null };
    const [x, y] = [show(a), show(b)];
    const window = fittingWindow(x.shape[2], x.shape[3]);
    return { error, seen: { ssim: structuralSimilarity(x, y, { window }), pictures: x } };
  });
  const full = await sampleUnder(setting, fullGuidance(setting.steps));
  const largest = Math.max(...full.sizes);
  const rows: Row[] = [];
  const shown: Record<string, NDArray> = {};
  const samples: Record<string, NDArray> = {};
  const all: Candidate[] = [
    { name: "full guidance", policy: fullGuidance(setting.steps) },
    ...candidates,
  ];
  for (const [i, { name, policy, steps = setting.steps }] of all.entries()) {
    yield progress(i, all.length, `${label}: ${name}`);
    const run = i === 0 ? full : await sampleUnder(setting, policy, steps);
    samples[name] = run.samples;
    const found = await compare(run.samples, full.samples);
    const pictures = found.seen?.pictures;
    const seen = pictures && (await judge?.judge.look(pictures));
    rows.push({
      name,
      evaluations: meanOf(run.evaluations),
      error: meanOf(found.error.data),
      ssim: found.seen === null ? Number.NaN : meanOf(found.seen.ssim.data),
      growth: Math.max(...run.sizes) / largest,
      accuracy:
        judge === undefined || seen === undefined
          ? null
          : meanOf(Array.from(seen.classes, (c, at) => (c === at % judge.classes ? 1 : 0))),
      distance:
        judge === undefined || seen === undefined
          ? null
          : await frechetDistance(seen.features, judge.real),
    });
    if (pictures !== undefined) shown[name] = firstRows(pictures, Math.min(10, setting.samples));
  }
  return { full, rows, shown, samples };
}

export const meanOf = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
};

function firstRows(array: NDArray, count: number): NDArray {
  const width = array.size / array.shape[0];
  return new NDArray(
    array.data.slice(0, count * width),
    [count, ...array.shape.slice(1)],
    array.dtype,
  );
}

/** A sheet with one line of pictures a policy, as PNG. */
export const sheetOf = (
  shown: Readonly<Record<string, NDArray>>,
  names: readonly string[],
  zoom = 2,
): Uint8Array => {
  const lines = names.map((name) => shown[name]);
  return imageSheet(together(lines), { columns: lines[0].shape[0], zoom });
};

/** What alignment did over the steps. */
export interface AlignmentCurve {
  readonly mean: readonly number[];
  /** The 10th and the 90th percentile over samples. */
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Share of the samples below 0.99 halfway. */
  readonly belowHalfway: number;
}

export function alignmentCurve(alignments: readonly Float64Array[]): AlignmentCurve {
  const sorted = alignments.map((gamma) => Float64Array.from(gamma).sort());
  const at = (share: number) =>
    sorted.map((gamma) => gamma[Math.min(gamma.length - 1, Math.floor(share * gamma.length))]);
  const halfway = alignments[Math.floor(alignments.length / 2)];
  return {
    mean: alignments.map((gamma) => meanOf(gamma)),
    low: at(0.1),
    high: at(0.9),
    belowHalfway: meanOf(Array.from(halfway, (gamma) => (gamma < 0.99 ? 1 : 0))),
  };
}
