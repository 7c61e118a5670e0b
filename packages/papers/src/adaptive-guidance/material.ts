/** The images of the experiment. */
import { type ArrayDataset, type DataLoader, dataSet, partsOf, subset, take } from "@etude/data";
import { UsageError } from "../contract/errors.ts";
import type { Options } from "./options.ts";
import { type Pictures, preparePictures } from "./pictures.ts";

export interface Material {
  readonly train: Pictures;
  readonly test: Pictures;
}

/** Sets without a test part give their last fifth. */
async function partsFor(data: DataLoader, name: string): Promise<[ArrayDataset, ArrayDataset]> {
  if (partsOf(dataSet(name)).includes("test"))
    return [await data.images(name, { part: "train" }), await data.images(name, { part: "test" })];
  const all = await data.images(name);
  const [count] = all.inputs.shape;
  const cut = Math.floor(0.8 * count);
  const rows = Array.from({ length: count - cut }, (_, i) => cut + i);
  return [take(all, cut), subset(all, rows)];
}

export async function loadMaterial(options: Options, data: DataLoader): Promise<Material> {
  const [train, test] = await partsFor(data, options.dataset);
  if (train.inputs.shape[0] < options.images)
    throw new UsageError(
      `${options.dataset} has ${train.inputs.shape[0]} training images, not ${options.images}`,
    );
  const block = options.halve ? 2 : 1;
  return {
    train: await preparePictures(train, { block, count: options.images }),
    test: await preparePictures(test, { block }),
  };
}
