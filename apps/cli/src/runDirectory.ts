/**
 * The folder of a run: `run.json` says what is run, `steps/` keeps what is done, and the report comes
 * last. A process may be killed at any moment; the next one goes on from the last finished step.
 */
import { readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { StepStore } from "@etude/papers";
import { UsageError } from "@etude/papers/errors";
import { z } from "zod";
import { sweepParts, writeAtomic } from "./atomicFile.ts";
import { lock, type Release } from "./lock.ts";
import { makeFolder } from "./makeFolder.ts";
import { stepFiles } from "./stepFiles.ts";

/** All that decides what a run computes. */
const planSchema = z.object({
  paper: z.string(),
  preset: z.string(),
  seeds: z.array(z.int()),
  options: z.record(z.string(), z.json()),
  /** The version of Etude: other code may give other numbers. */
  etude: z.string(),
  device: z.string(),
  /** null for as many as the machine has cores. */
  threads: z.int().nullable(),
  /** Seeds at a time. */
  parallel: z.int().min(1).default(1),
});

const runSchema = z.object({
  schema: z.literal(1),
  plan: planSchema,
  began: z.iso.datetime(),
  /** null until the report is written. */
  finished: z.iso.datetime().nullable(),
});

export type RecordedPlan = z.infer<typeof planSchema>;
type RecordedRun = z.infer<typeof runSchema>;

export interface RunDirectory {
  readonly store: StepStore;
  /** Steps and checkpoints of an earlier process that are gone on from. */
  readonly stepsDone: number;
  /** Writes a file of the run. */
  write(name: string, content: Uint8Array | string): Promise<void>;
  /** Notes that the report is written. */
  finish(): Promise<void>;
  /** Lets other processes in; may be called twice. */
  readonly release: Release;
}

export interface RunPlace {
  readonly folder: string;
  /** What messages call it: as the person typed it. */
  readonly said?: string;
}

/** - ask: an unfinished run is left alone; - resume: it goes on; - fresh: it is given up. */
export type WhenUnfinished = "ask" | "resume" | "fresh";

/**
 * Opens the folder of a run for this process.
 *
 * @throws UsageError when the folder is in use, holds anything else, holds an unfinished run and
 * nobody said what to do with it, or holds one of another plan that cannot be resumed with this one
 */
export async function openRunDirectory(
  { folder, said = folder }: RunPlace,
  plan: RecordedPlan,
  whenUnfinished: WhenUnfinished,
): Promise<RunDirectory> {
  await checkIsOurs(folder, said);
  await makeFolder(folder);
  const release = await lock(folder, said);
  try {
    return await prepare({ folder, said }, plan, whenUnfinished, release);
  } catch (error) {
    release();
    throw error;
  }
}

async function prepare(
  { folder, said }: Required<RunPlace>,
  plan: RecordedPlan,
  whenUnfinished: WhenUnfinished,
  release: Release,
): Promise<RunDirectory> {
  const steps = path.join(folder, "steps");
  const present = await readRun(folder, said);
  // Where no step is finished nothing can be lost, and nobody needs to be asked.
  const stepsDone = await countSteps(steps);
  const matters = present !== undefined && (present.finished !== null || stepsDone > 0);
  if (matters) checkMayGoOn(said, present, plan, whenUnfinished);
  const resumes = matters && whenUnfinished === "resume";
  const run: RecordedRun = resumes
    ? present
    : { schema: 1, plan, began: new Date().toISOString(), finished: null };
  // The old steps go before the new plan comes: at no moment do they lie beside each other.
  if (!resumes) {
    await rm(path.join(folder, "run.json"), { force: true });
    await rm(steps, { recursive: true, force: true });
    await setAsideReport(folder);
  }
  await makeFolder(steps);
  await Promise.all([sweepParts(folder), sweepParts(steps)]);
  const write = (name: string, content: Uint8Array | string) =>
    writeAtomic(path.join(folder, name), content);
  if (!resumes) await write("run.json", shown(run));
  return {
    store: stepFiles(steps),
    stepsDone: resumes ? stepsDone : 0,
    write,
    finish: () => write("run.json", shown({ ...run, finished: new Date().toISOString() })),
    release,
  };
}

/** Finished steps and checkpoints. */
async function countSteps(steps: string): Promise<number> {
  const names = await readdir(steps).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return names.filter((name) => name.endsWith(".step")).length;
}

/** The report of an earlier run is kept under another name until the next one is done. */
async function setAsideReport(folder: string): Promise<void> {
  await rm(path.join(folder, "report.html"), { force: true });
  try {
    await rename(path.join(folder, "report.json"), path.join(folder, "report.previous.json"));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

const shown = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function checkMayGoOn(
  said: string,
  { plan: old, began, finished }: RecordedRun,
  plan: RecordedPlan,
  whenUnfinished: WhenUnfinished,
): void {
  if (whenUnfinished === "fresh") return;
  if (whenUnfinished === "resume") {
    const differences = differ(old, plan);
    if (differences.length > 0) {
      throw new UsageError(
        `${said} cannot be resumed with another plan: ${differences.join("; ")}; ask for the same again, or pass --fresh to give up what is there`,
      );
    }
    return;
  }
  if (finished === null) {
    throw new UsageError(
      `${said} holds an unfinished run of ${old.paper}, begun ${began.slice(0, 16).replace("T", " ")} UTC; pass --resume to go on with it, --fresh to start again, or another --out`,
    );
  }
  if (old.paper !== plan.paper) {
    throw new UsageError(
      `${said} holds a finished run of ${old.paper}; give another --out, or pass --fresh to replace it`,
    );
  }
}

/**
 * The plan of the run that a folder holds, if any.
 *
 * @throws UsageError when its record cannot be read
 */
export async function planIn({
  folder,
  said = folder,
}: RunPlace): Promise<RecordedPlan | undefined> {
  return (await readRun(folder, said))?.plan;
}

/** What differs between two plans, in words: "seeds were 0,1 and are now 0". */
export function differ(old: RecordedPlan, plan: RecordedPlan): string[] {
  // How many seeds are computed at a time changes none of them.
  const flat = ({ options, parallel, ...rest }: RecordedPlan): Record<string, unknown> => ({
    ...rest,
    ...Object.fromEntries(
      Object.entries(options).map(([name, value]) => [`option ${name}`, value]),
    ),
  });
  const [before, now] = [flat(old), flat(plan)];
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]))
    .map((name) => `${name} was ${said(before[name])} and is now ${said(now[name])}`);
}

const said = (value: unknown): string =>
  value === undefined ? "absent" : typeof value === "string" ? value : JSON.stringify(value);

async function readRun(folder: string, said: string): Promise<RecordedRun | undefined> {
  const file = path.join(folder, "run.json");
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    return runSchema.parse(JSON.parse(text));
  } catch {
    throw new UsageError(
      `${path.join(said, "run.json")} is not the record of a run this version can read; give another --out, or remove that folder`,
    );
  }
}

/** Files a run may leave before it has a record. */
const early = /^(lock(\..*)?|steps|.*\.part)$/;

/** Nothing is written among files of somebody else. */
async function checkIsOurs(folder: string, said: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    if (error.code === "ENOENT") return;
    if (error.code === "ENOTDIR") throw new UsageError(`--out ${said}: it is a file, not a folder`);
    throw error;
  }
  const foreign = names.find((name) => !early.test(name));
  if (foreign !== undefined && !names.includes("run.json")) {
    throw new UsageError(
      `--out ${said}: the folder holds other files (${foreign}) and no run; give a new or an empty folder`,
    );
  }
}
