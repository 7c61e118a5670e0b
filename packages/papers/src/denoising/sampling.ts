/** Samples from a blind denoiser, from coarse to fine, without a schedule of noise levels. */
import {
  array,
  type Concrete,
  full,
  jit,
  type NDArray,
  ones,
  random,
  type Tensor,
  zeros,
} from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { compileSampler } from "./coarseToFine.ts";
import { checkImageShape, predictNoise, type TrainedDenoiser } from "./denoiser.ts";
import type { DenoiserParams, DenoiserState } from "./layers.ts";
import { perOptions } from "./perOptions.ts";

/** Linear measurements that samples are to agree with. */
export interface Measurement {
  /** Orthonormal rows [m, d], d = C H W. */
  readonly directions: NDArray;
  /** What was measured, for every sample: [n, m]. */
  readonly values: NDArray;
}

export interface SampleOptions {
  /** Height and width of the samples. */
  readonly size: readonly [height: number, width: number];
  /** The key of the initial noise and of all that is injected: two models with one key see the same noise. */
  readonly key: NDArray;
  /** h_0, the first step: 0.01. */
  readonly h0?: number;
  /** 1 injects no noise and is deterministic; 0.1 by default. */
  readonly beta?: number;
  /** sigma_0: 1. */
  readonly sigmaStart?: number;
  /** Below this level a sample is finished: 0.05. */
  readonly sigmaEnd?: number;
  /** Mean of the initial noise: 0.5. */
  readonly mean?: number;
  /** A sample that takes more steps does not converge: 2000. */
  readonly maxSteps?: number;
  /** h_t = h_0 t / (1 + h_0 (t - 1)) as in the official code (true), or h_t = h_0 as in the paper's box. */
  readonly growStep?: boolean;
  readonly measurement?: Measurement;
  readonly signal?: AbortSignal;
}

export interface Samples {
  /** [n, C, H, W]; where `converged` is false, whatever was there when the sample was given up. */
  readonly images: NDArray;
  /** Noise level read off the residual before each step, [steps][n]; of finished samples the last one. */
  readonly sigmas: readonly (readonly number[])[];
  /** Steps each sample took. */
  readonly steps: readonly number[];
  readonly converged: readonly boolean[];
}

/** Steps of one compiled call. */
const chunk = 20;

/** h_t: the share of the residual that step t, from 1 on, takes away. */
export const stepSize = (h0: number, t: number, growStep = true): number =>
  growStep ? (h0 * t) / (1 + h0 * (t - 1)) : h0;

/** Equation 15 over sigma: gamma / sigma = sqrt((1 - beta h)^2 - (1 - h)^2), noise injected at a step h. */
export const injectedShare = (h: number, beta: number): number =>
  Math.sqrt(Math.max(0, (1 - beta * h) ** 2 - (1 - h) ** 2));

/**
 * Draw n samples from the density that a denoiser has learnt.
 *
 * Samples that take more than `maxSteps`, or whose level rises above 2 or is no number, are marked as
 * not converged; leave them out of means, and say how many there were.
 *
 * @throws UsageError for h0 or beta outside (0, 1], levels that do not descend, or sizes that do not fit
 */
export function sampleImages(
  { options, params, state }: TrainedDenoiser,
  n: number,
  settings: SampleOptions,
): Promise<Samples> {
  const [height, width] = settings.size;
  const shape = [n, options.imageChannels, height, width];
  checkImageShape(options, shape);
  return runSampler(samplerOf(options), { params, state }, shape, settings);
}

const samplerOf = perOptions((options) =>
  compileSampler(
    ({ params, state }: { params: DenoiserParams; state: DenoiserState }, y) =>
      predictNoise(options, params, state, y, "evaluate").noise,
  ),
);

/** Sampling with any compiled sampler; see `sampleImages`. */
export async function runSampler<P>(
  sampler: ReturnType<typeof compileSampler<P>>,
  params: Concrete<P>,
  shape: readonly number[],
  settings: Omit<SampleOptions, "size">,
): Promise<Samples> {
  const { h0 = 0.01, beta = 0.1, sigmaStart = 1, sigmaEnd = 0.05, mean = 0.5 } = settings;
  const { maxSteps = 2000, growStep = true, key, signal } = settings;
  checkSettings(h0, beta, sigmaStart, sigmaEnd, maxSteps);
  const guide = settings.measurement
    ? { directions: settings.measurement.directions, values: settings.measurement.values }
    : null;
  const [n] = shape;
  const [startKey, noiseKey] = await splitKey(key);
  let state = {
    y: await sampler.begin(full(shape, mean), sigmaStart, startKey, guide),
    active: ones([n]),
    sigma: full([n], sigmaStart),
    steps: zeros([n]),
  };
  const sigmas: number[][] = [];
  for (let t = 1; t <= maxSteps + 1; t += chunk) {
    signal?.throwIfAborted();
    // One look more than steps are allowed, to see whether the last of them was enough.
    const looks = Math.min(chunk, maxSteps + 2 - t);
    const times = Array.from({ length: looks }, (_, i) => t + i);
    const h = times.map((time) => (time > maxSteps ? 0 : stepSize(h0, time, growStep)));
    const steps = {
      h: array(Float32Array.from(h)),
      injected: array(Float32Array.from(h, (size) => injectedShare(size, beta))),
      t: array(Int32Array.from(times)),
    };
    const limits = { sigmaEnd, key: noiseKey, noisy: beta < 1 };
    const { after, sigmas: seen } = await sampler.advance(params, state, steps, limits, guide);
    state = after;
    for (let row = 0; row < looks; row++)
      sigmas.push(Array.from(seen.data.subarray(row * n, (row + 1) * n)));
    if (!state.active.data.some((active) => active > 0)) break;
  }
  const steps = Array.from(state.steps.data, (count) => Math.min(count, maxSteps));
  return {
    images: await sampler.finish(params, state.y, guide),
    sigmas: sigmas.slice(0, Math.max(...steps, 0) + 1),
    steps,
    converged: Array.from(state.sigma.data, (sigma) => sigma <= sigmaEnd),
  };
}

/** Two keys of one: for the start, and for what is injected. */
const splitKey = jit((key: Tensor) => random.split(key));

function checkSettings(
  h0: number,
  beta: number,
  sigmaStart: number,
  sigmaEnd: number,
  maxSteps: number,
): void {
  for (const [name, value] of Object.entries({ h0, beta })) {
    if (!(value > 0 && value <= 1)) throw new UsageError(`${name}: ${value} is not in (0, 1]`);
  }
  if (!(sigmaEnd > 0 && sigmaStart > sigmaEnd))
    throw new UsageError(`sigmaEnd: ${sigmaEnd} must lie between 0 and sigmaStart, ${sigmaStart}`);
  if (!Number.isInteger(maxSteps) || maxSteps < 1)
    throw new UsageError(`maxSteps: ${maxSteps} is no whole number from 1`);
}
