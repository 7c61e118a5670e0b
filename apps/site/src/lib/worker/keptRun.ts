/** A run of an experiment with its place in the database: one tab at a time, and the steps of old builds go. */
import {
  memoryStore,
  type RunEvent,
  type StepStore,
  type VerifyPlan,
  type VerifyReport,
} from "@etude/papers";
import { UsageError } from "@etude/papers/errors";
import { type KeptRun, openRuns, type RunDatabase } from "./idbStore.ts";
import type { VerifyRequest } from "./protocol.ts";
import { runId } from "./runId.ts";

export interface VerifyRun {
  readonly store: StepStore;
  /** Steps and checkpoints of an earlier time that are gone on from. */
  readonly steps: number;
  /** What the visitor should know of how this run is kept. */
  readonly warning?: string;
  /** Looks at how far the run is. */
  note(events: readonly RunEvent[]): void;
  finish(report: VerifyReport): Promise<void>;
  close(): void;
}

export interface VerifyRunOptions {
  readonly request: VerifyRequest;
  readonly plan: VerifyPlan;
  readonly device: string;
  readonly resume: boolean;
}

/**
 * Opens the place of a run, emptied unless it is to be resumed.
 *
 * @throws UsageError when the same run is going on in another tab
 */
export async function openVerifyRun(options: VerifyRunOptions): Promise<VerifyRun> {
  const database = await openRuns().catch(() => undefined);
  if (database === undefined) return unkept();
  try {
    return await openIn(database, options);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Where the browser has no database the run goes on, and is lost with its tab. */
const unkept = (): VerifyRun => ({
  store: memoryStore(),
  steps: 0,
  warning: "this browser keeps nothing here: the run is lost when its tab is closed",
  note: () => {},
  finish: async () => {},
  close: () => {},
});

/** Other runs of the same paper that are kept. */
const mostOthers = 3;

async function openIn(
  database: RunDatabase,
  { request, plan, device, resume }: VerifyRunOptions,
): Promise<VerifyRun> {
  const { slug } = request;
  const code = buildOfThisWorker();
  const id = await runId({ slug, plan, code, device });
  const release = await lock(id);
  try {
    const earlier = await database.list(slug);
    const outdated = earlier.filter((run) => run.code !== code);
    const others = earlier.filter((run) => run.code === code && run.id !== id);
    for (const run of [...outdated, ...others.slice(mostOthers)]) await database.drop(run.id);
    if (!resume) await database.drop(id);
    const steps = await database.count(id);
    const found = earlier.find((run) => run.id === id);
    let run: KeptRun = {
      id,
      slug,
      request,
      code,
      began: resume && found !== undefined ? found.began : new Date().toISOString(),
      fraction: resume && found !== undefined ? found.fraction : 0,
      report: null,
    };
    await database.keep(run);
    const inner = database.steps(id);
    return {
      store: {
        load: inner.load,
        async save(name, bytes) {
          await inner.save(name, bytes);
          await database.keep(run);
        },
      },
      steps,
      ...(resume &&
        steps === 0 &&
        outdated.length > 0 && {
          warning: "the site was renewed since this run began, so it begins again",
        }),
      note(events) {
        for (const event of events)
          if (event.type === "progress" && event.total > 0)
            run = { ...run, fraction: Math.min(1, event.done / event.total) };
      },
      finish: (report) => database.finish({ ...run, fraction: 1, report }),
      close() {
        database.close();
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** The name of the worker's file, which changes with everything it is built from. */
const buildOfThisWorker = (): string => new URL(globalThis.location.href).pathname;

/** Keeps other tabs out until the function that it gives is called, or this worker ends. */
async function lock(id: string): Promise<() => void> {
  if (navigator.locks === undefined) return () => {};
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(`etude-run-${id}`, { ifAvailable: true }, (held) => {
        if (held === null) {
          reject(new UsageError("the same run is going on in another tab"));
          return;
        }
        return new Promise<void>((release) => resolve(release));
      })
      .catch(reject);
  });
}
