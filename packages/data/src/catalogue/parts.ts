/**
 * Unfinished downloads (Node only). A part belongs to one process at a time, which its name says;
 * renaming is atomic, so of several processes that want it one gets it, and the others begin their
 * own.
 */
import { createHash, randomBytes } from "node:crypto";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";

const short = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8);
const thisHost = short(hostname());
const nobody = "free";

// Another machine that shares the cache writes, or gives up, well within this time.
const abandonedAfter = 5 * 60_000; // ms

const prefixOf = (target: string): string => `${path.basename(target)}.`;

/**
 * The name of a part for this process: one that a failed or killed download from the same address
 * left behind, or a new one.
 */
export async function claimPart(target: string, url: string): Promise<string> {
  const folder = path.dirname(target);
  const prefix = `${prefixOf(target)}${short(url)}.`;
  const owner = `${thisHost}-${process.pid}-${randomBytes(4).toString("hex")}`;
  const own = path.join(folder, `${prefix}${owner}.part`);
  for (const name of await abandonedParts(folder, prefix)) {
    const taken = await rename(path.join(folder, name), own).then(
      () => true,
      () => false, // another process was faster
    );
    if (taken) break;
  }
  return own;
}

/** Leave a part to whoever comes next. */
export async function releasePart(part: string): Promise<void> {
  const free = part.replace(/[^.]+\.part$/, `${nobody}.part`);
  await rename(part, free).catch(() => {}); // nothing was written yet
}

/** Remove what earlier downloads of a finished file left behind. */
export async function sweepParts(target: string): Promise<void> {
  const folder = path.dirname(target);
  for (const name of await abandonedParts(folder, prefixOf(target)))
    await rm(path.join(folder, name), { force: true }).catch(() => {});
}

async function abandonedParts(folder: string, prefix: string): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).filter(
    (name) => name.startsWith(prefix) && name.endsWith(".part"),
  );
  const judged = await Promise.all(
    names.map(async (name) => ((await isAbandoned(folder, name)) ? [name] : [])),
  );
  return judged.flat();
}

async function isAbandoned(folder: string, name: string): Promise<boolean> {
  const owner = name.split(".").at(-2) ?? "";
  if (owner === nobody) return true;
  const [host, pid] = owner.split("-");
  if (host === thisHost) return !isRunning(Number(pid));
  const state = await stat(path.join(folder, name)).catch(() => undefined);
  return state !== undefined && Date.now() - state.mtimeMs > abandonedAfter;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0); // signal 0 only asks
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
