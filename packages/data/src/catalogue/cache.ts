/** The folder where fetched files are kept (Node only), and a memory of which files were checked. */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { DataError, reasonOf } from "../errors.ts";
import type { DataFile } from "./record.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where fetched files are kept: `ETUDE_CACHE`, else the place for caches of the platform
 * (`~/.cache/etude`, `~/Library/Caches/etude`, `%LOCALAPPDATA%\etude\Cache`).
 */
export function cacheFolder(
  environment: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  if (environment.ETUDE_CACHE) return path.resolve(environment.ETUDE_CACHE);
  if (platform === "darwin") return path.join(home, "Library", "Caches", "etude");
  if (platform === "win32")
    return path.join(
      environment.LOCALAPPDATA || path.join(home, "AppData", "Local"),
      "etude",
      "Cache",
    );
  return path.join(environment.XDG_CACHE_HOME || path.join(home, ".cache"), "etude");
}

const troubles: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EACCES: "there is no permission to write here",
  EPERM: "there is no permission to write here",
  EROFS: "the disk can only be read",
  ENOTDIR: "a part of this path is a file, not a folder",
  EEXIST: "a part of this path is a file, not a folder",
  EMFILE: "too many files are open",
};

/** The disk did not take what should be kept. */
export class StorageError extends DataError {}

/** What a failed write means for the user. */
export function storageError(error: unknown, file: string): StorageError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const trouble = troubles[code] ?? `could not be written: ${reasonOf(error)}`;
  return new StorageError(
    `${trouble}; make room, or set ETUDE_CACHE to a folder for fetched files`,
    { file },
    { cause: error },
  );
}

/** Do something that writes to the disk; failures become errors for people. */
export async function storing<T>(file: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw error instanceof DataError ? error : storageError(error, file);
  }
}

export async function readBytes(file: string): Promise<Uint8Array<ArrayBuffer>> {
  const { buffer, byteOffset, byteLength } = await readFile(file);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

export const makeFolderFor = (file: string): Promise<unknown> =>
  storing(path.dirname(file), () => mkdir(path.dirname(file), { recursive: true }));

/**
 * Give a finished file its name. It is on the disk before it has the name, so the name never stands
 * for a half-written file, whatever happens to the process or the machine.
 */
export const settle = (part: string, target: string): Promise<void> =>
  storing(target, async () => {
    const handle = await open(part, "r+");
    await handle.sync().finally(() => handle.close());
    await rename(part, target);
  });

/** Write a whole file, or nothing. */
export async function writeWhole(target: string, bytes: Uint8Array): Promise<void> {
  await makeFolderFor(target);
  const part = `${target}.${randomBytes(6).toString("hex")}.part`;
  try {
    await storing(target, async () => {
      const handle = await open(part, "wx");
      await handle.writeFile(bytes).finally(() => handle.close());
    });
    await settle(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

export interface CheckMemory {
  /** Whether this very state of a file was found right before. */
  knows(location: string, file: DataFile): Promise<boolean>;
  remember(location: string, file: DataFile): Promise<void>;
}

/**
 * Remembers checksums by size and time of change, so that a large file is hashed once and not
 * every time. A cache that cannot be written to costs the hashing, nothing else.
 */
export function checkMemory(cache: string): CheckMemory {
  const noteOf = (location: string): string => {
    const key = createHash("sha256").update(path.resolve(location)).digest("hex").slice(0, 32);
    return path.join(cache, "checked", `${key}.json`);
  };
  const stateOf = async (location: string, file: DataFile): Promise<string> => {
    const { size, mtimeMs } = await stat(location);
    return JSON.stringify({ path: path.resolve(location), size, mtimeMs, sha256: file.sha256 });
  };
  return {
    async knows(location, file) {
      const note = await readFile(noteOf(location), "utf8").catch(() => undefined);
      return note !== undefined && note === (await stateOf(location, file));
    },
    async remember(location, file) {
      const state = await stateOf(location, file);
      await writeWhole(noteOf(location), new TextEncoder().encode(state)).catch(() => {});
    },
  };
}
