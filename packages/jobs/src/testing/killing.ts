/** A sweep while workers are killed and the database crashes, at moments drawn from a seed. */
import { setTimeout as wait } from "node:timers/promises";
import { reproducible } from "@etude/papers";
import { findReport, openStore, type Store } from "@etude/store";
import { random } from "@etude/tensor";
import { persist } from "../persist.ts";
import { openQueue } from "../queue.ts";
import { reportId } from "../reports.ts";
import { type SweepDetails, sweepDetails } from "../status.ts";
import { submit } from "../submit.ts";
import { planSweep, type Submission } from "../sweep.ts";
import { startWorker, type WorkerProcess } from "./watched.ts";
import "./toy.ts";

/**
 * A sweep of the toy.
 *
 * @param steps of each job, each of so many milliseconds
 */
export const walks = (jobs: number, steps: number, milliseconds: number): Submission => ({
  paper: "toy-walk",
  preset: "smoke",
  set: { steps, milliseconds },
  seeds: Array.from({ length: jobs }, (_, seed) => seed),
});

export interface Trial {
  readonly url: string;
  readonly submission: Submission;
  readonly workers: number;
}

export interface Kills {
  readonly kills: number;
  /** Milliseconds between two kills, at most. */
  readonly every: number;
  readonly seed: number;
}

export interface Harm extends Kills {
  /** Ends the database as a crash does, and starts it again. */
  readonly crash: () => Promise<void>;
  readonly crashes: number;
}

export interface Undergone {
  readonly details: SweepDetails;
  /** The part of the report that must not depend on what happened. */
  readonly report: unknown;
  readonly seconds: number;
  readonly kills: number;
}

/** Submits, works and waits for the end, doing harm meanwhile. */
export async function undergo(
  { url, workers: count, submission }: Trial,
  harm?: Harm,
): Promise<Undergone> {
  const store = await openStore({ url });
  const sweep = await submitted(store, submission);
  const began = performance.now();
  const workers: WorkerProcess[] = Array.from({ length: count }, () => startWorker(url));
  let over = false;
  const harming = harm && hurt(workers, url, harm, () => over);
  try {
    const details = await untilEnded(store, sweep);
    const seconds = (performance.now() - began) / 1000;
    over = true;
    const kills = (await harming) ?? 0;
    return { details, report: await reportOf(store, sweep), seconds, kills };
  } finally {
    over = true;
    await harming?.catch(() => {});
    await Promise.all(workers.map((worker) => worker.kill()));
    await store.close();
  }
}

async function submitted(store: Store, submission: Submission): Promise<string> {
  const queue = await openQueue(store, { tend: false });
  const sweep = await submit(store, queue, await planSweep(submission), {});
  await queue.close();
  return sweep;
}

/** The same with an embedded database, whose only process is killed again and again. */
export async function undergoAlone(
  folder: string,
  submission: Submission,
  { kills, every, seed }: Kills,
): Promise<Omit<Undergone, "seconds">> {
  const before = await openStore({ folder });
  const sweep = await submitted(before, submission);
  await before.close();
  const draw = random.generator(seed);
  for (let i = 0; i < kills; i++) {
    const worker = startWorker(folder);
    await wait(every * draw.uniform());
    await worker.kill();
  }
  const last = startWorker(folder, "untilIdle");
  const status = await last.ended;
  if (status !== 0) throw new Error(`the worker ended with ${status}: ${last.said.join(" | ")}`);
  const store = await openStore({ folder });
  try {
    const details = await untilEnded(store, sweep);
    return { details, report: await reportOf(store, sweep), kills };
  } finally {
    await store.close();
  }
}

async function hurt(
  workers: WorkerProcess[],
  url: string,
  { kills, every, crash, crashes, seed }: Harm,
  isOver: () => boolean,
): Promise<number> {
  const draw = random.generator(seed);
  const crashAt = Array.from({ length: crashes }, (_, i) =>
    Math.floor(((i + 1) * kills) / (crashes + 1)),
  );
  let killed = 0;
  while (killed < kills && !isOver()) {
    await wait(every * draw.uniform());
    if (crashAt.includes(killed)) await crash();
    const victim = Math.floor(draw.uniform() * workers.length);
    await workers[victim].kill();
    killed += 1;
    workers[victim] = startWorker(url);
  }
  return killed;
}

async function untilEnded(store: Store, sweep: string): Promise<SweepDetails> {
  for (;;) {
    const details = await persist(() => sweepDetails(store, sweep));
    if (details === undefined) throw new Error("the sweep is lost");
    const { waiting, running, dead } = details.counts;
    if (waiting + running === 0 && (dead > 0 || details.reports.length > 0)) return details;
    await wait(200);
  }
}

async function reportOf(store: Store, sweep: string): Promise<unknown> {
  const found = await persist(() => findReport(store, reportId(sweep, 0)));
  return found && JSON.parse(JSON.stringify(reproducible(found.report)));
}
