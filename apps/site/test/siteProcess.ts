/** The site as its operator runs it: a process of `etude serve`. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";

const main = path.join(import.meta.dirname, "../../cli/src/main.ts");

export interface SiteProcess {
  readonly url: string;
  readonly pid: number | undefined;
  /** What it said on its error stream. */
  readonly said: readonly string[];
  /** Ends it as Ctrl-C does; the status. */
  stop(): Promise<number | null>;
  kill(): Promise<void>;
}

/** A command that ends by itself: its status, and what it said on its error stream but for a build. */
export async function command(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ status: number | null; said: string }> {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (data) => {
    said += data;
  });
  const [status] = await once(child, "close");
  return { status, said: said.replace(/^building the site .*\n/, "") };
}

/** @param env beside that of this process */
export async function startSite(
  folder: string,
  env: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Promise<SiteProcess> {
  const child: ChildProcess = spawn(
    process.execPath,
    [main, "serve", "--port", "0", "--data", folder, ...flags],
    { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] },
  );
  const ended = once(child, "exit");
  const said: string[] = [];
  child.stderr?.on("data", (data) => said.push(String(data)));
  const killChild = () => child.kill("SIGKILL");
  process.once("exit", killChild);
  const url = await new Promise<string>((resolve, reject) => {
    if (child.stdout === null) throw new Error("no output");
    createInterface({ input: child.stdout }).on("line", (line) => {
      const found = /http:\/\/\S+/.exec(line);
      if (found) resolve(found[0]);
    });
    ended.then(() => reject(new Error(`the site ended early:\n${said.join("")}`)));
  });
  const end = async (signal: NodeJS.Signals) => {
    process.off("exit", killChild);
    child.kill(signal);
    const [status] = await ended;
    return status as number | null;
  };
  return {
    url,
    pid: child.pid,
    said,
    stop: () => end("SIGINT"),
    kill: async () => {
      await end("SIGKILL");
    },
  };
}
