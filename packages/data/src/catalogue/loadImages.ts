import { NDArray } from "@etude/tensor";
import { parseCifar10 } from "../cifar.ts";
import { type ArrayDataset, arrayDataset } from "../dataset.ts";
import { count, quote, refuse } from "../errors.ts";
import { parseIdxValues, scaledToOne } from "../idx.ts";
import { column, type Table } from "../table.ts";
import {
  choosePart,
  expectKind,
  filesOf,
  joined,
  type LoadedFile,
  type PartOptions,
  readFiles,
} from "./load.ts";
import { loadTable } from "./loadTable.ts";
import type { DataSet } from "./record.ts";
import { dataSet } from "./sets.ts";

/**
 * Images of the catalogue: inputs float32 `[n, channels, height, width]` from 0 (black) to 1, targets
 * int32 `[n]`.
 *
 * Where nobody labelled the images (sets for denoising), the target is the number of the picture an
 * image was cut from, so that a split can keep the patches of one picture together. The tables
 * `digits` and `optdigits` are images too.
 *
 * Without `part` it is the training part of sets in parts (`mnist`, `fashion-mnist`, `cifar10`), else
 * everything. The images of `olivetti`, `lfw-subset` and `cc0-patches` are sorted: shuffle them.
 *
 * @throws DataError when there are no such images or part, or their files cannot be had
 * @example const test = await loadImages("mnist", { part: "test" }); // inputs [10000, 1, 28, 28]
 */
export async function loadImages(id: string, options: PartOptions = {}): Promise<ArrayDataset> {
  const set = dataSet(id);
  if (set.image !== undefined) {
    const part = choosePart(set, options.part);
    return imagesInTable(set, await loadTable(id, { ...options, part }));
  }
  expectKind(set, "loadImages", "images");
  const part = choosePart(set, options.part);
  const loaded = await readFiles(filesOf(set, part), options);
  const name = set.files.some((file) => file.part) ? `${id} ${part}` : id;
  if (set.format === "cifar")
    return parseCifar10(joined(loaded.map(({ content }) => content)), name);

  const { pixels, labels } = set.format === "idx" ? await readIdx(loaded) : readRaw(set, loaded);
  const shape = set.shape ?? [];
  const size = shape.reduce((product, length) => product * length, 1);
  if (pixels.length !== labels.length * size)
    refuse(`${count(pixels.length)} pixels for ${count(labels.length)} images`, { file: name });
  const classes = set.classes ?? set.groups?.map((group) => group.name);
  return arrayDataset({
    name,
    inputs: new NDArray(scaledToOne(pixels), [labels.length, ...shape], "float32"),
    targets: new NDArray(Int32Array.from(labels), [labels.length], "int32"),
    ...(classes && { classes }),
  });
}

interface Labelled {
  readonly pixels: Uint8Array;
  readonly labels: ArrayLike<number>;
}

async function readIdx(loaded: readonly LoadedFile[]): Promise<Labelled> {
  const [pixels, labels]: Uint8Array<ArrayBuffer>[][] = [[], []];
  for (const { file, content } of loaded) {
    const { values } = await parseIdxValues(content, file.path);
    if (!(values instanceof Uint8Array))
      return refuse("not an image of bytes", { file: file.path });
    (file.role === "labels" ? labels : pixels).push(new Uint8Array(values));
  }
  return { pixels: joined(pixels), labels: joined(labels) };
}

/** Raw pixels have no labels: they come from the order of the images. */
const readRaw = (set: DataSet, [{ content }]: readonly LoadedFile[]): Labelled => ({
  pixels: content,
  labels: labelsInOrder(set),
});

/** For each example, the class or the picture it belongs to, of sets that lie in this order. */
export function labelsInOrder(set: DataSet): Int32Array {
  const runs = (set.sorted ? set.counts : set.groups?.map(({ rows }) => rows)) ?? [];
  if (runs.length === 0) return Int32Array.from({ length: set.rows }, (_, i) => i);
  return Int32Array.from(runs.flatMap((length, label) => new Array<number>(length).fill(label)));
}

function imagesInTable(set: DataSet, table: Table): ArrayDataset {
  const { shape, maximum } = set.image ?? refuse(`${quote(set.id)} holds no images`);
  const target = column(table, set.target ?? "");
  const pixels = table.columns.filter(({ name }) => name !== set.target);
  const inputs = new Float32Array(table.rows * pixels.length);
  for (const [place, pixel] of pixels.entries()) {
    if (pixel.kind !== "numeric") return refuse("not a number", { column: pixel.name });
    for (let row = 0; row < table.rows; row++)
      inputs[row * pixels.length + place] = pixel.values[row] / maximum;
  }
  if (target.kind !== "categorical") return refuse("not a class", { column: target.name });
  return arrayDataset({
    name: table.name,
    inputs: new NDArray(inputs, [table.rows, ...shape], "float32"),
    targets: new NDArray(target.codes, [table.rows], "int32"),
    classes: target.categories,
  });
}
