/**
 * Inputs on disk, for participants in any language: a JSON description beside one file with all
 * arrays end to end, little-endian, in the order described.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Arrays, Workload } from "./workload.ts";

export interface ArrayDescription {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** In bytes from the start of the file. */
  readonly offset: number;
}

export interface InputsDescription {
  readonly workload: string;
  readonly settings: Readonly<Record<string, number>>;
  readonly file: string;
  readonly parameters: readonly ArrayDescription[];
  readonly data: readonly ArrayDescription[];
}

export interface WrittenInputs {
  readonly workload: string;
  /** Of the description. */
  readonly path: string;
  /** Deletes both files. */
  remove(): Promise<void>;
}

/** Write the inputs of a workload for whoever reads them from there. */
export async function writeInputs(workload: Workload): Promise<WrittenInputs> {
  const folder = await mkdtemp(join(tmpdir(), "etude-bench-"));
  const chunks: Uint8Array[] = [];
  let offset = 0;
  const describe = (arrays: Arrays): ArrayDescription[] =>
    Object.entries(arrays).map(([name, { dtype, shape, data }]) => {
      chunks.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      const description = { name, dtype, shape, offset };
      offset += data.byteLength;
      return description;
    });
  const description: InputsDescription = {
    workload: workload.id,
    settings: workload.settings,
    file: join(folder, "arrays.bin"),
    parameters: describe(workload.parameters),
    data: describe(workload.data),
  };
  await writeFile(description.file, Buffer.concat(chunks));
  const path = join(folder, "inputs.json");
  await writeFile(path, JSON.stringify(description));
  return { workload: workload.id, path, remove: () => rm(folder, { recursive: true }) };
}
