/** One process at a time in a folder. The lock of a process that died is taken over. */
import { randomUUID } from "node:crypto";
import { readFileSync, unlinkSync } from "node:fs";
import { link, readFile, rename, unlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { UsageError } from "@etude/papers/errors";

interface Holder {
  readonly process: number;
  readonly machine: string;
  /** When the process began, as its system counts: numbers of processes are used again. */
  readonly began: string | undefined;
  /** Tells locks apart that are alike in everything else. */
  readonly mark: string;
}

/** Marks of the locks that this process has. */
const held = new Set<string>();

/** Gives a lock back; at once and without waiting, so that it can be the last thing a process does. */
export type Release = () => void;

/**
 * Locks a folder for this process.
 *
 * @param said what messages call the folder
 * @throws UsageError naming the process that has it, when that process lives or cannot be looked at
 */
export async function lock(folder: string, said = folder): Promise<Release> {
  const place = path.join(folder, "lock");
  const own: Holder = {
    process: process.pid,
    machine: hostname(),
    began: beginning(process.pid),
    mark: randomUUID(),
  };
  const draft = `${place}.${own.mark}`;
  await writeFile(draft, JSON.stringify(own));
  held.add(own.mark); // Before it can be seen, or another run of this process would think it stale.
  try {
    // Linking fails if the name exists: whoever links first has the lock, with all of its content.
    while (!(await linked(draft, place))) await removeStale(place, said, own);
  } catch (error) {
    held.delete(own.mark);
    throw error;
  } finally {
    await unlink(draft);
  }
  return () => {
    if (held.delete(own.mark) && read(place)?.mark === own.mark) unlinkSync(place);
  };
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

async function removeStale(place: string, said: string, own: Holder): Promise<void> {
  const holder = read(place);
  if (holder === undefined) return; // Given back in the meantime.
  if (lives(holder, own)) {
    const where = holder.machine === own.machine ? "" : ` on ${holder.machine}`;
    throw new UsageError(
      `${said} is in use by process ${holder.process}${where}; wait for it, stop it, or give another --out (if it is no longer there, remove ${place})`,
    );
  }
  // Moved aside before it is removed: of two processes that found it stale only one can move it, and
  // should what was moved be the other's new lock, it is put back.
  const aside = `${place}.${own.mark}.stale`;
  try {
    await rename(place, aside);
  } catch (error) {
    if (isCode(error, "ENOENT")) return;
    throw error;
  }
  if (parse(await readFile(aside, "utf8"))?.mark !== holder.mark) await linked(aside, place);
  await unlink(aside);
}

function lives(holder: Holder, own: Holder): boolean {
  if (holder.mark === "") return false;
  if (holder.machine !== own.machine) return true; // Cannot be looked at from here.
  // In a container the first process always has the same number, so ours may be that of a dead one.
  if (holder.process === own.process) return held.has(holder.mark);
  try {
    process.kill(holder.process, 0);
  } catch (error) {
    if (isCode(error, "ESRCH")) return false;
  }
  const began = beginning(holder.process);
  return began === undefined || holder.began === undefined || began === holder.began;
}

/**
 * When a process began, where the system tells (Linux: field 22 of its stat, in ticks after boot);
 * "never" of one that is dead and only waits to be noticed.
 */
function beginning(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return "never";
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${fields[18]}`;
  } catch {
    return undefined;
  }
}

function read(place: string): Holder | undefined {
  try {
    return parse(readFileSync(place, "utf8"));
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** A lock that cannot be read is nobody's. */
function parse(text: string): Holder {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return { process: 0, machine: hostname(), began: undefined, mark: "" };
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;
