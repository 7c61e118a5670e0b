/** Files of the visitor, read by their kind; the readers are those of the command. */
import {
  describe,
  parseCsv,
  parseNpy,
  parseNpz,
  parseParquet,
  type Table,
  textAt,
} from "@etude/data";
import { describeKind, type InputKind, type InputSlot, type UserInput } from "@etude/papers";
import { UsageError } from "@etude/papers/errors";
import { loadOnnx } from "@etude/tensor";
import { isArchive, readImages } from "./imageFolder.ts";
import type { GivenFile, ReadSummary } from "./protocol.ts";

const asTable = /\.(csv|tsv|tab)(\.gz)?$|\.parquet$/i;

/** What a file seems to hold, by its ending; files of a folder are images. */
export function kindsOf(given: readonly GivenFile[]): readonly InputKind[] {
  const [{ path }] = given;
  if (path.includes("/") || isArchive.test(path)) return ["images"];
  if (asTable.test(path)) return ["table", "text"];
  if (/\.np[yz]$/i.test(path)) return ["arrays"];
  if (/\.onnx$/i.test(path)) return ["model"];
  return ["text", "table"];
}

/**
 * Reads what the visitor gave for an input of a paper.
 *
 * @param name of the slot, for messages
 * @throws UsageError when it is of another kind, DataError when its content is wrong
 */
export async function readInput(
  name: string,
  slot: InputSlot,
  given: readonly GivenFile[],
): Promise<UserInput> {
  const [{ path: file, file: content }, ...others] = given;
  const kinds = kindsOf(given);
  const kind = kinds.find((each) => slot.accepts.includes(each));
  const wanted = slot.accepts.map(describeKind).join(" or ");
  if (kind === undefined)
    throw new UsageError(`${name}: ${file}: expected ${wanted}, got ${describeKind(kinds[0])}`);
  if (kind !== "images" && others.length > 0)
    throw new UsageError(`${name}: ${given.length} files were given; give one, ${wanted}`);
  switch (kind) {
    case "table":
      return { kind, file, table: await readTable(file, content) };
    case "images": {
      const dataset = await readImages(given);
      return { kind, file: dataset.name, dataset };
    }
    case "arrays":
      return { kind, file, arrays: await readArrays(file, content) };
    case "text":
      return { kind, file, text: await content.text() };
    case "model":
      return { kind, file, bytes: await readModel(file, content) };
  }
}

async function readTable(name: string, file: File): Promise<Table> {
  if (/\.parquet$/i.test(name)) return parseParquet(await bytesOf(file), name);
  const delimiter = /\.(tsv|tab)(\.gz)?$/i.test(name) ? { delimiter: "\t" } : {};
  return parseCsv(() => file.stream(), { ...delimiter, name });
}

async function readArrays(name: string, file: File) {
  const bytes = await bytesOf(file);
  if (/\.npz$/i.test(name)) return parseNpz(bytes, name);
  return { [name.replace(/\.npy$/i, "")]: parseNpy(bytes, name) };
}

/** A file that is no model is found here, not somewhere in the method. */
async function readModel(name: string, file: File): Promise<Uint8Array> {
  const bytes = await bytesOf(file);
  try {
    await (await loadOnnx(bytes)).release();
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new UsageError(`${name}: not a model that can be run: ${reason}`);
  }
  return bytes;
}

const bytesOf = async (file: File): Promise<Uint8Array> => new Uint8Array(await file.arrayBuffer());

/** Rows of a table that a page shows. */
const shownRows = 5;

/** What was read, in brief. */
export function summaryOf(slot: string, input: UserInput): ReadSummary {
  const { kind, file } = input;
  const said = { slot, kind, file, describe: describeInput(input), columns: [], head: [] };
  if (kind !== "table") return said;
  const { table } = input;
  const columns = describe(table).map(({ name, kind, missing, distinct }) => {
    return { name, kind, missing, distinct };
  });
  const head = Array.from({ length: Math.min(shownRows, table.rows) }, (_, row) =>
    table.columns.map((column) => textAt(column, row)),
  );
  return { ...said, columns, head };
}

const counted = (count: number, of: string): string =>
  `${count.toLocaleString("en-US")} ${of}${count === 1 ? "" : "s"}`;

function describeInput(input: UserInput): string {
  switch (input.kind) {
    case "table":
      return `${counted(input.table.rows, "row")}, ${counted(input.table.columns.length, "column")}`;
    case "images": {
      const { inputs, classes = [] } = input.dataset;
      const [pictures, , height, width] = inputs.shape;
      return `${counted(pictures, "picture")} of ${width} × ${height}, ${counted(classes.length, "class").replace(/classs$/, "classes")}`;
    }
    case "arrays":
      return Object.entries(input.arrays)
        .map(([name, { shape }]) => `${name} [${shape.join(", ")}]`)
        .join(", ");
    case "model":
      return `a model of ${counted(input.bytes.length, "byte")}`;
    case "text":
      return `a text of ${counted(input.text.length, "character")}`;
  }
}
