/** The images of the experiment, and the networks and recipes that its options mean. */
import { type ArrayDataset, type DataLoader, subset, take } from "@etude/data";
import {
  accuracy,
  constantSchedule,
  cosineSchedule,
  piecewiseSchedule,
  type Schedule,
} from "@etude/learn";
import { type ArrayTree, NDArray } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import {
  type Classifier,
  denseClassifier,
  type Predict,
  residualClassifier,
  type Weights,
} from "./classifier.ts";
import type { Options } from "./options.ts";
import type { Examples, Recipe } from "./training.ts";

export interface Material {
  readonly train: Examples;
  readonly test: Examples;
  /** The first of the training images; a part of `train` or more than it. */
  readonly noisy: Examples;
  /** Those after `noisy`. */
  readonly validation: Examples;
  /** The training images as they are, from 0 to 1. */
  readonly pictures: NDArray;
  readonly classes: number;
}

/**
 * Images of the training part by position, each channel less its mean over the first `trainExamples`
 * and over their standard deviation.
 */
export async function loadMaterial(options: Options, data: DataLoader): Promise<Material> {
  const { trainExamples, testExamples, noiseExamples, validationExamples } = options;
  const all = await data.images(options.dataset, { part: "train" });
  const test = take(await data.images(options.dataset, { part: "test" }), testExamples);
  const wanted = Math.max(trainExamples, noiseExamples + validationExamples);
  if (all.inputs.shape[0] < wanted)
    throw new UsageError(
      `${options.dataset} has ${all.inputs.shape[0]} training images; these options need ${wanted}`,
    );
  const train = take(all, trainExamples);
  const scale = channelScale(train.inputs);
  const examplesOf = (part: ArrayDataset): Examples => ({
    inputs: standardise(part.inputs, scale),
    labels: part.targets,
  });
  const after = Int32Array.from({ length: validationExamples }, (_, i) => noiseExamples + i);
  return {
    train: examplesOf(train),
    test: examplesOf(test),
    noisy: examplesOf(take(all, noiseExamples)),
    validation: examplesOf(subset(all, after)),
    pictures: train.inputs,
    classes: all.classes?.length ?? 1 + Math.max(...all.targets.data.map(Number)),
  };
}

export interface ChannelScale {
  readonly means: readonly number[];
  readonly deviations: readonly number[];
}

/** Mean and standard deviation of every channel of images [N, C, H, W]. */
export function channelScale({ data, shape }: NDArray): ChannelScale {
  const [images, channels, height, width] = shape;
  const pixels = height * width;
  const [sums, squares] = [new Float64Array(channels), new Float64Array(channels)];
  for (let place = 0; place < images * channels; place++) {
    for (let pixel = place * pixels; pixel < (place + 1) * pixels; pixel++) {
      sums[place % channels] += data[pixel];
      squares[place % channels] += data[pixel] ** 2;
    }
  }
  const means = Array.from(sums, (sum) => sum / (images * pixels));
  const deviations = means.map((mean, c) => Math.sqrt(squares[c] / (images * pixels) - mean ** 2));
  return { means, deviations: deviations.map((deviation) => (deviation > 1e-6 ? deviation : 1)) };
}

export function standardise(
  { data, shape }: NDArray,
  { means, deviations }: ChannelScale,
): NDArray {
  const [, channels, height, width] = shape;
  const pixels = height * width;
  const values = new Float32Array(data.length);
  for (let i = 0; i < values.length; i++) {
    const channel = Math.floor(i / pixels) % channels;
    values[i] = (data[i] - means[channel]) / deviations[channel];
  }
  return new NDArray(values, shape, "float32");
}

/** The network of the options for images of this shape. */
export function classifierFor(
  { network, hidden, depth, width }: Pick<Options, "network" | "hidden" | "depth" | "width">,
  { shape: [, ...image] }: NDArray,
  classes: number,
): Classifier {
  if (network === "residual")
    return residualClassifier({ depth, width, channels: image[0], classes });
  const inputs = image.reduce((product, length) => product * length, 1);
  return denseClassifier([inputs, ...hidden, classes]);
}

/** The learning rate over so many steps. */
export function rateOver({ learningRate, decay }: Options, steps: number): Schedule {
  if (decay === "cosine") return cosineSchedule(learningRate, steps);
  // 60, 120 and 160 of the 200 epochs of the official recipe.
  const falls = [0, 0.3, 0.6, 0.8].map((part) => Math.round(part * steps));
  return piecewiseSchedule(
    falls
      .map((step, i): [number, number] => [step, learningRate * 0.2 ** i])
      .filter(([step], i) => i === 0 || step > falls[i - 1]),
  );
}

export const recipeOf = ({ weightDecay, augment }: Options, rate: Schedule | number): Recipe => ({
  rate: typeof rate === "number" ? constantSchedule(rate) : rate,
  momentum: 0.9,
  weightDecay,
  augment,
});

/** Per cent of right predictions. */
export async function percentRight(
  predict: Predict,
  weights: Weights<ArrayTree>,
  { inputs, labels }: Examples,
): Promise<number> {
  return 100 * accuracy(await predict(weights, inputs), labels);
}
