/** Workers as processes, for tests that kill them. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
export const withToy = ["--import", here("./toy.ts")];

export interface WorkerProcess {
  /** What it said, a line each. */
  readonly said: string[];
  readonly ended: Promise<number | null>;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** @param place the address of a server, or the folder of an embedded database */
export function startWorker(place: string, how?: "untilIdle"): WorkerProcess {
  const child: ChildProcess = spawn(
    process.execPath,
    [...withToy, here("./worker.ts"), place, ...(how === undefined ? [] : [how])],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const said: string[] = [];
  const listen = (data: unknown) => said.push(...String(data).split("\n").filter(Boolean));
  child.stdout?.on("data", listen);
  child.stderr?.on("data", listen);
  const ended = once(child, "exit").then(([status]: (number | null)[]) => status);
  const atExit = () => child.kill("SIGKILL");
  process.once("exit", atExit);
  void ended.then(() => process.off("exit", atExit));
  return {
    said,
    ended,
    async kill(signal = "SIGKILL") {
      child.kill(signal);
      await ended;
    },
  };
}
