/** Files a person gives to a paper, read by their kind. */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { InputKind, InputSlot, UserInput } from "@etude/papers";
import { UsageError } from "@etude/papers/errors";
import { fileLine } from "./failures.ts";

/** What a path seems to hold, by its ending; a folder holds images. */
export function kindsOf(file: string, isFolder: boolean): readonly InputKind[] {
  if (isFolder) return ["images"];
  if (/\.(csv|tsv|tab)(\.gz)?$|\.parquet$/i.test(file)) return ["table", "text"];
  if (/\.np[yz]$/i.test(file)) return ["arrays"];
  if (/\.onnx$/i.test(file)) return ["model"];
  return ["text", "table"];
}

/**
 * Reads a file for an input of a paper.
 *
 * @param name the name of the input, for messages: "--data"
 * @throws UsageError when the file is missing or of another kind, DataError when its content is wrong
 */
export async function readInput(
  name: string,
  file: string,
  slot: InputSlot,
  folder: string,
): Promise<UserInput> {
  const place = path.resolve(folder, file);
  const isFolder = await isDirectory(place, `--${name} ${file}`);
  const kind = kindsOf(file, isFolder).find((kind) => slot.accepts.includes(kind));
  if (kind === undefined) throw await wrongKind(name, file, slot, isFolder);
  return read(kind, file, place);
}

async function isDirectory(place: string, said: string): Promise<boolean> {
  try {
    return (await stat(place)).isDirectory();
  } catch (error) {
    const problem = error instanceof Error ? fileLine(error)?.split(": ").at(-1) : undefined;
    if (problem === undefined) throw error;
    throw new UsageError(`${said}: ${problem}`);
  }
}

async function wrongKind(
  name: string,
  file: string,
  slot: InputSlot,
  isFolder: boolean,
): Promise<UsageError> {
  const { describeKind } = await import("@etude/papers");
  const wanted = slot.accepts.map(describeKind).join(" or ");
  const got = isFolder ? "a folder" : describeKind(kindsOf(file, false)[0]);
  return new UsageError(`--${name} ${file}: expected ${wanted}, got ${got}`);
}

async function read(kind: InputKind, file: string, place: string): Promise<UserInput> {
  const { readArrays, readImageFolder, readTable } = await import("@etude/data/files");
  switch (kind) {
    case "table":
      return { kind, file, table: await readTable(place) };
    case "images":
      return { kind, file, dataset: await readImageFolder(place) };
    case "arrays":
      return { kind, file, arrays: await readArrays(place) };
    case "text":
      return { kind, file, text: await readFile(place, "utf8") };
    case "model":
      return { kind, file, bytes: await readModel(place, file) };
  }
}

/** A file that is no model is found here, not somewhere in the method. */
async function readModel(place: string, file: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(await readFile(place));
  const { loadOnnx } = await import("@etude/tensor");
  try {
    await (await loadOnnx(bytes)).release();
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new UsageError(`${file}: not a model that can be run: ${reason}`);
  }
  return bytes;
}
