/** Labelled images as the method takes them: checked, by class, and what is needed to see them again. */
import { gatherRows } from "@etude/data";
import { NDArray, random } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

export interface Labelled {
  /** float32 [n, ...], standardised */
  readonly x: NDArray;
  /** The class of each, 0 ... numClasses - 1. */
  readonly y: Int32Array;
  readonly numClasses: number;
}

/**
 * The rows of each class.
 *
 * @throws UsageError for labels out of range or of another number, and for a class without images
 */
export function rowsByClass({ x, y, numClasses }: Labelled): Int32Array[] {
  if (x.rank < 2 || x.shape[0] !== y.length)
    throw new UsageError(
      `images are [n, ...] with as many labels; these are [${x.shape.join(", ")}] with ${y.length} labels`,
    );
  const rows: number[][] = Array.from({ length: numClasses }, () => []);
  y.forEach((label, i) => {
    if (rows[label] === undefined)
      throw new UsageError(
        `example ${i}, from 0, has class ${label}; classes are 0 to ${numClasses - 1}`,
      );
    rows[label].push(i);
  });
  const empty = rows.findIndex((members) => members.length === 0);
  if (empty >= 0) throw new UsageError(`class ${empty} has no images`);
  return rows.map((members) => Int32Array.from(members));
}

/** The purposes random numbers are drawn for; each has a stream of its own, the same for all methods. */
export const streams = {
  initial: 0,
  realBatches: 1,
  networks: 2,
  augmentation: 3,
  training: 4,
  evaluation: 5,
} as const;

/** The key of a purpose, for use in compiled functions. */
export function keyOf(seed: number, stream: keyof typeof streams, ...places: number[]): NDArray {
  const generator = places.reduce(
    (parent, place) => parent.fork(place),
    random.generator(seed).fork(streams[stream]),
  );
  return new NDArray(Uint32Array.from(generator.state().key), [2], "uint32");
}

/**
 * `ipc` images of every class, drawn at random: the start of a condensation, and by itself the baseline
 * "random selection".
 *
 * @returns rows of the data, class after class
 * @throws UsageError when a class has fewer images
 */
export function drawImages(byClass: readonly Int32Array[], ipc: number, seed: number): Int32Array {
  const small = byClass.findIndex((rows) => rows.length < ipc);
  if (small >= 0)
    throw new UsageError(
      `class ${small} has ${byClass[small].length} images; ${ipc} per class are asked for`,
    );
  const generator = random.generator(seed).fork(streams.initial);
  return Int32Array.from(
    byClass.flatMap((rows) => Array.from(generator.sample(rows.length, ipc), (i) => rows[i])),
  );
}

/** The examples at these rows, in this order. */
export const keepRows = ({ x, y, numClasses }: Labelled, rows: Int32Array): Labelled => ({
  x: gatherRows(x, rows),
  y: rows.map((row) => y[row]),
  numClasses,
});

/** The examples of some classes, numbered anew in the order given. */
export function ofClasses({ x, y }: Labelled, classes: readonly number[]): Labelled {
  const places = new Map(classes.map((label, place) => [label, place]));
  const rows = Int32Array.from(y.keys()).filter((i) => places.has(y[i]));
  return {
    x: gatherRows(x, rows),
    y: rows.map((i) => places.get(y[i]) ?? 0),
    numClasses: classes.length,
  };
}

/** The first examples, or all if there are fewer. */
export function firstOf({ x, y, numClasses }: Labelled, count: number): Labelled {
  const kept = Math.min(count, y.length);
  const rows = Int32Array.from({ length: kept }, (_, i) => i);
  return { x: gatherRows(x, rows), y: y.slice(0, kept), numClasses };
}

/** Mean and standard deviation of every channel. */
export interface ChannelScale {
  readonly means: readonly number[];
  readonly deviations: readonly number[];
}

/** Of images [n, channels, height, width]; a channel that does not vary has the deviation 1. */
export function channelScale({ data, shape: [n, channels, height, width] }: NDArray): ChannelScale {
  const pixels = height * width;
  const [sums, squares] = [new Float64Array(channels), new Float64Array(channels)];
  for (let plane = 0; plane < n * channels; plane++) {
    let [sum, square] = [0, 0];
    for (let i = plane * pixels; i < (plane + 1) * pixels; i++) {
      const value = Number(data[i]);
      sum += value;
      square += value * value;
    }
    sums[plane % channels] += sum;
    squares[plane % channels] += square;
  }
  const means = Array.from(sums, (sum) => sum / (n * pixels));
  const deviations = means.map((mean, c) =>
    Math.sqrt(Math.max(0, squares[c] / (n * pixels) - mean ** 2)),
  );
  return { means, deviations: deviations.map((deviation) => (deviation > 1e-6 ? deviation : 1)) };
}

/** (x - mean) / deviation by channel, as float32. */
export const standardise = (images: NDArray, scale: ChannelScale): NDArray =>
  byChannel(images, (value, c) => (value - scale.means[c]) / scale.deviations[c]);

/** Back to intensities, cut to [0, 1]: only to be looked at, the images of the method are not cut. */
export const visible = (images: NDArray, scale: ChannelScale): NDArray =>
  byChannel(images, (value, c) =>
    Math.min(Math.max(value * scale.deviations[c] + scale.means[c], 0), 1),
  );

function byChannel(
  { data, shape }: NDArray,
  f: (value: number, channel: number) => number,
): NDArray {
  const [, channels, height, width] = shape;
  const pixels = height * width;
  const values = new Float32Array(data.length);
  for (let plane = 0; plane * pixels < data.length; plane++)
    for (let i = plane * pixels; i < (plane + 1) * pixels; i++)
      values[i] = f(Number(data[i]), plane % channels);
  return new NDArray(values, shape, "float32");
}

/** Means of square blocks of pixels; the rest at the right and lower edge makes smaller blocks. */
export function pooled(images: NDArray, block: number): NDArray {
  if (block <= 1) return images;
  const [n, channels, height, width] = images.shape;
  const [down, across] = [Math.ceil(height / block), Math.ceil(width / block)];
  const values = new Float32Array(n * channels * down * across);
  for (let plane = 0; plane < n * channels; plane++)
    for (let y = 0; y < down; y++)
      for (let x = 0; x < across; x++) {
        let [sum, pixels] = [0, 0];
        for (let v = y * block; v < Math.min(height, (y + 1) * block); v++)
          for (let u = x * block; u < Math.min(width, (x + 1) * block); u++, pixels++)
            sum += Number(images.data[(plane * height + v) * width + u]);
        values[(plane * down + y) * across + x] = sum / pixels;
      }
  return new NDArray(values, [n, channels, down, across], "float32");
}
