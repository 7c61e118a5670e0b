/** The user's images, as the method takes them: in [0, 1], of sides that fit, no two alike. */
import { DataError, gatherRows } from "@etude/data";
import { NDArray, random } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import type { UserInput } from "../contract/use.ts";
import { checkIntensities, imageRange, removeNearDuplicates } from "../denoising/index.ts";
import { disjointSubsets } from "./generalization.ts";
import { fittedImages } from "./material.ts";

export interface PreparedImages {
  readonly setA: NDArray;
  readonly setB: NDArray;
  readonly test: NDArray;
  /** What was left out or changed. */
  readonly notes: readonly string[];
}

export interface PrepareOptions {
  readonly size: number;
  readonly colours: "keep" | "gray";
  readonly blocks: number;
  readonly heldOut: number;
  readonly duplicates: number;
}

const imageNames = ["images", "x", "X", "inputs", "data", "x_train", "arr_0"];
/** With fewer images there are no two halves and a rest to speak of. */
const fewest = 12;
const mostHeldOut = 256;

/**
 * Two disjoint halves and held-out images, in random order by the seed.
 *
 * @throws DataError or UsageError, one line, for what cannot be used
 */
export async function prepareImages(
  input: UserInput,
  { size, colours, blocks, heldOut, duplicates }: PrepareOptions,
  seed: number,
): Promise<PreparedImages> {
  const { file } = input;
  const raw = rawImages(input);
  if (raw.size === 0) throw new DataError("there are no images", { file });
  refuseAsData(file, () => checkIntensities(raw));
  const [, , height, width] = raw.shape;
  const divisor = 2 ** blocks;
  if (Math.min(height, width) < divisor || size < divisor)
    throw new UsageError(
      `--blocks ${blocks}: sides must be ${divisor} at least; these images are ${height} x ${width}, --size ${size}`,
    );
  const fitted = fittedImages(colours === "gray" ? grayImages(raw) : raw, divisor, size);
  const constant = constantImage(fitted);
  if (constant >= 0)
    throw new DataError(
      `image ${constant} (from 0) is constant and has no correlation with any other; leave it out`,
      { file },
    );
  const order = random.generator(seed).permutation(fitted.shape[0]);
  const shuffled = gatherRows(fitted, order);
  const { kept } = await removeNearDuplicates(shuffled, duplicates);
  const images = gatherRows(shuffled, kept);
  const [count] = images.shape;
  const dropped = fitted.shape[0] - count;
  if (count < fewest)
    throw new DataError(
      `${count} different images; two halves and a held-out part need ${fewest} at least`,
      { file },
    );
  const held = Math.min(mostHeldOut, Math.max(4, Math.round(heldOut * count)));
  const train = imageRange(images, held, count);
  const half = Math.floor((count - held) / 2);
  if (half < 2)
    throw new UsageError(`--held-out ${heldOut}: ${count} images leave no two halves to train on`);
  const [setA, setB] = disjointSubsets(train, half);
  const [, channels, h, w] = images.shape;
  return {
    setA,
    setB,
    test: imageRange(images, 0, held),
    notes: [
      `${fitted.shape[0]} images, used at ${h} x ${w} with ${channels} channel${channels === 1 ? "" : "s"}: ${half} for each model, ${held} held out.`,
      ...(dropped > 0
        ? [
            `${dropped} near-duplicates were left out (correlation above ${duplicates}); they would have made copies look like agreement.`,
          ]
        : []),
    ],
  };
}

/** The same error as one about the user's file. */
function refuseAsData(file: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof UsageError) throw new DataError(error.message, { file });
    throw error;
  }
}

function rawImages(input: UserInput): NDArray {
  if (input.kind === "images") return input.dataset.inputs;
  if (input.kind !== "arrays")
    throw new UsageError(`--data ${input.file}: give a folder of images, or arrays`);
  const { arrays, file } = input;
  const names = Object.keys(arrays);
  const name = imageNames.find((one) => Object.hasOwn(arrays, one)) ?? names[0];
  if (name === undefined) throw new DataError("there are no arrays", { file });
  return channelsFirst(arrays[name], name, file);
}

/** [n, h, w], [n, c, h, w] or [n, h, w, c] as float32 [n, c, h, w]; 1, 3 or 4 values are channels. */
function channelsFirst(images: NDArray, name: string, file: string): NDArray {
  const { shape } = images;
  const values = Float32Array.from(images.data, Number);
  const isChannels = (length: number) => length === 1 || length === 3 || length === 4;
  if (shape.length === 3) return new NDArray(values, [shape[0], 1, shape[1], shape[2]], "float32");
  if (shape.length === 4 && isChannels(shape[1])) return new NDArray(values, shape, "float32");
  if (shape.length === 4 && isChannels(shape[3])) {
    const [n, h, w, c] = shape;
    const moved = new Float32Array(values.length);
    for (let i = 0; i < n; i++)
      for (let pixel = 0; pixel < h * w; pixel++)
        for (let k = 0; k < c; k++)
          moved[(i * c + k) * h * w + pixel] = values[(i * h * w + pixel) * c + k];
    return new NDArray(moved, [n, c, h, w], "float32");
  }
  throw new DataError(
    `"${name}" is [${shape.join(", ")}]; images are [n, h, w], [n, c, h, w] or [n, h, w, c] with 1, 3 or 4 channels`,
    { file },
  );
}

/** Red, green and blue as their luma (ITU-R BT.601). */
function grayImages(images: NDArray): NDArray {
  const [n, channels, height, width] = images.shape;
  if (channels < 3) return images;
  const plane = height * width;
  const values = new Float32Array(n * plane);
  for (let i = 0; i < n; i++) {
    const start = i * channels * plane;
    for (let p = 0; p < plane; p++)
      values[i * plane + p] =
        0.299 * images.data[start + p] +
        0.587 * images.data[start + plane + p] +
        0.114 * images.data[start + 2 * plane + p];
  }
  return new NDArray(values, [n, 1, height, width], "float32");
}

/** The first image whose pixels are all equal; -1 if there is none. */
function constantImage(images: NDArray): number {
  const [n] = images.shape;
  for (let i = 0; i < n; i++) {
    const { data } = imageRange(images, i, i + 1);
    if (data.every((value) => Math.abs(value - data[0]) < 1e-6)) return i;
  }
  return -1;
}
