/**
 * A job in somebody's hands. Whoever begins a job gets the number of its attempt, and what it writes counts as
 * long as no other attempt has begun; only a result is taken from anybody, the first that comes: the same options
 * and seed give the same result.
 */
import { checkpoints, jobs, type Store, sweeps } from "@etude/store";
import { and, eq, inArray, sql } from "drizzle-orm";
import type { Message, Queue } from "./queue.ts";
import { type Setting, type Sweep, seedsOf, settingsOf } from "./sweep.ts";

/** Times that a job may fail by itself. */
export const tries = 3;
/** Workers that may die while they have it: so many do not die by chance. */
export const deathsAllowed = 12;

export interface Claim {
  readonly job: string;
  readonly attempt: number;
  readonly message: Message;
  readonly sweep: Omit<Sweep, "settings"> & { readonly id: string };
  readonly setting: Setting;
  readonly seed: number;
  readonly minutes: number;
  readonly megabytes: number;
}

const isOpen = inArray(jobs.state, ["waiting", "running"]);

/**
 * Begins the job of a message.
 *
 * @returns undefined when there is nothing to do: it is done, cancelled, or too many workers died of it
 */
export async function claim(
  { db }: Store,
  queue: Queue,
  message: Message,
  worker: string,
): Promise<Claim | undefined> {
  return db.transaction(async (tx) => {
    const diedNow = sql`case when ${jobs.state} = 'running' then 1 else 0 end`;
    const [begun] = await tx
      .update(jobs)
      .set({
        state: "running",
        attempt: sql`${jobs.attempt} + 1`,
        deaths: sql`${jobs.deaths} + ${diedNow}`,
        worker,
        message: message.id,
        label: null,
        begun: sql`now()`,
        changed: sql`now()`,
      })
      .where(and(eq(jobs.id, message.job), isOpen))
      .returning();
    if (begun === undefined) {
      await queue.settle(message, tx);
      return undefined;
    }
    if (begun.deaths > deathsAllowed) {
      const error = `${begun.deaths} workers died while they had it, the last one was ${worker}`;
      await tx.update(jobs).set({ state: "dead", error }).where(eq(jobs.id, begun.id));
      await queue.settle(message, tx);
      return undefined;
    }
    const [sweep] = await tx.select().from(sweeps).where(eq(sweeps.id, begun.sweep));
    const { id, paper, preset, minutes, megabytes } = sweep;
    return {
      job: begun.id,
      attempt: begun.attempt,
      message,
      sweep: { id, paper, preset, seeds: seedsOf(sweep.seeds) },
      setting: settingsOf(sweep.settings)[begun.setting],
      seed: begun.seed,
      minutes,
      megabytes,
    };
  });
}

const isMine = ({ job, attempt }: Claim) =>
  and(eq(jobs.id, job), eq(jobs.attempt, attempt), eq(jobs.state, "running"));

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly label: string;
}

/**
 * A sign of life.
 *
 * @returns whether the job is still this claim's: it may have been cancelled, or given to another worker
 */
export async function beat(
  { db }: Store,
  queue: Queue,
  claim: Claim,
  progress: Progress | undefined,
): Promise<boolean> {
  await queue.touch(claim.message);
  const mine = await db
    .update(jobs)
    .set({ ...progress, changed: sql`now()` })
    .where(isMine(claim))
    .returning({ id: jobs.id });
  return mine.length > 0;
}

/** The result. @returns whether it was the first */
export const finish = (
  { db }: Store,
  queue: Queue,
  { job, message }: Claim,
  outcome: Uint8Array,
): Promise<boolean> =>
  db.transaction(async (tx) => {
    const first = await tx
      .update(jobs)
      .set({
        state: "done",
        outcome,
        error: null,
        done: 1,
        total: 1,
        label: null,
        changed: sql`now()`,
      })
      .where(and(eq(jobs.id, job), isOpen))
      .returning({ id: jobs.id });
    if (first.length > 0) await tx.delete(checkpoints).where(eq(checkpoints.job, job));
    await queue.settle(message, tx);
    return first.length > 0;
  });

/**
 * It failed by itself: it waits for its next try, or is dead after the last one. Its finished steps stay.
 *
 * @returns whether it will be tried again
 */
export const fail = ({ db }: Store, queue: Queue, claim: Claim, error: string): Promise<boolean> =>
  db.transaction(async (tx) => {
    const failures = sql`${jobs.failures} + 1`;
    const [failed] = await tx
      .update(jobs)
      .set({
        failures,
        state: sql`case when ${failures} < ${tries}::int then 'waiting' else 'dead' end`,
        error: error.replaceAll("\0", "").slice(0, 2000),
        changed: sql`now()`,
      })
      .where(isMine(claim))
      .returning({ state: jobs.state });
    if (failed?.state === "waiting") await queue.giveBack(claim.message, tx);
    else await queue.settle(claim.message, tx);
    return failed?.state === "waiting";
  });

/** It is somebody else's turn: this worker stops, or cannot go on. */
export const release = ({ db }: Store, queue: Queue, claim: Claim): Promise<void> =>
  db.transaction(async (tx) => {
    const released = await tx
      .update(jobs)
      .set({ state: "waiting", changed: sql`now()` })
      .where(isMine(claim))
      .returning({ id: jobs.id });
    if (released.length > 0) await queue.giveBack(claim.message, tx);
    else await queue.settle(claim.message, tx);
  });
