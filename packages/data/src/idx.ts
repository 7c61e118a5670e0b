/** The IDX format of the MNIST files: a magic number, the lengths, the values, all big-endian. */
import { array, NDArray } from "@etude/tensor";
import { unzipped } from "./compressed.ts";
import { type ArrayDataset, arrayDataset } from "./dataset.ts";
import { count, refuse } from "./errors.ts";

type Values = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

const types: Readonly<Record<number, { bytes: number; values: (buffer: ArrayBuffer) => Values }>> =
  {
    8: { bytes: 1, values: (buffer) => new Uint8Array(buffer) },
    9: { bytes: 1, values: (buffer) => new Int8Array(buffer) },
    11: { bytes: 2, values: (buffer) => new Int16Array(buffer) },
    12: { bytes: 4, values: (buffer) => new Int32Array(buffer) },
    13: { bytes: 4, values: (buffer) => new Float32Array(buffer) },
    14: { bytes: 8, values: (buffer) => new Float64Array(buffer) },
  };

/** An IDX file as it is: bytes stay bytes. */
export interface IdxValues {
  readonly shape: readonly number[];
  readonly values: Values;
}

/**
 * The values of an IDX file, gzipped or not.
 *
 * @param name what messages call the file
 * @throws DataError when the magic number is wrong, or more or fewer bytes follow than the header states
 */
export async function parseIdxValues(bytes: Uint8Array, name = "idx"): Promise<IdxValues> {
  const content = await unzipped(bytes, name);
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const type = content.length < 4 || view.getUint16(0) !== 0 ? undefined : types[content[2]];
  const rank = content[3];
  if (type === undefined || rank === 0) {
    const start = Array.from(content.subarray(0, 4), (b) => b.toString(16).padStart(2, "0"));
    const known = "00 00, a type (08, 09, 0b to 0e) and a number of axes";
    return refuse(
      `this is no IDX file: it begins with ${start.join(" ") || "nothing"}, not ${known}`,
      {
        file: name,
      },
    );
  }
  const header = 4 + 4 * rank;
  const cut = (expected: number): never =>
    refuse(
      `${content.length < expected ? "the file is cut short" : "more follows the values"}: ${count(expected)} bytes expected, ${count(content.length)} found`,
      { file: name },
    );
  if (content.length < header) cut(header);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const expected = shape.reduce((product, length) => product * length, type.bytes) + header;
  if (content.length !== expected) cut(expected);
  // A copy: the values may begin at any byte, and Node's Buffer.slice does not copy.
  const { buffer } = new Uint8Array(content.subarray(header));
  if (type.bytes > 1) {
    const swapped = new Uint8Array(buffer);
    for (let at = 0; at < swapped.length; at += type.bytes)
      swapped.subarray(at, at + type.bytes).reverse();
  }
  return { shape, values: type.values(buffer) };
}

/** The array of an IDX file, gzipped or not: whole numbers as int32, others as they are stored. */
export async function parseIdx(bytes: Uint8Array, name = "idx"): Promise<NDArray> {
  const { shape, values } = await parseIdxValues(bytes, name);
  const real = values instanceof Float32Array || values instanceof Float64Array;
  return array(real ? values : Int32Array.from(values), { shape });
}

/** A data set in IDX files. */
export interface IdxFiles {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
  readonly name: string;
  readonly classes?: readonly string[];
}

/**
 * A file of images and one of labels, such as those of MNIST, as a data set: inputs float32
 * [n, 1, height, width] from 0 to 1, targets int32 [n].
 */
export async function idxDataset({
  images,
  labels,
  name,
  classes,
}: IdxFiles): Promise<ArrayDataset> {
  const pixels = await parseIdxValues(images, `${name} images`);
  const { shape, values } = pixels;
  if (shape.length !== 3 || !(values instanceof Uint8Array))
    return refuse(`images are bytes [n, height, width]; this file holds [${shape.join(", ")}]`, {
      file: `${name} images`,
    });
  const targets = await parseIdx(labels, `${name} labels`);
  const inputs = new NDArray(scaledToOne(values), [shape[0], 1, shape[1], shape[2]], "float32");
  return arrayDataset({ name, inputs, targets, ...(classes && { classes }) });
}

/** Bytes as float32 numbers from 0 to 1. */
export function scaledToOne(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const result = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) result[i] = bytes[i] / 255;
  return result;
}
