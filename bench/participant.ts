/** Who is measured: Etude and its peers, each a child process that speaks the protocol. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { WrittenInputs } from "./inputs.ts";
import type { Fingerprint } from "./program.ts";

/** A column of the table. */
export interface Entry {
  readonly id: string;
  readonly title: string;
  /** How the library is limited here, for the footnotes. */
  readonly remark?: string;
}

/** A child process, and how it is started. */
export interface Command extends Entry {
  readonly command: (threads: number) => readonly string[];
}

const script = (...path: readonly string[]) => join(import.meta.dirname, ...path);
const python = process.env.ETUDE_BENCH_PYTHON ?? "python3";

export const etude: Command = {
  id: "etude",
  title: "Etude",
  command: (threads) => [process.execPath, script("etude.ts"), String(threads)],
};

export const peers: readonly Command[] = [
  {
    id: "torch",
    title: "PyTorch",
    command: (threads) => [python, script("peers", "torch_peer.py"), String(threads)],
  },
  {
    id: "jax",
    title: "JAX",
    command: () => [python, script("peers", "jax_peer.py")],
  },
  {
    id: "tfjs",
    title: "tfjs wasm",
    command: () => [process.execPath, script("peers", "tfjs-peer.js")],
    remark: "its WebAssembly backend uses one thread in Node, whatever --threads says",
  },
  {
    id: "jaxjs",
    title: "jax-js wasm",
    command: () => [process.execPath, script("peers", "jaxjs-peer.js")],
    remark: "its WebAssembly backend uses one thread in Node, whatever --threads says",
  },
];

/** The thread count as the libraries below the participants read it. */
const environment = (threads: number): NodeJS.ProcessEnv => ({
  ...process.env,
  OMP_NUM_THREADS: String(threads),
  MKL_NUM_THREADS: String(threads),
  OPENBLAS_NUM_THREADS: String(threads),
  XLA_FLAGS: `--xla_cpu_multi_thread_eigen=${threads > 1} intra_op_parallelism_threads=${threads}`,
  // XLA takes the size of its thread pool from here.
  NPROC: String(threads),
  PYTHONDONTWRITEBYTECODE: "1",
});

/** A request that a participant answered with an error, or did not survive. */
export class Unable extends Error {}

export interface Participant {
  readonly entry: Entry;
  readonly version: string;
  load(inputs: WrittenInputs): Promise<readonly Fingerprint[]>;
  /** Milliseconds of one compilation; undefined for libraries that do not compile. */
  compile(): Promise<number | undefined>;
  /** Milliseconds of so many steps. */
  run(steps: number): Promise<number>;
  stop(): Promise<void> | void;
}

interface Answer {
  readonly error?: string;
  readonly version?: string;
  readonly fingerprints?: readonly Fingerprint[];
  readonly milliseconds?: number | null;
}

/** A running child: requests in, answers out, one at a time. */
interface Conversation {
  readonly greeting: Answer;
  readonly child: ChildProcess;
  ask(request: object): Promise<Answer>;
}

async function converse(entry: Command, threads: number): Promise<Conversation> {
  const [command, ...args] = entry.command(threads);
  const child = spawn(command, args, { stdio: "pipe", env: environment(threads) });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-4000);
  });
  child.stdin.on("error", () => {}); // a child that died is noticed where its answer is missing
  const failed = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Answer> => {
    const line = await Promise.race([lines.next(), failed]);
    if (typeof line === "string") throw new Unable(line);
    if (line.done) throw new Unable(lastLine(complaint) || "the process ended");
    return line.value.startsWith("{") ? (JSON.parse(line.value) as Answer) : next();
  };
  const greeting = await next();
  return {
    greeting,
    child,
    ask: async (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return next();
    },
  };
}

/** Start a participant; it starts anew by itself after a workload that it did not survive. */
export async function participate(entry: Command, threads: number): Promise<Participant> {
  let conversation = await converse(entry, threads);
  let alive = true;
  const ask = async (request: object): Promise<Answer> => {
    if (!alive) {
      conversation = await converse(entry, threads);
      alive = true;
    }
    const answer = await conversation.ask(request).catch((error: unknown) => {
      alive = false;
      throw error;
    });
    if (answer.error !== undefined) throw new Unable(answer.error.split("\n")[0]);
    return answer;
  };
  return {
    entry,
    version: conversation.greeting.version ?? "",
    load: async ({ path }) => (await ask({ command: "load", inputs: path })).fingerprints ?? [],
    compile: async () => (await ask({ command: "compile" })).milliseconds ?? undefined,
    run: async (steps) => (await ask({ command: "run", steps })).milliseconds ?? 0,
    stop: () => {
      conversation.child.stdin?.end();
      conversation.child.kill();
    },
  };
}

/** The line of an error output that says what happened. */
function lastLine(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.findLast((line) => /Error|No module/.test(line)) ?? lines.at(-1) ?? "";
}
