/** Images of the catalogue as training and test examples. */
import {
  type ArrayDataset,
  type DataLoader,
  dataSet,
  partsOf,
  subset,
  take,
  trainTestSplit,
} from "@etude/data";
import { random } from "@etude/tensor";
import type { Examples } from "../examples.ts";

export interface Parts {
  readonly train: Examples;
  readonly test: Examples;
  readonly classes: number;
  /** Of one image: [channels, height, width]. */
  readonly shape: readonly number[];
}

export interface PartSizes {
  /** At most so many images; all where it is not given. */
  readonly train?: number;
  readonly test?: number;
  /** Where the images come in one part. */
  readonly testFraction: number;
}

/**
 * The parts of a set, or a stratified division of one that comes in one part. Where sizes are given, a
 * seed sees its own choice of the images, in random order.
 */
export async function loadParts(
  data: DataLoader,
  id: string,
  sizes: PartSizes,
  seed: number,
): Promise<Parts> {
  const { train, test } = await divided(data, id, sizes.testFraction, seed);
  const [trainPart, testPart] = [
    chosen(train, sizes.train, random.generator(seed).fork(1)),
    chosen(test, sizes.test, random.generator(seed).fork(2)),
  ];
  const [, ...shape] = train.inputs.shape;
  return {
    train: examplesOf(trainPart),
    test: examplesOf(testPart),
    classes: train.classes?.length ?? Math.max(...train.targets.data) + 1,
    shape,
  };
}

async function divided(
  data: DataLoader,
  id: string,
  testFraction: number,
  seed: number,
): Promise<{ train: ArrayDataset; test: ArrayDataset }> {
  const parts = partsOf(dataSet(id));
  if (parts.includes("train") && parts.includes("test")) {
    const train = await data.images(id, { part: "train" });
    return { train, test: await data.images(id, { part: "test" }) };
  }
  const all = await data.images(id);
  const split = trainTestSplit(all.targets, { testFraction, seed });
  return { train: subset(all, split.train), test: subset(all, split.test) };
}

function chosen(
  dataset: ArrayDataset,
  wanted: number | undefined,
  draws: random.Generator,
): ArrayDataset {
  if (wanted === undefined) return dataset;
  const count = dataset.targets.size;
  return subset(dataset, draws.sample(count, Math.min(wanted, count)));
}

export const examplesOf = ({ inputs, targets }: ArrayDataset): Examples => ({
  inputs,
  labels: targets,
});

/** The first examples, and the others. */
export function divide(examples: Examples, first: number): readonly [Examples, Examples] {
  const dataset = { name: "examples", inputs: examples.inputs, targets: examples.labels };
  const rest = Int32Array.from({ length: examples.labels.size - first }, (_, i) => first + i);
  return [examplesOf(take(dataset, first)), examplesOf(subset(dataset, rest))];
}
