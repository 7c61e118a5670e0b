/**
 * The process that computes one seed. It keeps nothing: its steps go to the program that started it, which has the
 * store. It ends with that program, and whatever it does to itself, the program lives on.
 */
import { DataError, dataLoader } from "@etude/data";
import { defaultDevice, setDefaultDevice, setThreads } from "@etude/tensor";
import type { RunEvent } from "../contract/events.ts";
import { loadPaper } from "../registry.ts";
import { runEnvironment } from "../run/nodeEnvironment.ts";
import type { StepStore } from "../run/steps.ts";
import { planVerify, runSeed } from "../run/verify.ts";
import { encodeOutcome } from "./outcome.ts";
import type { Failure, FromRunner, ToRunner, Work } from "./protocol.ts";

const say = (message: FromRunner): Promise<void> =>
  new Promise((resolve) => {
    // Who is gone hears nothing; "disconnect" ends this process.
    process.send?.(message, undefined, {}, () => resolve());
  });

process.on("disconnect", () => process.exit(1));
// Ctrl-C goes to all processes of a terminal; the one that started this one decides what becomes of it.
process.on("SIGINT", () => {});
process.on("SIGHUP", () => {});

let requests = 0;
const waiting = new Map<number, (bytes: Uint8Array | undefined) => void>();
const answered = (request: number): Promise<Uint8Array | undefined> =>
  new Promise((resolve) => waiting.set(request, resolve));

const store: StepStore = {
  load(name) {
    const request = requests++;
    void say({ type: "load", request, name });
    return answered(request);
  },
  async save(name, bytes) {
    const request = requests++;
    void say({ type: "save", request, name, bytes });
    await answered(request);
  },
};

/** Milliseconds between two reports of progress; nobody reads faster. */
const often = 500;
let told = 0;

function tell(event: RunEvent): void {
  if (event.type === "picture" || event.type === "figure") return;
  const now = performance.now();
  if (event.type === "progress" && now - told < often) return;
  if (event.type === "progress") told = now;
  void say({ type: "event", event });
}

async function run({ paper, request, seed, device, threads, atOnce }: Work): Promise<Uint8Array> {
  if (device !== undefined) setDefaultDevice(device);
  setThreads(threads);
  const { experiment } = await loadPaper(paper);
  const plan = planVerify(experiment, request);
  const { signal } = new AbortController();
  const environment = runEnvironment(defaultDevice(), threads, atOnce);
  const surroundings = { data: dataLoader(), store, signal, environment };
  const running = runSeed(experiment, plan, seed, surroundings);
  for (;;) {
    const next = await running.next();
    if (next.done) return encodeOutcome({ outcome: next.value, environment });
    tell(next.value);
  }
}

/** Troubles of this machine: its disk, its memory, data that it cannot get. */
function isOfMachine(error: unknown): boolean {
  if (error instanceof DataError) return true;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return ["ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "ENOMEM", "EROFS"].includes(code);
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message, stack } = error;
  return { name, message, ...(stack !== undefined && { stack }) };
}

async function start(work: Work): Promise<void> {
  const meter = setInterval(() => {
    const megabytes = process.memoryUsage.rss() / 2 ** 20;
    void say({ type: "memory", megabytes });
  }, 1000);
  try {
    await say({ type: "done", outcome: await run(work) });
  } catch (error) {
    await say({ type: "failed", failure: failureOf(error), machine: isOfMachine(error) });
  } finally {
    clearInterval(meter);
    process.exit(0);
  }
}

process.on("message", (message: ToRunner) => {
  if (message.type === "work") return void start(message.work);
  waiting.get(message.request)?.(message.bytes);
  waiting.delete(message.request);
});
