import { randomBytes } from "node:crypto";
import { link, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { StoreError } from "../database.ts";
import { startOfProcess } from "./process.ts";

/** A folder that is this process's until it is released. */
export interface FolderLock {
  release(): Promise<void>;
}

const holderSchema = z.object({ pid: z.int().positive(), start: z.string(), since: z.string() });
type Holder = z.infer<typeof holderSchema>;

/**
 * Make a folder this process's own. A lock whose process is dead is taken over.
 *
 * Locks are numbered files, and the highest number is the lock that counts. A file is never changed
 * and never replaced: who finds all holders dead creates the next number, which only one of several
 * can, looks once more, and then removes the lower ones. So nobody removes a lock that somebody else
 * has just taken, as may happen where a stale file is deleted and created anew.
 *
 * Processes are told apart on one machine only: a folder on a network, or one shared by two
 * containers, is not protected.
 *
 * @throws StoreError naming the process that has the folder
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  for (;;) {
    const before = await lockNumbers(folder);
    for (const number of before) {
      const holder = await livingHolder(folder, number);
      if (holder !== undefined) throw inUse(folder, holder);
    }
    const mine = Math.max(0, ...before) + 1;
    if (!(await createLock(folder, mine))) continue;
    const others = (await lockNumbers(folder)).filter((number) => number !== mine);
    if (await isContested(folder, mine, others)) {
      await removeLock(folder, mine);
      continue;
    }
    for (const number of others) await removeLock(folder, number);
    return { release: () => removeLock(folder, mine) };
  }
}

/** Whether another process took a lock while this one was looking. */
async function isContested(folder: string, mine: number, others: readonly number[]) {
  for (const number of others) {
    if (number > mine || (await livingHolder(folder, number)) !== undefined) return true;
  }
  return false;
}

function inUse(folder: string, { pid, since }: Holder): StoreError {
  const who = pid === process.pid ? "this process" : `process ${pid}`;
  return new StoreError(`${folder} is in use: ${who} has had it open since ${since}`);
}

const lockFile = (folder: string, number: number) => path.join(folder, `lock.${number}`);

const removeLock = (folder: string, number: number) =>
  rm(lockFile(folder, number), { force: true });

async function lockNumbers(folder: string): Promise<number[]> {
  return (await readdir(folder)).flatMap((name) => {
    const number = /^lock\.(\d{1,9})$/.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

/** @returns false if the number is taken */
async function createLock(folder: string, number: number): Promise<boolean> {
  const start = await startOfProcess(process.pid);
  if (start === undefined) throw new StoreError("cannot tell when this process started");
  const holder: Holder = { pid: process.pid, start, since: new Date().toISOString() };
  // Linking a finished file creates name and content at once: nobody reads half a lock.
  const draft = path.join(folder, `.lock-${process.pid}-${randomBytes(6).toString("hex")}`);
  await writeFile(draft, `${JSON.stringify(holder)}\n`);
  try {
    await link(draft, lockFile(folder, number));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft);
  }
}

/** @returns undefined if the lock is gone, its process is dead, or power failed while it was written */
async function livingHolder(folder: string, number: number): Promise<Holder | undefined> {
  try {
    const text = await readFile(lockFile(folder, number), "utf8");
    const holder = holderSchema.parse(JSON.parse(text));
    return (await startOfProcess(holder.pid)) === holder.start ? holder : undefined;
  } catch (error) {
    const gone = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (gone || error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}
