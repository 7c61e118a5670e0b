/** Classes of images that lie on manifolds of known dimension, and images without geometry. */
import { array, iota, jit, NDArray, random, type Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { inChunks } from "./geometricImages.ts";

const chunk = 256;
/** Points a pixel and axis at which the border of a disk is looked at. */
const supersampling = 4;
/** Smaller images have disks of other radii: those of the official code would not vary. */
const smallSide = 24;

const place = (part: Int32Array) => array(part, { shape: [], dtype: "int32" });

/**
 * Disks [n, 1, S, S]: centre (2), radius, foreground and background are random, a manifold of
 * dimension 5. Radius uniform on [3, (S-3)/2], below 24 pixels on [2, S/2-1]; the centre so that the
 * disk is inside, both intensities uniform on [0, 1]; borders by 4x4 points a pixel.
 */
export async function diskImages(
  key: NDArray,
  n: number,
  { size }: { readonly size: number },
): Promise<NDArray> {
  if (!Number.isInteger(size) || size < 7)
    throw new UsageError(`size: ${size} is too small for disks; give a whole number from 7`);
  const [least, most] = size < smallSide ? [2, size / 2 - 1] : [3, (size - 3) / 2];
  const side = size * supersampling;
  const draw = jit((of: Tensor, part: Tensor) => {
    const u = random.uniform(random.foldIn(of, part), [5, chunk, 1, 1]);
    const radius = u
      .slice(0)
      .mul(most - least)
      .add(least);
    const centre = (i: number) => radius.add(u.slice(i).mul(radius.mul(-2).add(size)));
    const [x, y] = [centre(1), centre(2)];
    const points = iota(side, "int32").astype("float32").add(0.5).div(supersampling);
    const [dx, dy] = [points.reshape([1, 1, side]).sub(x), points.reshape([1, side, 1]).sub(y)];
    const inside = dx.mul(dx).add(dy.mul(dy)).lessEqual(radius.mul(radius)).astype("float32");
    const cover = inside.reshape([chunk, size, supersampling, size, supersampling]).mean([2, 4]);
    const [front, back] = [u.slice(3), u.slice(4)];
    return cover.mul(front.sub(back)).add(back);
  });
  return inChunks(n, chunk, [1, size, size], (part) => draw(key, place(part)));
}

/** One image times uniform factors from (0, 1]: a cone of dimension 1. `image` is [C, H, W]. */
export async function scaledImages(key: NDArray, n: number, image: NDArray): Promise<NDArray> {
  const draw = jit((of: Tensor, part: Tensor, x: Tensor) => {
    const factors = random.uniform(random.foldIn(of, part), [chunk, 1, 1, 1]);
    return factors.neg().add(1).mul(x);
  });
  return inChunks(n, chunk, image.shape, (part) => draw(key, place(part), image));
}

/**
 * Waves a (1 + cos(2 pi (f_x x + f_y y) / S + phase)) / 2 of one frequency [n, 1, S, S], amplitude
 * and phase random: a cone of dimension 2.
 */
export async function sinusoidImages(
  key: NDArray,
  n: number,
  { size, frequency }: { readonly size: number; readonly frequency: readonly [number, number] },
): Promise<NDArray> {
  if (!Number.isInteger(size) || size < 2)
    throw new UsageError(`size: ${size} is no side of an image; give a whole number from 2`);
  const draw = jit((of: Tensor, part: Tensor) => {
    const u = random.uniform(random.foldIn(of, part), [2, chunk, 1, 1]);
    const ramp = (shape: number[], f: number) =>
      iota(size, "int32")
        .astype("float32")
        .reshape(shape)
        .mul((2 * Math.PI * f) / size);
    const angle = ramp([1, 1, size], frequency[0])
      .add(ramp([1, size, 1], frequency[1]))
      .add(u.slice(1).mul(2 * Math.PI));
    return angle.cos().add(1).mul(0.5).mul(u.slice(0));
  });
  return inChunks(n, chunk, [1, size, size], (part) => draw(key, place(part)));
}

/**
 * One permutation of the pixels, applied to every image (all channels alike): what is known about the
 * pixels' values stays, what is known about their neighbours goes.
 *
 * @param permutation of 0 ... H W - 1, such as `random.generator(seed).permutation(H * W)`
 */
export function shufflePixels(images: NDArray, permutation: ArrayLike<number>): NDArray {
  const [, channels, height, width] = images.shape;
  const plane = height * width;
  const isPermutation =
    permutation.length === plane && new Set(Array.from(permutation)).size === plane;
  if (!isPermutation)
    throw new UsageError(
      `a permutation of ${plane} pixels is needed, got ${permutation.length} numbers`,
    );
  const values = new Float32Array(images.size);
  for (let at = 0; at < images.shape[0] * channels; at++)
    for (let i = 0; i < plane; i++)
      values[at * plane + i] = images.data[at * plane + permutation[i]];
  return new NDArray(values, images.shape, "float32");
}
