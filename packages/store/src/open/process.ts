import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/**
 * What tells a process from another that had the same number before it: on Linux its start in clock
 * ticks and the boot that they count from, elsewhere its start as `ps` prints it, and nothing on
 * Windows, where the number alone must do.
 *
 * @returns undefined if no process has the number
 */
export async function startOfProcess(pid: number): Promise<string | undefined> {
  if (!isAlive(pid)) return undefined;
  if (process.platform === "win32") return "";
  return process.platform === "linux" ? startOnLinux(pid) : startByPs(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, but another user's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function startOnLinux(pid: number): Promise<string | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/stat`, "utf8");
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    // The name, in brackets, may hold anything; the fields after it are numbered from 3.
    const fields = status.slice(status.lastIndexOf(")") + 2).split(" ");
    // A zombie is dead already and holds no files.
    return fields[0] === "Z" ? undefined : `${fields[22 - 3]} of boot ${boot.trim()}`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}

async function startByPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)("ps", ["-o", "lstart=", "-p", String(pid)]);
    return stdout.trim() || undefined;
  } catch (error) {
    // `ps` exits with 1 when there is no such process.
    if ((error as { code?: unknown }).code === 1) return undefined;
    throw error;
  }
}
