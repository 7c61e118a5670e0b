/** Images as examples, and networks for them. */
import { trainTestSplit } from "@etude/data";
import { softmaxCrossEntropy } from "@etude/learn";
import { type ArrayTree, evaluate, NDArray, random } from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import { UsageError } from "../../contract/errors.ts";
import {
  type Examples,
  examplesAt,
  type Loss,
  type LossOnOutputs,
  type Model,
  rowsOf,
} from "../curvature.ts";
import { namedNetwork } from "../networks.ts";
import type { Options } from "./options.ts";

/** What a seed's random numbers are for: a stream each, so that one part does not change another. */
export const purposes = {
  examples: 1,
  sweepBatches: 2,
  spectrumTraining: 3,
  spectrumBatches: 4,
  noise: 5,
  probes: 6,
  split: 7,
  learnerOrder: 8,
  learnerBatches: 9,
} as const;

export const stream = (seed: number, purpose: keyof typeof purposes): random.Generator =>
  random.generator(seed).fork(purposes[purpose]);

export const seedOf = (seed: number, purpose: keyof typeof purposes): number =>
  stream(seed, purpose).bits();

export interface Images extends Examples {
  readonly classes: number;
}

/** Images as they are, values from 0 to 1. */
export async function loadExamples(
  { data, examples }: Options,
  { seed, data: load }: RunContext,
): Promise<Images> {
  const { inputs, targets, classes = [] } = await load.images(data);
  const rows = targets.shape[0];
  const chosen =
    examples < rows
      ? examplesAt({ inputs, targets }, stream(seed, "examples").sample(rows, examples))
      : { inputs, targets };
  return { inputs: chosen.inputs, targets: chosen.targets, classes: classes.length };
}

/** Each pixel with its mean over the images removed. */
export function centred({ inputs, ...rest }: Images): Images {
  const [rows] = inputs.shape;
  const width = inputs.size / rows;
  const means = new Float64Array(width);
  inputs.data.forEach((value, i) => {
    means[i % width] += value / rows;
  });
  const values = Float32Array.from(inputs.data, (value, i) => value - means[i % width]);
  return { ...rest, inputs: new NDArray(values, inputs.shape, "float32") };
}

export interface Learning {
  readonly model: Model;
  readonly loss: Loss;
  readonly lossOnOutputs: LossOnOutputs;
  readonly dtype: random.FloatType;
  start(seed: number): Promise<ArrayTree>;
}

/** A network by name and the mean cross entropy of its logits. */
export function learningOf(
  name: string,
  images: Images,
  dtype: random.FloatType = "float32",
): Learning {
  const shape = { inputs: images.inputs.shape.slice(1), outputs: images.classes };
  const network = namedNetwork(name, shape, dtype);
  const lossOnOutputs: LossOnOutputs = (logits, y) => softmaxCrossEntropy(logits, y).mean();
  return {
    model: network.model,
    lossOnOutputs,
    loss: (params, x, y) => lossOnOutputs(network.model(params, x), y),
    dtype: network.dtype,
    start: async (seed) => (await evaluate(network.init(random.key(seed)))) as ArrayTree,
  };
}

export const inPrecision = (images: Images, dtype: random.FloatType): Images => ({
  ...images,
  inputs: images.inputs.astype(dtype),
});

/** At most so many examples, from the first on. */
export const firstExamples = (examples: Examples, count: number): Examples =>
  count < rowsOf(examples)
    ? examplesAt(
        examples,
        Int32Array.from({ length: count }, (_, i) => i),
      )
    : { inputs: examples.inputs, targets: examples.targets };

/** Training and test examples, in equal proportions of the classes. */
export function divided(
  images: Images,
  testExamples: number,
  seed: number,
): { train: Examples; test: Examples } {
  const rows = rowsOf(images);
  if (testExamples >= rows)
    throw new UsageError(
      `option "testExamples": ${testExamples} out of ${rows} leave none to train`,
    );
  const { train, test } = trainTestSplit(images.targets, {
    testFraction: testExamples / rows,
    seed: seedOf(seed, "split"),
  });
  return { train: examplesAt(images, train), test: examplesAt(images, test) };
}
