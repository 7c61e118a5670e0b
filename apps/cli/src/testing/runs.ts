/** The command in a test: in this process, or as one of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { run } from "../run.ts";
import type { Session } from "../session.ts";
import type { Terminal } from "../terminal.ts";
import { testPapers } from "./arithmetic.ts";

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "etude-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function recordingTerminal(folder: string): {
  terminal: Terminal;
  out: string[];
  err: string[];
} {
  const out: string[] = [];
  const err: string[] = [];
  const terminal: Terminal = {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    errorStream: new Writable({ write: (_chunk, _encoding, done) => done() }),
    live: false,
    columns: 100,
    listColumns: 100,
    color: { out: false, err: false },
    environment: {},
    folder,
  };
  return { terminal, out, err };
}

/** Runs a command line in this process, with the papers of the tests. */
export async function runHere(
  args: readonly string[],
  {
    folder = temporaryFolder(),
    papers = testPapers,
  }: { folder?: string; papers?: Session["papers"] } = {},
): Promise<Ended> {
  const { terminal, out, err } = recordingTerminal(folder);
  const status = await run(args, {
    terminal,
    papers,
    signal: new AbortController().signal,
    onSecondInterrupt: () => () => {},
  });
  return { status, out: out.join("\n"), err: err.join("\n") };
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const entries = {
  tests: [here("./main.ts")],
  real: [here("../main.ts")],
  registered: ["--import", here("./arithmeticRegistered.ts"), here("../main.ts")],
};

interface ProcessOptions {
  readonly folder: string;
  /** With the papers of the tests, or the registered ones, or these with that of the tests among them. */
  readonly entry?: keyof typeof entries;
  readonly environment?: Readonly<Record<string, string>>;
  /** With the processes it starts, a group of its own, as in a terminal. */
  readonly group?: boolean;
}

/** Starts a command line as a process. */
export function start(
  args: readonly string[],
  { folder, entry = "tests", environment = {}, group = false }: ProcessOptions,
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [...entries[entry], ...args], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached: group,
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    let out = "";
    let err = "";
    child.stdout?.on("data", (chunk) => {
      out += chunk;
    });
    child.stderr?.on("data", (chunk) => {
      err += chunk;
    });
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, out, err }));
  });
  return { child, ended };
}

export const runProcess = (args: readonly string[], options: ProcessOptions): Promise<Ended> =>
  start(args, options).ended;
