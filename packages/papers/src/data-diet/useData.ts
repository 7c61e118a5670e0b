/** The user's labelled data, whatever they came in, as the method takes them. */
import {
  type ArrayDataset,
  DataError,
  encode,
  encodeTarget,
  fitEncoder,
  fitTarget,
  type Table,
} from "@etude/data";
import { array, NDArray } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import type { UserInput } from "../contract/use.ts";
import { channelScale, standardise } from "./material.ts";
import type { Examples } from "./training.ts";

export interface LabelledData {
  readonly examples: Examples;
  readonly classes: readonly string[];
  /** What the user gave, to be pruned in its own form. */
  readonly source:
    | { readonly kind: "table"; readonly table: Table; readonly target: string }
    | { readonly kind: "images"; readonly dataset: ArrayDataset }
    | { readonly kind: "arrays"; readonly arrays: Readonly<Record<string, NDArray>> };
  /** Where an example is found in what the user gave, as cells under these names. */
  readonly placeNames: readonly string[];
  placeOf(example: number): (string | number)[];
  /** Images as they are, from 0 to 1: [n, 1 or 3, h, w]. */
  readonly pictures?: NDArray;
  /** What was left out or changed. */
  readonly notes: readonly string[];
}

/**
 * Read a table, images or arrays as examples with labels.
 *
 * @param target column of the labels of a table; the last one where it is not given
 * @param size longest side of images that are scored; larger ones are averaged down
 * @throws UsageError or DataError, one line with the place, for what has no labels or no two classes
 */
export function labelledData(
  input: UserInput,
  { target, size }: { readonly target?: string; readonly size: number },
): LabelledData {
  switch (input.kind) {
    case "table":
      return fromTable(input.table, target);
    case "images":
      return fromImages(input.dataset, size, input.file);
    case "arrays":
      return fromArrays(input.arrays, size, input.file);
    default:
      throw new UsageError(`--data ${input.file}: give a table, a folder of images, or arrays`);
  }
}

function fromTable(table: Table, given: string | undefined): LabelledData {
  const last = table.columns[table.columns.length - 1];
  const target = given ?? last.name;
  const labels = fitTarget(table, target, undefined, { smallestClass: 1 });
  if (labels.task === "regression")
    throw new UsageError(
      `${table.name}, column "${target}": the labels are amounts, not classes; name a column of classes with --target`,
    );
  const encoder = fitEncoder(table, { target });
  return {
    examples: { inputs: encode(encoder, table).inputs, labels: encodeTarget(labels, table) },
    classes: labels.classes,
    source: { kind: "table", table, target },
    placeNames: ["row"],
    placeOf: (row) => [table.lines?.[row] ?? row + 1],
    notes: [
      ...(given === undefined ? [`The labels are those of the last column, "${target}".`] : []),
      ...encoder.warnings.map((warning) => `${warning[0].toUpperCase()}${warning.slice(1)}.`),
    ],
  };
}

function fromImages(dataset: ArrayDataset, size: number, file: string): LabelledData {
  const labels = Int32Array.from(dataset.targets.data, Number);
  const names = dataset.classes ?? [];
  if (names.length < 2) throw new DataError("there is one class only; two are needed", { file });
  // Pictures of a folder come class by class in the order of their names: that says which one it is.
  const seen = new Int32Array(names.length);
  const numbers = labels.map((label) => ++seen[label]);
  const { inputs, notes } = scoredImages(dataset.inputs, size);
  return {
    examples: { inputs, labels: array(labels) },
    classes: names,
    source: { kind: "images", dataset },
    placeNames: ["folder", "number"],
    placeOf: (example) => [names[labels[example]], numbers[example]],
    pictures: dataset.inputs,
    notes,
  };
}

const inputNames = ["inputs", "x", "X", "images", "x_train", "data"];
const labelNames = ["targets", "y", "Y", "labels", "y_train", "label"];

function fromArrays(
  arrays: Readonly<Record<string, NDArray>>,
  size: number,
  file: string,
): LabelledData {
  const pick = (names: readonly string[], what: string): NDArray => {
    const found = names.find((name) => Object.hasOwn(arrays, name));
    if (found !== undefined) return arrays[found];
    throw new UsageError(
      `--data ${file}: no array of ${what} (${names.join(", ")}) among ${Object.keys(arrays).join(", ")}`,
    );
  };
  const raw = pick(inputNames, "inputs");
  const { labels, classes } = classesOf(pick(labelNames, "labels"), file);
  if (raw.rank < 2 || raw.rank > 4 || raw.shape[0] !== labels.length)
    throw new DataError(
      `inputs are [n, d], [n, h, w] or [n, c, h, w] with a row for each of ${labels.length} labels, got [${raw.shape.join(", ")}]`,
      { file },
    );
  const wrong = raw.data.findIndex((value) => !Number.isFinite(Number(value)));
  if (wrong >= 0)
    throw new DataError(
      `inputs of example ${Math.floor(wrong / (raw.size / raw.shape[0]))}, from 0, hold ${raw.data[wrong]}`,
      { file },
    );
  const common = {
    classes,
    source: { kind: "arrays", arrays },
    placeNames: ["example"],
    placeOf: (example: number) => [example],
  } as const;
  if (raw.rank === 2) {
    const [rows, width] = raw.shape;
    // A column is a channel of one pixel.
    const columns = new NDArray(
      Float32Array.from(raw.data, Number),
      [rows, width, 1, 1],
      "float32",
    );
    const inputs = standardise(columns, channelScale(columns)).reshape([rows, width]);
    return { ...common, examples: { inputs, labels: array(labels) }, notes: [] };
  }
  const images = channelsFirst(raw);
  const { inputs, notes } = scoredImages(images, size);
  const shown = [1, 3].includes(images.shape[1]) ? { pictures: toUnitRange(images) } : {};
  return { ...common, ...shown, examples: { inputs, labels: array(labels) }, notes };
}

function classesOf({ data, rank }: NDArray, file: string) {
  const values = Array.from(data, Number);
  const wrong = values.findIndex((value) => !Number.isInteger(value));
  if (rank !== 1 || wrong >= 0)
    throw new DataError(
      `labels are whole numbers [n]${wrong >= 0 ? `; that of example ${wrong}, from 0, is ${values[wrong]}` : ""}`,
      { file },
    );
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  if (sorted.length < 2) throw new DataError("there is one class only; two are needed", { file });
  const places = new Map(sorted.map((value, place) => [value, place]));
  return {
    labels: Int32Array.from(values, (value) => places.get(value) ?? 0),
    classes: sorted.map(String),
  };
}

/** [n, h, w], [n, c, h, w] or [n, h, w, c] as float32 [n, c, h, w]. */
function channelsFirst({ data, shape }: NDArray): NDArray {
  const values = Float32Array.from(data, Number);
  const [rows, first, second, third] = shape;
  if (shape.length === 3) return new NDArray(values, [rows, 1, first, second], "float32");
  const isChannels = (length: number) => length >= 1 && length <= 4;
  if (isChannels(first) || !isChannels(third)) return new NDArray(values, shape, "float32");
  const [height, width, channels] = [first, second, third];
  const moved = new Float32Array(values.length);
  for (let i = 0; i < rows; i++)
    for (let pixel = 0; pixel < height * width; pixel++)
      for (let c = 0; c < channels; c++)
        moved[(i * channels + c) * height * width + pixel] =
          values[(i * height * width + pixel) * channels + c];
  return new NDArray(moved, [rows, channels, height, width], "float32");
}

function toUnitRange(images: NDArray): NDArray {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of images.data) {
    low = Math.min(low, Number(value));
    high = Math.max(high, Number(value));
  }
  const range = high > low ? high - low : 1;
  const values = Float32Array.from(images.data, (value) => (Number(value) - low) / range);
  return new NDArray(values, images.shape, "float32");
}

function scoredImages(images: NDArray, size: number): { inputs: NDArray; notes: string[] } {
  const small = shrunk(images, size);
  const [, , height, width] = small.shape;
  const notes =
    small === images
      ? []
      : [
          `Images of ${images.shape[3]} x ${images.shape[2]} were averaged down to ${width} x ${height} for scoring (--size).`,
        ];
  return { inputs: standardise(small, channelScale(small)), notes };
}

/** Images whose longer side is at most `size`: means of square blocks of pixels. */
export function shrunk(images: NDArray, size: number): NDArray {
  const [rows, channels, height, width] = images.shape;
  const block = Math.ceil(Math.max(height, width) / size);
  if (block <= 1) return images;
  const [down, across] = [Math.ceil(height / block), Math.ceil(width / block)];
  const values = new Float32Array(rows * channels * down * across);
  for (let plane = 0; plane < rows * channels; plane++) {
    for (let y = 0; y < down; y++) {
      for (let x = 0; x < across; x++) {
        let [sum, pixels] = [0, 0];
        for (let v = y * block; v < Math.min(height, (y + 1) * block); v++)
          for (let u = x * block; u < Math.min(width, (x + 1) * block); u++, pixels++)
            sum += images.data[(plane * height + v) * width + u];
        values[(plane * down + y) * across + x] = sum / pixels;
      }
    }
  }
  return new NDArray(values, [rows, channels, down, across], "float32");
}
