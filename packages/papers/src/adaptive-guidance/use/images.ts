/** The user's labelled images, as pictures of classes in turn. */
import { type ArrayDataset, arrayDataset, DataError } from "@etude/data";
import { array, NDArray } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import type { UserInput } from "../../contract/use.ts";
import { type Pictures, preparePictures } from "../pictures.ts";

const imageNames = ["images", "x", "X", "inputs", "x_train", "data"];
const labelNames = ["labels", "y", "Y", "targets", "y_train", "label"];
const fewestOfClass = 2;

/**
 * Pictures between -1 and 1 of at most `size` pixels a side, from a folder or from arrays.
 *
 * @throws UsageError or DataError in one line for what is no images with classes
 */
export async function labelledPictures(
  input: UserInput,
  size: number,
): Promise<{ pictures: Pictures; names: readonly string[] }> {
  const dataset = input.kind === "images" ? input.dataset : fromArrays(input);
  const { inputs, targets, classes = [] } = dataset;
  const place = { file: input.file };
  if (classes.length < 2) throw new DataError("there is one class only; two are needed", place);
  const counts = new Int32Array(classes.length);
  for (const label of targets.data) counts[label]++;
  const few = counts.findIndex((count) => count < fewestOfClass);
  if (few >= 0)
    throw new DataError(
      `class "${classes[few]}" has ${counts[few]} images; every class needs ${fewestOfClass} at least`,
      place,
    );
  const block = Math.ceil(Math.max(inputs.shape[2], inputs.shape[3]) / size);
  return { pictures: await preparePictures(dataset, { block }), names: classes };
}

function fromArrays(input: UserInput): ArrayDataset {
  if (input.kind !== "arrays")
    throw new UsageError(`--data ${input.file}: give a folder of images, or arrays`);
  const { arrays, file } = input;
  const pick = (names: readonly string[], what: string): NDArray => {
    const found = names.find((name) => Object.hasOwn(arrays, name));
    if (found !== undefined) return arrays[found];
    throw new UsageError(
      `--data ${file}: no array of ${what} (${names.join(", ")}) among ${Object.keys(arrays).join(", ")}`,
    );
  };
  const raw = pick(imageNames, "images");
  const labels = pick(labelNames, "labels");
  if (raw.rank !== 3 && raw.rank !== 4)
    throw new DataError(`images are [n, h, w] or [n, c, h, w], got [${raw.shape.join(", ")}]`, {
      file,
    });
  const shape = raw.rank === 3 ? [raw.shape[0], 1, ...raw.shape.slice(1)] : raw.shape;
  if (![1, 3].includes(shape[1]))
    throw new DataError(
      `images [n, c, h, w] have 1 or 3 channels, these ${shape[1]}; move the channels to the front`,
      { file },
    );
  if (labels.rank !== 1 || labels.size !== shape[0])
    throw new DataError(`${shape[0]} images, but labels of shape [${labels.shape.join(", ")}]`, {
      file,
    });
  const { places, classes } = classNumbers(labels, file);
  return arrayDataset({
    name: file,
    inputs: inUnitRange(raw, shape, file),
    targets: array(places),
    classes,
  });
}

function classNumbers({ data }: NDArray, file: string) {
  const values = Array.from(data, Number);
  const odd = values.findIndex((value) => !Number.isInteger(value));
  if (odd >= 0)
    throw new DataError(
      `labels are whole numbers; that of image ${odd}, from 0, is ${values[odd]}`,
      {
        file,
      },
    );
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  const numbers = new Map(sorted.map((value, place) => [value, place]));
  return {
    places: Int32Array.from(values, (value) => numbers.get(value) ?? 0),
    classes: sorted.map(String),
  };
}

/** Values from 0 to 1 stay; others are brought there by their least and largest. */
function inUnitRange(raw: NDArray, shape: readonly number[], file: string): NDArray {
  let [low, high] = [0, 1];
  for (let i = 0; i < raw.size; i++) {
    const value = Number(raw.data[i]);
    if (!Number.isFinite(value))
      throw new DataError(
        `image ${Math.floor(i / (raw.size / shape[0]))}, from 0, holds ${value}`,
        {
          file,
        },
      );
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const values = Float32Array.from(raw.data, (value) => (Number(value) - low) / (high - low));
  return new NDArray(values, [...shape], "float32");
}
