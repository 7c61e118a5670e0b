/** Sampling under a guidance policy: what a policy leaves out is not run. */
import { array, full, jit, type NDArray, random, type Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import {
  type ConditionArrays,
  checkCondition,
  initialNoise,
  mapCondition,
  type Predict,
  type Sampler,
} from "../diffusion/index.ts";
import { activeRows, bucketFor, fingerprintOf, rowsBetween, together } from "./batches.ts";
import { checkPolicy, type GuidancePolicy, kindAt, type LinearCoefficients } from "./policy.ts";
import { compiledSteps, type GuidedArrays } from "./steps.ts";

export interface GuidedSampleOptions {
  /** What samples are to be like, an entry a sample. */
  readonly condition: ConditionArrays;
  /** What they are not to be like, an entry a sample; the empty condition by default. */
  readonly negative?: ConditionArrays | null;
  /** s of eq. 1: 1 is no guidance. Paper: 7.5. */
  readonly strength: number;
  /**
   * Editing: `condition` has image and text, this the image alone and `negative` neither, three
   * evaluations a guided step. Guidance stops when both others are parallel to the first.
   */
  readonly edit?: { readonly imageOnly: ConditionArrays; readonly imageStrength: number };
  readonly steps: number;
  readonly policy: GuidancePolicy;
  /** What sampling starts from, [B, ...]; else drawn from `key` in `shape` (of one sample). */
  readonly initial?: NDArray;
  readonly key?: NDArray;
  readonly shape?: readonly number[];
  readonly dtype?: random.FloatType;
  /** Keep the predictions of every step, for {@link fitLinearGuidance}. */
  readonly keepHistories?: boolean;
  /** Samples at once; all by default. */
  readonly batchSize?: number;
}

export interface GuidedSamples {
  /** [B, ...] */
  readonly samples: NDArray;
  /** Network evaluations of each sample. */
  readonly evaluations: readonly number[];
  /** Rows that went through the network, those that only filled up a batch among them. */
  readonly rows: number;
  /** gamma of every step and sample; NaN where it was not measured. */
  readonly alignments: readonly Float64Array[];
  /** Root mean square of all samples after every step: what grows when estimates drift away. */
  readonly sizes: readonly number[];
  readonly histories?: Histories;
}

/** Predictions [B, ...] of every step, the unconditional ones estimated where they were. */
export interface Histories {
  readonly conditional: readonly NDArray[];
  readonly unconditional: readonly NDArray[];
}

/**
 * Samples under a policy. Every step is one compiled call; decisions are a sample's own, and the
 * unconditional prediction runs only on samples whose guidance is on, gathered into batches of a few sizes.
 *
 * @throws UsageError for a policy that does not fit, conditions of another length, a strength below 0,
 *   and, naming the step, predictions that are zero or not finite
 */
export async function guidedSample(
  predict: Predict,
  sampler: Sampler,
  options: GuidedSampleOptions,
): Promise<GuidedSamples> {
  const { steps, policy, strength, condition, negative = null } = options;
  if (condition === null || condition === undefined)
    throw new UsageError("a condition is missing: guidance is between a condition and none");
  if (!(strength >= 0)) throw new UsageError(`the strength must not be negative, got ${strength}`);
  const fingerprint = needsFingerprint(policy) ? fingerprintOf(negative) : "";
  checkPolicy(policy, { steps, strength, sampler: sampler.name, negative: fingerprint });
  if (options.edit !== undefined && needsFingerprint(policy))
    throw new UsageError("estimates of one unconditional prediction do not serve for editing");
  const initial = await startOf(sampler, options);
  const samples = initial.shape[0];
  checkCondition("the condition", condition, samples);
  checkCondition("the negative condition", negative, samples);
  const { batchSize = samples } = options;
  const parts: GuidedSamples[] = [];
  for (let from = 0; from < samples; from += batchSize) {
    const rows = (leaf: NDArray) => rowsBetween(leaf, from, Math.min(samples, from + batchSize));
    parts.push(
      await runBatch(predict, sampler, {
        ...options,
        initial: rows(initial),
        condition: mapCondition(condition, rows),
        negative: mapCondition(negative, rows),
        edit: options.edit && {
          ...options.edit,
          imageOnly: mapCondition(options.edit.imageOnly, rows),
        },
      }),
    );
  }
  return parts.length === 1 ? parts[0] : joined(parts);
}

const needsFingerprint = (policy: GuidancePolicy): boolean => policy.policy === "linear";

async function startOf(sampler: Sampler, options: GuidedSampleOptions): Promise<NDArray> {
  const { initial, key, shape, steps, condition, dtype = "float32" } = options;
  if (initial !== undefined) return initial;
  if (key === undefined || shape === undefined)
    throw new UsageError(
      "sampling starts from `initial`, or from a `key` and the `shape` of a sample",
    );
  let count = 0;
  mapCondition(condition, (leaf) => {
    count = leaf.shape[0];
    return leaf;
  });
  return jit((k: Tensor) => initialNoise(sampler, steps, k, [count, ...shape], dtype))(key);
}

interface Batch extends GuidedSampleOptions {
  readonly initial: NDArray;
  readonly negative: ConditionArrays | null;
}

async function runBatch(predict: Predict, sampler: Sampler, batch: Batch): Promise<GuidedSamples> {
  const { policy, steps, condition, negative, edit, keepHistories = false } = batch;
  const run = compiledSteps(predict);
  const dtype = batch.initial.dtype;
  const [samples, ...shape] = batch.initial.shape;
  const others = edit === undefined ? [negative] : [edit.imageOnly, negative];
  const strengths = {
    strength: full([], batch.strength, dtype),
    image: full([], edit?.imageStrength ?? 0, dtype),
  };
  const adaptive = policy.policy === "adaptive" ? policy : undefined;
  const keep = keepHistories || policy.policy === "linear";
  const times = sampler.times(steps);
  const noiseKeys = random.generator(noiseSeed(batch.key));

  let x = batch.initial;
  let on = Int32Array.from({ length: samples }, (_, i) => i);
  let rows = 0;
  const evaluations = new Array<number>(samples).fill(0);
  const alignments: Float64Array[] = [];
  const sizes: number[] = [];
  const conditional: NDArray[] = [];
  const unconditional: NDArray[] = [];

  for (let k = 0; k < steps; k++) {
    const by = sampler.coefficients(times[k], times[k + 1]);
    const seen = sampler.denoised(times[k]);
    const common = {
      x,
      t: full([], times[k], dtype),
      by: array([by.x, by.prediction, by.noise], { dtype }),
      noise: by.noise === 0 ? null : drawNoise(noiseKeys.fork(k), [samples, ...shape], dtype),
    };
    const gamma = new Float64Array(samples).fill(Number.NaN);
    const kind = on.length === 0 ? "conditional" : kindAt(policy, k);
    rows += samples;
    for (let i = 0; i < samples; i++) evaluations[i]++;
    let result: { x: NDArray; size: NDArray };
    if (kind === "guided") {
      const checks = adaptive !== undefined && k >= adaptive.firstCheck;
      const early = checks && adaptive.atTrigger === "conditional";
      const bucket = bucketFor(on.length, samples);
      const guided: GuidedArrays = {
        ...common,
        condition,
        others,
        strengths,
        compare:
          adaptive?.compare === "denoised" ? array([seen.x, seen.prediction], { dtype }) : null,
        limit: early ? full([], adaptive.threshold, dtype) : null,
        active: on.length === samples ? null : activeRows(on, samples, bucket),
        keep,
      };
      const after = await run.guided(guided);
      rows += others.length * (on.length === samples ? samples : bucket);
      on.forEach((row, i) => {
        evaluations[row] += others.length;
        gamma[row] = after.gamma.data[i];
      });
      if (adaptive !== undefined) refuseDirectionless(gamma, on, k, times[k], after.size.item());
      if (keep && after.predictions !== null) {
        conditional.push(after.predictions.conditional);
        unconditional.push(after.predictions.unconditional);
      }
      if (checks) on = on.filter((row) => !(gamma[row] >= adaptive.threshold));
      result = after;
    } else if (kind === "linear" && policy.policy === "linear") {
      const after = await run.linear({
        ...common,
        condition,
        strengths,
        past: pastEstimate(policy.coefficients, k, { conditional, unconditional }, x),
        own: full([], policy.coefficients.conditional[k][k], dtype),
      });
      conditional.push(after.predictions.conditional);
      unconditional.push(after.predictions.unconditional);
      result = after;
    } else {
      const after = await run.conditional({ ...common, condition });
      if (keep) {
        conditional.push(after.prediction);
        unconditional.push(after.prediction);
      }
      result = after;
    }
    const size = result.size.item();
    if (!Number.isFinite(size))
      throw new UsageError(`step ${k} (time ${times[k]}): the prediction is not finite`);
    alignments.push(gamma);
    sizes.push(size);
    x = result.x;
  }
  return {
    samples: x,
    evaluations,
    rows,
    alignments,
    sizes,
    ...(keepHistories ? { histories: { conditional, unconditional } } : {}),
  };
}

function refuseDirectionless(
  gamma: Float64Array,
  on: Int32Array,
  step: number,
  time: number,
  size: number,
): void {
  const row = on.find((i) => Number.isNaN(gamma[i]));
  if (row === undefined || !Number.isFinite(size)) return;
  throw new UsageError(
    `step ${step} (time ${time}): a prediction of sample ${row} is zero and has no direction to compare`,
  );
}

/** What the estimate of step k has from the steps before it, like x. */
function pastEstimate(
  { intercept, conditional, unconditional }: LinearCoefficients,
  k: number,
  histories: Histories,
  { data, shape, dtype }: NDArray,
): NDArray {
  const sum = new Float64Array(data.length).fill(intercept[k]);
  const add = ({ data: values }: NDArray, factor: number) => {
    for (let i = 0; i < sum.length; i++) sum[i] += factor * values[i];
  };
  for (let i = 0; i < k; i++) {
    add(histories.conditional[i], conditional[k][i]);
    add(histories.unconditional[i], unconditional[k][i]);
  }
  return array(sum, { shape, dtype });
}

/** Samplers with fresh noise draw it from the key of the start, or from a fixed one. */
const noiseSeed = (key: NDArray | undefined): bigint =>
  key === undefined ? 0n : (BigInt(key.data[0]) << 32n) + BigInt(key.data[1]);

function drawNoise(draw: random.Generator, shape: readonly number[], dtype: NDArray["dtype"]) {
  const size = shape.reduce((product, length) => product * length, 1);
  return array(
    Float64Array.from({ length: size }, () => draw.normal()),
    { shape, dtype },
  );
}

/** The runs of the parts of a batch as one. */
function joined(parts: readonly GuidedSamples[]): GuidedSamples {
  const [first] = parts;
  const counts = parts.map(({ samples }) => samples.shape[0]);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const eachStep = <T>(of: (step: number) => T): T[] => first.sizes.map((_, step) => of(step));
  const history = (side: keyof Histories) =>
    eachStep((step) =>
      together(parts.map(({ histories }) => (histories as Histories)[side][step])),
    );
  return {
    samples: together(parts.map(({ samples }) => samples)),
    evaluations: parts.flatMap(({ evaluations }) => evaluations),
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    alignments: eachStep((step) =>
      Float64Array.from(parts.flatMap(({ alignments }) => Array.from(alignments[step]))),
    ),
    sizes: eachStep((step) =>
      Math.sqrt(
        parts.reduce((sum, { sizes }, i) => sum + (counts[i] / total) * sizes[step] ** 2, 0),
      ),
    ),
    ...(first.histories === undefined
      ? {}
      : {
          histories: {
            conditional: history("conditional"),
            unconditional: history("unconditional"),
          },
        }),
  };
}
