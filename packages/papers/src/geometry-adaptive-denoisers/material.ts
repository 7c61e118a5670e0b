/** The images of an experiment. */
import { type DataLoader, gatherRows } from "@etude/data";
import { array, jit, type NDArray, random, type Tensor } from "@etude/tensor";
import {
  geometricImages,
  imageRange,
  removeNearDuplicates,
  shrinkImages,
} from "../denoising/index.ts";
import type { Options } from "./options.ts";

export interface Material {
  /** Training images of both models together, [2 N, C, H, W] at least. */
  readonly train: NDArray;
  /** Images that no model sees. */
  readonly test: NDArray;
}

/** Purposes of random numbers. */
export const purposes = {
  images: 1,
  otherImages: 2,
  models: 3,
  samples: 4,
  noise: 5,
  permutation: 6,
  bases: 7,
  disks: 8,
  order: 9,
} as const;

/** A key of its own for a purpose of a seed. */
export const keyFor = (seed: number, purpose: number, which = 0): Promise<NDArray> =>
  folded(random.key(seed), array(Int32Array.of(purpose, which)));

const folded = jit(
  (key: Tensor, place: Tensor): Tensor =>
    random.foldIn(random.foldIn(key, place.slice(0)), place.slice(1)),
);

/** The seed of a training. */
export const trainingSeed = (seed: number, which: number): number =>
  random.generator(seed).fork(purposes.models).fork(which).bits();

/** Training and test images of a seed: drawn, or those of a data set in random order. */
export async function materialFor(
  options: Options,
  seed: number,
  data: DataLoader,
): Promise<Material> {
  const { images, size, alpha, sizes, testImages, deduplicate } = options;
  const wanted = 2 * sizes[sizes.length - 1];
  const all =
    images === "geometric"
      ? await geometricImages(await keyFor(seed, purposes.images), wanted + testImages, {
          size,
          alpha,
        })
      : await catalogueImages(options, seed, data);
  const rows = deduplicate ? (await removeNearDuplicates(all)).kept : undefined;
  const kept = rows === undefined ? all : gatherRows(all, rows);
  const [count] = kept.shape;
  return {
    test: imageRange(kept, 0, Math.min(testImages, count)),
    train: imageRange(kept, Math.min(testImages, count), count),
  };
}

async function catalogueImages(
  { images, blocks }: Options,
  seed: number,
  data: DataLoader,
): Promise<NDArray> {
  const { inputs } = await data.images(images);
  const order = random.generator(seed).fork(purposes.order).permutation(inputs.shape[0]);
  return fittedImages(gatherRows(inputs, order), 2 ** blocks);
}

/**
 * Images whose sides are divisible: larger ones are averaged down so that no side is above `longest`,
 * then as little as possible is cut off around the middle.
 */
export function fittedImages(images: NDArray, divisor: number, longest = 512): NDArray {
  const [, , height, width] = images.shape;
  const scale = Math.min(1, longest / Math.max(height, width));
  const side = (length: number) => Math.max(divisor, Math.round(length * scale));
  const small = shrinkImages(images, side(height), side(width));
  return cropped(small, divisor);
}

function cropped(images: NDArray, divisor: number): NDArray {
  const [n, channels, fromHeight, fromWidth] = images.shape;
  const fit = (length: number) => Math.floor(length / divisor) * divisor;
  const [height, width] = [fit(fromHeight), fit(fromWidth)];
  if (height === fromHeight && width === fromWidth) return images;
  const [top, left] = [(fromHeight - height) >> 1, (fromWidth - width) >> 1];
  const values = new Float32Array(n * channels * height * width);
  let at = 0;
  for (let plane = 0; plane < n * channels; plane++) {
    for (let y = 0; y < height; y++) {
      const from = (plane * fromHeight + top + y) * fromWidth + left;
      values.set(images.data.subarray(from, from + width), at);
      at += width;
    }
  }
  return array(values, { shape: [n, channels, height, width] });
}
