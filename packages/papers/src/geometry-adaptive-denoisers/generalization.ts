/** Equations 16 to 20: whether two denoisers have learnt one density, or each its own images. */
import { takeRows } from "@etude/learn";
import type { NDArray } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import {
  imageRange,
  type Nearest,
  nearestImages,
  pairedCorrelation,
  psnrCurve,
  type Samples,
  sampleImages,
  type TrainedDenoiser,
  tiledImages,
} from "../denoising/index.ts";

export interface GeneralizationOptions {
  /** Noise levels of the PSNR curves. */
  readonly sigmas: readonly number[];
  /** Samples of each model. */
  readonly samples: number;
  /** 1: deterministic; below 1 noise is injected. */
  readonly beta: number;
  /** Mean of the initial noise. */
  readonly mean?: number;
  readonly maxSteps?: number;
  /** Of the noise in samples and in PSNR curves: the same for both models. */
  readonly key: NDArray;
  readonly signal?: AbortSignal;
}

/** What the samples of two models have in common; means over those that converged in both. */
export interface SampleComparison {
  readonly beta: number;
  /** Equation 17: corr(sample of A, sample of B) from the same noise, one a seed. */
  readonly pairs: readonly number[];
  readonly pairCorrelation: number;
  /** Equation 18: the largest correlation with an image of the model's own training set. */
  readonly nearestA: readonly number[];
  readonly nearestB: readonly number[];
  readonly nearestTrain: number;
  /** Samples of which at least one model gave up. */
  readonly unconverged: number;
}

export interface GeneralizationReport {
  readonly sigmas: readonly number[];
  /** Mean over both models of the output PSNR on their own training images, dB. */
  readonly trainPsnr: readonly number[];
  readonly testPsnr: readonly number[];
  /** Equation 19: the mean over noise levels of training less test PSNR, dB. */
  readonly psnrGap: number;
  readonly comparison: SampleComparison;
  /** Equation 18 for fresh real images in place of samples: what no copying gives. */
  readonly testNearest: number;
}

/** Samples of both models, each with its nearest training image, to be looked at. */
export interface ComparedSamples {
  readonly a: Samples;
  readonly b: Samples;
  readonly nearestA: readonly Nearest[];
  readonly nearestB: readonly Nearest[];
}

/** The first n and the last n of a list of images. @throws UsageError where these would overlap */
export function disjointSubsets(images: NDArray, n: number): [first: NDArray, last: NDArray] {
  const [count] = images.shape;
  if (2 * n > count)
    throw new UsageError(
      `subsets would overlap: two of ${n} images need ${2 * n}, there are ${count}`,
    );
  return [imageRange(images, 0, n), imageRange(images, count - n, count)];
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Sample two models from the very same noise, initial and injected, and compare the samples with each
 * other and with what each model was trained on.
 */
export async function compareSamples(
  [a, b]: readonly [TrainedDenoiser, TrainedDenoiser],
  [setA, setB]: readonly [NDArray, NDArray],
  { samples, beta, mean = 0.5, maxSteps = 2000, key, signal }: GeneralizationOptions,
): Promise<{ comparison: SampleComparison; samples: ComparedSamples }> {
  const [, , height, width] = setA.shape;
  const settings = { size: [height, width], beta, mean, maxSteps, key, signal } as const;
  const drawnA = await sampleImages(a, samples, settings);
  const drawnB = await sampleImages(b, samples, settings);
  const good = Array.from({ length: samples }, (_, i) => i).filter(
    (i) => drawnA.converged[i] && drawnB.converged[i],
  );
  const nearestA = await nearestOf(drawnA, setA);
  const nearestB = await nearestOf(drawnB, setB);
  const pairs = pairedCorrelation(takeRows(drawnA.images, good), takeRows(drawnB.images, good));
  const ofGood = (nearest: readonly Nearest[]) => good.map((i) => nearest[i].correlation);
  return {
    comparison: {
      beta,
      pairs,
      pairCorrelation: meanOf(pairs),
      nearestA: ofGood(nearestA),
      nearestB: ofGood(nearestB),
      nearestTrain: meanOf([...ofGood(nearestA), ...ofGood(nearestB)]),
      unconverged: samples - good.length,
    },
    samples: { a: drawnA, b: drawnB, nearestA, nearestB },
  };
}

/** The nearest training image of every sample that converged; the others are like nothing. */
async function nearestOf({ images, converged }: Samples, set: NDArray): Promise<Nearest[]> {
  const nearest: Nearest[] = converged.map(() => ({ correlation: Number.NaN, index: -1 }));
  const good = nearest.flatMap((_, i) => (converged[i] ? [i] : []));
  if (good.length === 0) return nearest;
  const found = await nearestImages(takeRows(images, good), set);
  good.forEach((i, at) => {
    nearest[i] = found[at];
  });
  return nearest;
}

/** Images on which the training PSNR is measured, at most; fewer are repeated with fresh noise. */
const trainImages = 256;

/** PSNR curves of a model on its own training images and on others, with fresh noise, dB. */
export async function trainAndTestPsnr(
  model: TrainedDenoiser,
  set: NDArray,
  test: NDArray,
  sigmas: readonly number[],
  key: NDArray,
): Promise<{ train: number[]; test: number[] }> {
  const own = tiledImages(set, Math.min(trainImages, Math.max(set.shape[0], test.shape[0])));
  return {
    train: await psnrCurve(model, own, sigmas, key),
    test: await psnrCurve(model, test, sigmas, key),
  };
}

/**
 * The whole report on two models that were trained on disjoint sets.
 *
 * @param test real images that neither model has seen: without them the nearest training image of a
 * sample says nothing
 */
export async function generalizationReport(
  models: readonly [TrainedDenoiser, TrainedDenoiser],
  sets: readonly [NDArray, NDArray],
  test: NDArray,
  options: GeneralizationOptions,
): Promise<{ report: GeneralizationReport; samples: ComparedSamples }> {
  const { sigmas, key } = options;
  const curves = [
    await trainAndTestPsnr(models[0], sets[0], test, sigmas, key),
    await trainAndTestPsnr(models[1], sets[1], test, sigmas, key),
  ];
  const average = (part: "train" | "test") =>
    sigmas.map((_, level) => meanOf(curves.map((curve) => curve[part][level])));
  const [trainPsnr, testPsnr] = [average("train"), average("test")];
  const { comparison, samples } = await compareSamples(models, sets, options);
  const real = [...(await nearestImages(test, sets[0])), ...(await nearestImages(test, sets[1]))];
  return {
    report: {
      sigmas,
      trainPsnr,
      testPsnr,
      psnrGap: meanOf(trainPsnr.map((value, level) => value - testPsnr[level])),
      comparison,
      testNearest: meanOf(real.map(({ correlation }) => correlation)),
    },
    samples,
  };
}
