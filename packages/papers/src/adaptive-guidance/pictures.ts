/** The pictures of the experiment: small, between -1 and 1, and their principal components. */
import { type ArrayDataset, DataError } from "@etude/data";
import { jit, NDArray, type Tensor } from "@etude/tensor";
import {
  decodePictures,
  encodePictures,
  type PrincipalComponents,
  principalComponents,
} from "../diffusion/index.ts";
import { together } from "./batches.ts";

/** Pictures float32 [N, C, H, W] from -1 to 1, with their classes. */
export interface Pictures {
  readonly images: NDArray;
  readonly labels: Int32Array;
  readonly classes: number;
}

/**
 * Images averaged over blocks of `block` x `block` pixels, framed with black so that sides are multiples of
 * 4, and brought from [0, 1] to [-1, 1].
 */
export async function preparePictures(
  { inputs, targets, classes, name }: ArrayDataset,
  { block = 1, count }: { block?: number; count?: number } = {},
): Promise<Pictures> {
  if (inputs.rank !== 4)
    throw new DataError(
      `images are [n, channels, height, width], got [${inputs.shape.join(", ")}]`,
      {
        file: name,
      },
    );
  const kept = Math.min(count ?? inputs.shape[0], inputs.shape[0]);
  const shape = inputs.shape.slice(1);
  const width = shape.reduce((product, length) => product * length, 1);
  const prepare = jit((x: Tensor) => framed(block === 1 ? x : averaged(x, block)));
  const parts: NDArray[] = [];
  for (let from = 0; from < kept; from += atOnce) {
    const to = Math.min(kept, from + atOnce);
    const rows = new NDArray(
      inputs.data.subarray(from * width, to * width),
      [to - from, ...shape],
      "float32",
    );
    parts.push(await prepare(rows));
  }
  const images = together(parts);
  const labels = Int32Array.from(targets.data.subarray(0, kept), Number);
  return {
    images,
    labels,
    classes: classes?.length ?? labels.reduce((most, label) => Math.max(most, label + 1), 0),
  };
}

const atOnce = 5000;

/** Means of blocks; what is missing at the lower and right edge is what stands there. */
function averaged(x: Tensor, block: number): Tensor {
  const missing = (length: number) => (block - (length % block)) % block;
  const [, , height, width] = x.shape;
  return x
    .pad(
      [
        [0, 0],
        [0, 0],
        [0, missing(height)],
        [0, missing(width)],
      ],
      { mode: "edge" },
    )
    .avgPool(block);
}

function framed(x: Tensor): Tensor {
  const around = (length: number): [number, number] => {
    const missing = (4 - (length % 4)) % 4;
    return [Math.floor(missing / 2), Math.ceil(missing / 2)];
  };
  return x
    .pad([[0, 0], [0, 0], around(x.shape[2]), around(x.shape[3])])
    .mul(2)
    .sub(1);
}

/** Latents of pictures and the way back to pictures from 0 to 1. */
export interface Latents {
  readonly components: PrincipalComponents;
  /** float64 [N, d] */
  readonly values: NDArray;
}

/** @param fitted pictures that the components are of */
export async function latentsOf(
  { images }: Pictures,
  dimensions: number,
  fitted: number,
): Promise<Latents> {
  const components = await principalComponents(images, dimensions, fitted);
  const encode = jit((x: Tensor) => encodePictures(components, x.astype("float64")));
  const [count, ...shape] = images.shape;
  const width = shape.reduce((product, length) => product * length, 1);
  const parts: NDArray[] = [];
  for (let from = 0; from < count; from += atOnce) {
    const to = Math.min(count, from + atOnce);
    const rows = images.data.subarray(from * width, to * width);
    parts.push(await encode(new NDArray(rows, [to - from, ...shape], "float32")));
  }
  return { components, values: together(parts) };
}

/** Pictures [B, C, H, W] of samples, black at 0 and white at 1, not clipped; an expression. */
export type Show = (samples: Tensor) => Tensor;

export const showLatents =
  (components: PrincipalComponents): Show =>
  (samples) =>
    decodePictures(components, samples).add(1).div(2);

export const showPixels: Show = (samples) => samples.add(1).div(2);
