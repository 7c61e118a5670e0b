/** Reading and writing files (Node only). */
import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { NDArray } from "@etude/tensor";
import { type CsvOptions, parseCsv } from "./csv.ts";
import { reasonOf, refuse } from "./errors.ts";
import { parseNpy } from "./npy.ts";
import { parseNpz } from "./npz.ts";
import { type ParquetOptions, parseParquet } from "./parquet.ts";
import type { Table } from "./table.ts";

export { cacheFolder } from "./catalogue/cache.ts";
export { type NodeSourceOptions, nodeSource } from "./catalogue/nodeSource.ts";
export { type ImageFolderOptions, readImageFolder } from "./imageFolder.ts";

export interface TableOptions extends Omit<CsvOptions, "name">, ParquetOptions {}

const asText = /\.(csv|tsv|tab|txt)(\.gz)?$/i;

/**
 * The table of a file, by its extension: `.csv`, `.tsv`, `.txt`, each also with `.gz`, or `.parquet`.
 *
 * @throws DataError when there is no such file, the extension is another one, or the content is
 * refused by `parseCsv` or `parseParquet`
 * @example const houses = await readTable("houses.csv.gz", { types: { zip: "categorical" } });
 */
export async function readTable(file: string, options: TableOptions = {}): Promise<Table> {
  const name = path.basename(file);
  await checkFile(file);
  if (/\.parquet$/i.test(file)) return parseParquet(await readFile(file), name, options);
  if (asText.test(file)) {
    const delimiter = /\.(tsv|tab)(\.gz)?$/i.test(file) ? { delimiter: "\t" } : {};
    return parseCsv(() => createReadStream(file), { ...delimiter, ...options, name });
  }
  const known = "a table is a .csv, .tsv or .txt file, each also with .gz, or a .parquet file";
  const arrays = /\.np[yz]$/i.test(file) ? "; arrays are read by readArrays" : "";
  return refuse(`${extensionOf(file)}; ${known}${arrays}`, { file });
}

/**
 * The arrays of a `.npz` file by name, or that of a `.npy` file under the name of the file.
 *
 * @throws DataError when there is no such file, or its content is refused by `parseNpz` or `parseNpy`
 */
export async function readArrays(file: string): Promise<Record<string, NDArray>> {
  const name = path.basename(file);
  await checkFile(file);
  if (/\.npz$/i.test(file)) return parseNpz(await readFile(file), name);
  if (/\.npy$/i.test(file))
    return { [path.parse(file).name]: parseNpy(await readFile(file), name) };
  return refuse(`${extensionOf(file)}; arrays are .npy or .npz files`, { file });
}

const extensionOf = (file: string): string => {
  const extension = path.extname(file);
  return extension === ""
    ? "the name has no extension, so the format is not known"
    : `files ending with ${extension} cannot be read`;
};

async function checkFile(file: string): Promise<void> {
  const state = await stat(file).catch((error: NodeJS.ErrnoException) =>
    error.code === "ENOENT"
      ? refuse(`there is no such file (looked in ${path.dirname(path.resolve(file))})`, { file })
      : refuse(`cannot be read (${reasonOf(error)})`, { file }, error),
  );
  if (state.isDirectory())
    refuse("this is a folder; name a file in it, or read pictures with readImageFolder", { file });
}

/**
 * Write a whole file or none: into a file beside it that takes its name once all is on the disk, so
 * that a reader, or a crash, never meets half of it.
 *
 * @throws DataError when the folder does not exist or cannot be written to
 */
export async function writeFileAtomic(file: string, content: Uint8Array | string): Promise<void> {
  const folder = path.dirname(file);
  const unfinished = path.join(
    folder,
    `.${path.basename(file)}.${process.pid}.${randomBytes(4).toString("hex")}`,
  );
  try {
    const handle = await open(unfinished, "wx");
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    refuse(
      missing
        ? `the folder ${folder} does not exist; make it first`
        : `cannot be written (${reasonOf(error)})`,
      { file },
      error,
    );
  }
}
