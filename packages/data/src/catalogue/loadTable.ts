import { parseCsv } from "../csv.ts";
import { refuse } from "../errors.ts";
import { selectRows, type Table } from "../table.ts";
import { choosePart, expectKind, type PartOptions, readFiles } from "./load.ts";
import { columnKinds, type DataSet, type Part } from "./record.ts";
import { dataSet } from "./sets.ts";

/**
 * A table of the catalogue. Columns are of the kind the set's authors gave them, also where
 * categories look like numbers; the target is the last column and a category in classification.
 *
 * Without `part` it is the training part of `adult`, which comes in two files, and all rows of every
 * other table. The categories of a column are those of the whole table in every part.
 *
 * @throws DataError when there is no such table or part, or its file cannot be had
 * @example const vehicles = await loadTable("vehicle");
 */
export async function loadTable(id: string, options: PartOptions = {}): Promise<Table> {
  const set = dataSet(id);
  expectKind(set, "loadTable", "table");
  const part = choosePart(set, options.part);
  const loaded = await readFiles(set.files, options); // all, for the sake of the categories
  const texts = loaded.map(({ content }) => new TextDecoder().decode(content));
  const header = texts[0].slice(0, texts[0].indexOf("\n") + 1);
  const text = texts.map((each, i) => (i === 0 ? each : each.slice(header.length))).join("");
  const types = columnKinds(set, header.trim().split(","));
  const table = await parseCsv(text, { name: id, delimiter: ",", types, missing: [""] });
  if (table.rows !== set.rows)
    refuse(`${table.rows} rows where the catalogue says ${set.rows}`, { file: id });
  if (part === "all") return table;
  const [from, to] = rowsOf(set, part, texts);
  return { ...selectRows(table, range(from, to)), name: `${id} ${part}` };
}

/** Rows `[from, to)` of a part, in one file or in files of their own. */
function rowsOf(set: DataSet, part: Part, texts: readonly string[]): readonly [number, number] {
  const known = set.parts?.[part];
  if (known !== undefined) return known;
  let from = 0;
  for (let i = 0; i < texts.length; i++) {
    const rows = texts[i].trimEnd().split("\n").length - 1;
    if (set.files[i].part === part) return [from, from + rows];
    from += rows;
  }
  return [0, from];
}

const range = (from: number, to: number): Int32Array =>
  Int32Array.from({ length: to - from }, (_, i) => from + i);
