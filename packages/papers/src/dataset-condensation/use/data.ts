/** The user's labelled images, from a folder or from arrays. */
import { DataError, gatherRows, trainTestSplit } from "@etude/data";
import { NDArray } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import type { UserInput } from "../../contract/use.ts";
import {
  type ChannelScale,
  channelScale,
  type Labelled,
  pooled,
  standardise,
} from "../labelled.ts";

export interface UserImages {
  /** Standardised by the training part. */
  readonly train: Labelled;
  /** Held out: what sets are judged by. */
  readonly test: Labelled;
  readonly classes: readonly string[];
  /** What a file calls the classes: numbers of the arrays, or places in `classes`. */
  readonly labels: readonly number[];
  readonly scale: ChannelScale;
  /** The least and the greatest value: black and white. */
  readonly range: readonly [low: number, high: number];
  readonly notes: readonly string[];
}

interface Raw {
  /** [n, channels, height, width] */
  readonly images: NDArray;
  readonly y: Int32Array;
  readonly classes: readonly string[];
  readonly labels: readonly number[];
}

/**
 * Read, average down, hold a part out, and standardise.
 *
 * @param size longest side; larger images are averaged down
 * @throws UsageError or DataError, one line with the place, for what are no labelled images
 */
export function userImages(
  input: UserInput,
  { size, testFraction }: { readonly size: number; readonly testFraction: number },
  seed: number,
): UserImages {
  const { images, y, classes, labels } = rawImages(input);
  const [, channels, height, width] = images.shape;
  if (![1, 3, 4].includes(channels))
    throw new DataError(`images have 1, 3 or 4 channels; these have ${channels}`, {
      file: input.file,
    });
  const small = pooled(images, Math.ceil(Math.max(height, width) / size));
  const notes: string[] = [];
  if (small !== images)
    notes.push(
      `Images of ${width} x ${height} were averaged down to ${small.shape[3]} x ${small.shape[2]} (--size).`,
    );
  const split = trainTestSplit(y, { testFraction, seed });
  const part = (rows: Int32Array): Labelled => ({
    x: gatherRows(small, rows),
    y: rows.map((row) => y[row]),
    numClasses: classes.length,
  });
  const [train, test] = [part(split.train), part(split.test)];
  const scale = channelScale(train.x);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of train.x.data) {
    low = Math.min(low, Number(value));
    high = Math.max(high, Number(value));
  }
  if (!(high > low))
    throw new DataError("all pixels of all images are the same", { file: input.file });
  return {
    train: { ...train, x: standardise(train.x, scale) },
    test: { ...test, x: standardise(test.x, scale) },
    classes,
    labels,
    scale,
    range: [low, high],
    notes,
  };
}

function rawImages(input: UserInput): Raw {
  switch (input.kind) {
    case "images": {
      const { inputs, targets, classes = [] } = input.dataset;
      needTwo(classes.length, input.file);
      const y = Int32Array.from(targets.data, Number);
      return { images: inputs, y, classes, labels: classes.map((_, place) => place) };
    }
    case "arrays":
      return fromArrays(input.arrays, input.file);
    default:
      throw new UsageError(`--data ${input.file}: give a folder of images or arrays`);
  }
}

const imageNames = ["images", "x", "X", "inputs", "x_train", "data"];
const labelNames = ["labels", "y", "Y", "targets", "y_train", "label"];

function fromArrays(arrays: Readonly<Record<string, NDArray>>, file: string): Raw {
  const pick = (names: readonly string[], what: string): NDArray => {
    const found = names.find((name) => Object.hasOwn(arrays, name));
    if (found !== undefined) return arrays[found];
    throw new UsageError(
      `--data ${file}: no array of ${what} (${names.join(", ")}) among ${Object.keys(arrays).join(", ")}`,
    );
  };
  const [given, targets] = [pick(imageNames, "images"), pick(labelNames, "labels")];
  const values = Array.from(targets.data, Number);
  const wrong = values.findIndex((value) => !Number.isInteger(value));
  if (targets.rank !== 1 || wrong >= 0)
    throw new DataError(
      `labels are whole numbers [n]${wrong >= 0 ? `; that of image ${wrong}, from 0, is ${values[wrong]}` : `; these are [${targets.shape.join(", ")}]`}`,
      { file },
    );
  if (given.rank < 3 || given.rank > 4 || given.shape[0] !== values.length)
    throw new DataError(
      `images are [n, height, width] or [n, channels, height, width] with one for each of ${values.length} labels; these are [${given.shape.join(", ")}]`,
      { file },
    );
  const hole = given.data.findIndex((value) => !Number.isFinite(Number(value)));
  if (hole >= 0)
    throw new DataError(
      `image ${Math.floor(hole / (given.size / values.length))}, from 0, holds ${given.data[hole]}`,
      { file },
    );
  const labels = [...new Set(values)].sort((a, b) => a - b);
  needTwo(labels.length, file);
  const places = new Map(labels.map((label, place) => [label, place]));
  return {
    images: channelsFirst(given),
    y: Int32Array.from(values, (value) => places.get(value) ?? 0),
    classes: labels.map(String),
    labels,
  };
}

function needTwo(classes: number, file: string): void {
  if (classes < 2) throw new DataError("there is one class only; two are needed", { file });
}

/** [n, h, w], [n, c, h, w] or [n, h, w, c] as float32 [n, c, h, w]. */
function channelsFirst({ data, shape }: NDArray): NDArray {
  const values = Float32Array.from(data, Number);
  const [n, first, second, third] = shape;
  if (shape.length === 3) return new NDArray(values, [n, 1, first, second], "float32");
  const few = (length: number) => length <= 4;
  if (few(first) || !few(third)) return new NDArray(values, shape, "float32");
  const pixels = first * second;
  const moved = new Float32Array(values.length);
  for (let i = 0; i < n; i++)
    for (let pixel = 0; pixel < pixels; pixel++)
      for (let c = 0; c < third; c++)
        moved[(i * third + c) * pixels + pixel] = values[(i * pixels + pixel) * third + c];
  return new NDArray(moved, [n, third, first, second], "float32");
}
