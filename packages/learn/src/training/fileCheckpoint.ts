/** Checkpoints in a file. For Node: this module is not part of the browser's entry. */
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import type { CheckpointStore } from "./checkpoint.ts";

/**
 * A store in one file. A checkpoint is written beside it (`<path>.partial`), flushed to the disk, and
 * renamed: whatever kills the program or the machine, `path` holds a whole checkpoint, the old one or
 * the new one. The folder is made if it does not exist. One program at a time.
 *
 * @example train({ ..., checkpoint: { store: fileCheckpoint("runs/7/checkpoint"), everySteps: 500 } })
 */
export function fileCheckpoint(path: string): CheckpointStore {
  return {
    load: async () => {
      try {
        return new Uint8Array(await readFile(path));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    save: async (bytes) => {
      const folder = dirname(path);
      await mkdir(folder, { recursive: true });
      const partial = `${path}.partial`;
      const file = await open(partial, "w");
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(partial, path);
      await syncFolder(folder);
    },
  };
}

/** The new name is safe only when the folder is on the disk too; Windows cannot open one and need not. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";
