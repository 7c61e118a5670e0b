import { NDArray } from "@etude/tensor";
import { count, quote, refuse } from "../errors.ts";
import { expectKind, type LoadedFile, type LoadOptions, readFiles } from "./load.ts";
import { labelsInOrder } from "./loadImages.ts";
import type { DataSet } from "./record.ts";
import { dataSet } from "./sets.ts";

export interface ArrayData {
  readonly name: string;
  /** float32 `[rows, ...]`: the values as they are stored; images `[rows, 1, height, width]`, 0 to 255. */
  readonly values: NDArray;
  /** Of sets whose rows are words (`word-vectors`). */
  readonly words?: readonly string[];
  /** Of transitions: names of the columns. */
  readonly columns?: readonly string[];
  /** int32 `[rows]`, of images: the class, or the picture, of each. */
  readonly labels?: NDArray;
}

/**
 * The numbers of a set in a raw file, as they are stored: word vectors, records of transitions,
 * pixels of images.
 *
 * @throws DataError when there is no such set, or its files cannot be had
 * @example const { values, words } = await loadArrays("word-vectors"); // [12000, 100]
 */
export async function loadArrays(id: string, options: LoadOptions = {}): Promise<ArrayData> {
  const set = dataSet(id);
  expectKind(set, "loadArrays", "arrays", "transitions", "images");
  if (set.format !== "raw")
    refuse(`loadArrays: the files of ${quote(id)} are not raw; use loadImages`);
  const loaded = await readFiles(set.files, options);
  const values = rawValues(set, loaded[0]);
  const words = loaded.find(({ file }) => file.role === "words");
  return {
    name: id,
    values,
    ...(words && { words: wordsIn(words, set.rows) }),
    ...(set.columns && { columns: set.columns }),
    ...(set.kind === "images" && { labels: new NDArray(labelsInOrder(set), [set.rows], "int32") }),
  };
}

/** The values of a raw little-endian file. */
export function rawValues(set: DataSet, { file, content }: LoadedFile): NDArray {
  const inner = set.shape ?? [set.columns?.length ?? 1];
  const shape = [set.rows, ...inner];
  const width = set.dtype === "float32" ? 4 : 1;
  const size = shape.reduce((product, length) => product * length, 1);
  if (content.length !== size * width)
    refuse(`${count(content.length)} bytes do not fill shape [${shape.join(", ")}]`, {
      file: file.path,
    });
  if (set.dtype !== "float32") return new NDArray(Float32Array.from(content), shape, "float32");
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const values = Float32Array.from({ length: size }, (_, i) => view.getFloat32(4 * i, true));
  return new NDArray(values, shape, "float32");
}

/** The words of word vectors, from JSON `{"words": [...]}`. */
function wordsIn({ file, content }: LoadedFile, rows: number): readonly string[] {
  const { words } = JSON.parse(new TextDecoder().decode(content)) as { words?: unknown };
  if (!Array.isArray(words) || words.length !== rows)
    return refuse(`no list of ${count(rows)} words`, { file: file.path });
  return words.map(String);
}
