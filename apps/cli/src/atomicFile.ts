/** Files that are whole or not there, whenever the process or the machine dies. */
import { randomUUID } from "node:crypto";
import { open, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { makeFolder } from "./makeFolder.ts";

const suffix = ".part";

/**
 * Writes a whole file, or nothing: the bytes are on the disk before they have the name, and the name
 * is on the disk before this returns.
 */
export async function writeAtomic(file: string, content: Uint8Array | string): Promise<void> {
  const folder = path.dirname(file);
  await makeFolder(folder);
  const part = `${file}.${randomUUID().slice(0, 8)}${suffix}`;
  try {
    const handle = await open(part, "wx");
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, file);
    await syncFolder(folder);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** A rename survives a power cut only when the folder is synced; Windows cannot and need not. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes what writers that were killed have left in a folder. */
export async function sweepParts(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const parts = names.filter((name) => name.endsWith(suffix));
  await Promise.all(parts.map((name) => rm(path.join(folder, name), { force: true })));
}
