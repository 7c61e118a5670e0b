import { array, type NDArray } from "@etude/tensor";
import { parseCsv } from "../csv.ts";
import { refuse } from "../errors.ts";
import { column } from "../table.ts";
import { choosePart, expectKind, filesOf, type PartOptions, readFiles } from "./load.ts";
import { dataSet } from "./sets.ts";

export interface TextData {
  readonly name: string;
  /** The texts; a corpus is one text. */
  readonly texts: readonly string[];
  /** int32 `[n]`, positions in `classes`; of a corpus there are none. */
  readonly targets?: NDArray;
  readonly classes?: readonly string[];
}

/**
 * Texts of the catalogue with their labels, or a corpus. Many sets are sorted by class: shuffle them
 * before splitting.
 *
 * Without `part` it is the training part of sets in parts (`trec6`, `sst2`), else everything.
 *
 * @throws DataError when there is no such set or part, or its file cannot be had
 * @example const { texts, targets } = await loadText("trec6", { part: "test" });
 */
export async function loadText(id: string, options: PartOptions = {}): Promise<TextData> {
  const set = dataSet(id);
  expectKind(set, "loadText", "text");
  const part = choosePart(set, options.part);
  const name = set.files.length > 1 ? `${id} ${part}` : id;
  const loaded = await readFiles(filesOf(set, part), options);
  const contents = loaded.map(({ content }) => new TextDecoder().decode(content));
  if (set.format === "txt") return { name, texts: contents };

  const classes = set.classes ?? [];
  const texts: string[] = [];
  const labels: number[] = [];
  for (const content of contents) {
    // No cell is quoted, and a text may hold quotation marks.
    const table = await parseCsv(content, {
      name,
      delimiter: "\t",
      quote: null,
      types: { text: "text", label: "categorical" },
      missing: [],
    });
    const [text, label] = [column(table, "text"), column(table, "label")];
    if (text.kind !== "text" || label.kind !== "categorical")
      return refuse("not a table of texts and labels", { file: name });
    const codes = label.categories.map((category) => classes.indexOf(category));
    for (let row = 0; row < table.rows; row++) {
      texts.push(text.values[row] ?? "");
      labels.push(codes[label.codes[row]] ?? -1);
    }
  }
  const unknown = labels.indexOf(-1);
  if (unknown >= 0) refuse("a label that is no class of the set", { file: name, row: unknown + 2 });
  return { name, texts, targets: array(Int32Array.from(labels)), classes };
}
