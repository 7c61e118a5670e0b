/** What the worker does for the page, one thing at a time. */
import { dataSet } from "@etude/data";
import {
  isRunnable,
  loadPaper,
  memoryStore,
  type Paper,
  planVerify,
  type UserInput,
  use,
  verify,
} from "@etude/papers";
import { UsageError } from "@etude/papers/errors";
import { checkSets, siteLoader, siteSource } from "./dataFiles.ts";
import { describePaper } from "./describe.ts";
import { drive } from "./drive.ts";
import { type Engine, startEngine } from "./engine.ts";
import { browserEnvironment, browserFacts } from "./environment.ts";
import { readInput, summaryOf } from "./inputs.ts";
import { openVerifyRun } from "./keptRun.ts";
import type { ComputeDevice, GivenFile, Job, WorkerEvent } from "./protocol.ts";

/** What a job works with. */
export interface Desk {
  readonly signal: AbortSignal;
  tell(event: WorkerEvent): void;
  /** The visitor's files, read, by the names of their slots. */
  readonly inputs: Map<string, UserInput>;
}

/** Does a job to its end. What it finds it tells; what fails it throws. */
export async function perform(job: Job, desk: Desk): Promise<void> {
  switch (job.type) {
    case "describe":
      return desk.tell({ type: "described", about: describePaper(await paperOf(job.slug, desk)) });
    case "read":
      return read(job, job.files, desk);
    case "example":
      return read(job, [await exampleFile(job.set, desk)], desk);
    case "forget":
      desk.inputs.delete(job.slot);
      return;
    case "verify":
      return verifyPaper(job, desk);
    case "use":
      return usePaper(job, desk);
  }
}

async function paperOf(slug: string, { tell }: Desk): Promise<Paper> {
  if (!isRunnable(slug)) return loadPaper(slug); // says what is wrong
  tell({ type: "loading", label: "loading the paper's code" });
  return loadPaper(slug);
}

async function engineOf(device: ComputeDevice, { tell }: Desk): Promise<Engine> {
  tell({ type: "loading", label: "loading the engine" });
  const engine = await startEngine(device);
  tell({ type: "ready", device: engine.describe });
  if (engine.device !== device)
    tellLog(`there is no ${device} here, so ${engine.device} is used`, { tell });
  return engine;
}

/** Paper and engine come first: once the visitor's file is open, nothing is requested any more. */
async function read(
  { slug, slot, device }: { slug: string; slot: string; device: ComputeDevice },
  files: readonly GivenFile[],
  desk: Desk,
): Promise<void> {
  const paper = await paperOf(slug, desk);
  await engineOf(device, desk);
  if (!Object.hasOwn(paper.use.inputs, slot)) throw new UsageError(`there is no input "${slot}"`);
  desk.inputs.delete(slot);
  const input = await readInput(slot, paper.use.inputs[slot], files);
  desk.inputs.set(slot, input);
  desk.tell({ type: "read", summary: summaryOf(slot, input) });
}

/** A table of the catalogue as the file it lies in, to be read like one of the visitor's. */
async function exampleFile(set: string, { signal, tell }: Desk): Promise<GivenFile> {
  const source = siteSource({ signal, tell: (label) => tell({ type: "loading", label }) });
  const [stored] = dataSet(set).files;
  const path = stored.path.split("/").at(-1) ?? set;
  return { path, file: new File([await source.bytes(stored, { signal })], path) };
}

async function verifyPaper(
  { request, resume }: Extract<Job, { type: "verify" }>,
  desk: Desk,
): Promise<void> {
  const { signal, tell } = desk;
  const paper = await paperOf(request.slug, desk);
  const plan = planVerify(paper.experiment, request);
  await checkSets(paper.experiment.data(plan.options), signal);
  const engine = await engineOf(request.device, desk);
  const kept = await openVerifyRun({ request, plan, device: engine.describe, resume });
  try {
    if (kept.warning !== undefined) tellLog(kept.warning, desk);
    if (kept.steps > 0) tell({ type: "resumed", steps: kept.steps });
    const running = verify(paper, plan, {
      data: siteLoader({ signal, tell: (label) => tell({ type: "loading", label }) }),
      store: kept.store,
      signal,
      environment: browserEnvironment(browserFacts(), engine.describe),
    });
    const report = await drive(running, (events) => {
      kept.note(events);
      tell({ type: "run", events });
    });
    await kept.finish(report);
    tell({ type: "report", report });
  } finally {
    kept.close();
  }
}

async function usePaper(
  { slug, seed, options, device }: Extract<Job, { type: "use" }>,
  desk: Desk,
): Promise<void> {
  const { signal, tell, inputs } = desk;
  const paper = await paperOf(slug, desk);
  const engine = await engineOf(device, desk);
  const running = use(
    paper,
    { seed, options, inputs: Object.fromEntries(inputs) },
    {
      data: siteLoader({ signal, tell: (label) => tell({ type: "loading", label }) }),
      // Nothing of the visitor's data is written anywhere.
      store: memoryStore(),
      signal,
      environment: browserEnvironment(browserFacts(), engine.describe),
    },
  );
  const { report, files } = await drive(running, (events) => tell({ type: "run", events }));
  for (const { name, describe, bytes } of files)
    tell({ type: "file", name, describe, bytes: new Uint8Array(bytes) });
  tell({ type: "report", report });
}

const tellLog = (message: string, { tell }: Pick<Desk, "tell">): void =>
  tell({ type: "run", events: [{ type: "log", message }] });
