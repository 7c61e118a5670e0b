import { mkdir, stat } from "node:fs/promises";
import path from "node:path";

/**
 * Makes a folder and those above it. (Node's own way, `recursive`, never ends where a file system
 * says ENOENT to every attempt, as /proc does.)
 *
 * @throws what the file system says, with the path
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const parent = path.dirname(folder);
    if (code === "ENOENT" && parent !== folder) {
      await makeFolder(parent);
      await mkdir(folder);
    } else if (!(await isFolder(folder))) {
      throw error;
    }
  }
}

const isFolder = (place: string): Promise<boolean> =>
  stat(place).then(
    (state) => state.isDirectory(),
    () => false,
  );
