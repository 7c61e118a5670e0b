/** How sweeps are getting on, and what a person does about it. */
import { UsageError } from "@etude/papers/errors";
import { type jobStates, jobs, reports, type Store, sweeps } from "@etude/store";
import { and, asc, desc, eq, inArray, like, sql } from "drizzle-orm";
import type { Queue } from "./queue.ts";
import { seedsOf, settingsOf } from "./sweep.ts";

export type JobState = (typeof jobStates)[number];

export interface SweepListing {
  readonly id: string;
  readonly paper: string;
  readonly preset: string;
  readonly settings: readonly string[];
  readonly seeds: readonly number[];
  readonly created: Date;
  readonly counts: Readonly<Record<JobState, number>>;
  /** Of all its jobs, from 0 to 1. */
  readonly done: number;
}

export interface JobListing {
  readonly id: string;
  readonly setting: string;
  readonly seed: number;
  readonly state: JobState;
  readonly attempt: number;
  readonly failures: number;
  readonly error: string | null;
  readonly worker: string | null;
  /** From 0 to 1. */
  readonly done: number;
  readonly label: string | null;
  readonly begun: Date | null;
  readonly changed: Date;
}

export interface SweepDetails extends SweepListing {
  readonly jobs: readonly JobListing[];
  /** Of settings whose seeds are all done. */
  readonly reports: readonly { readonly setting: string; readonly id: string }[];
}

const open = ["waiting", "running"] as const;

/** Whether any job waits or is in hand. */
export async function anyOpen({ db }: Store): Promise<boolean> {
  const found = await db
    .select({ id: jobs.id })
    .from(jobs)
    .where(inArray(jobs.state, [...open]))
    .limit(1);
  return found.length > 0;
}

const counted = (state: JobState) =>
  sql<number>`(count(*) filter (where ${jobs.state} = ${state}))::int`;

const listed = {
  sweep: sweeps,
  counts: {
    waiting: counted("waiting"),
    running: counted("running"),
    done: counted("done"),
    dead: counted("dead"),
    cancelled: counted("cancelled"),
  },
  done: sql<number>`avg(case when ${jobs.state} in ('waiting', 'running') then
    least(1, ${jobs.done} / greatest(${jobs.total}, 1e-9)) else 1 end)::float`,
};

/** The newest sweeps first. */
export async function listSweeps({ db }: Store, limit = 50): Promise<SweepListing[]> {
  const rows = await db
    .select(listed)
    .from(sweeps)
    .innerJoin(jobs, eq(jobs.sweep, sweeps.id))
    .groupBy(sweeps.id)
    .orderBy(desc(sweeps.created), asc(sweeps.id))
    .limit(limit);
  return rows.map(listing);
}

const listing = ({
  sweep,
  counts,
  done,
}: {
  sweep: typeof sweeps.$inferSelect;
  counts: SweepListing["counts"];
  done: number;
}): SweepListing => ({
  id: sweep.id,
  paper: sweep.paper,
  preset: sweep.preset,
  settings: settingsOf(sweep.settings).map(({ name }) => name),
  seeds: seedsOf(sweep.seeds),
  created: sweep.created,
  counts,
  done,
});

/** One sweep with its jobs; undefined where there is none. */
export async function sweepDetails({ db }: Store, id: string): Promise<SweepDetails | undefined> {
  if (!/^[0-9a-f]{16}$/.test(id)) return undefined;
  const [row] = await db
    .select(listed)
    .from(sweeps)
    .innerJoin(jobs, eq(jobs.sweep, sweeps.id))
    .where(eq(sweeps.id, id))
    .groupBy(sweeps.id);
  if (row === undefined) return undefined;
  const whole = listing(row);
  const rows = await db
    .select()
    .from(jobs)
    .where(eq(jobs.sweep, id))
    .orderBy(asc(jobs.setting), asc(jobs.seed));
  const made = await db
    .select({ id: reports.id })
    .from(reports)
    .where(
      inArray(
        reports.id,
        whole.settings.map((_, setting) => `${id}-${setting}`),
      ),
    );
  const places = made.map(({ id: report }) => Number(report.slice(id.length + 1)));
  return {
    ...whole,
    jobs: rows.map((job) => ({
      id: job.id,
      setting: whole.settings[job.setting],
      seed: job.seed,
      state: job.state,
      attempt: job.attempt,
      failures: job.failures,
      error: job.error,
      worker: job.worker,
      done: Math.min(1, job.done / Math.max(job.total, 1e-9)),
      label: job.label,
      begun: job.begun,
      changed: job.changed,
    })),
    reports: places
      .sort((a, b) => a - b)
      .map((setting) => ({ setting: whole.settings[setting], id: `${id}-${setting}` })),
  };
}

/**
 * The identifier that a person means by its beginning.
 *
 * @throws UsageError where none or several begin so
 */
export async function findSweep({ db }: Store, beginning: string): Promise<string> {
  const escaped = beginning.replace(/[\\%_]/g, "\\$&");
  const found = await db
    .select({ id: sweeps.id })
    .from(sweeps)
    .where(like(sweeps.id, `${escaped}%`))
    .limit(2);
  if (found.length === 0) throw new UsageError(`there is no sweep ${beginning}; see: etude jobs`);
  if (found.length > 1) throw new UsageError(`several sweeps begin with ${beginning}; say more`);
  return found[0].id;
}

/** Takes jobs that are not done out of the queue; running ones stop soon. @returns how many */
export async function cancelSweep({ db }: Store, id: string): Promise<number> {
  const cancelled = await db
    .update(jobs)
    .set({ state: "cancelled", changed: sql`now()` })
    .where(and(eq(jobs.sweep, id), inArray(jobs.state, [...open])))
    .returning({ id: jobs.id });
  return cancelled.length;
}

/** Puts dead and cancelled jobs into the queue again, with all tries. @returns how many */
export const retrySweep = ({ db }: Store, queue: Queue, id: string): Promise<number> =>
  db.transaction(async (tx) => {
    const [sweep] = await tx.select().from(sweeps).where(eq(sweeps.id, id));
    const again = await tx
      .update(jobs)
      .set({ state: "waiting", failures: 0, deaths: 0, error: null, changed: sql`now()` })
      .where(and(eq(jobs.sweep, id), inArray(jobs.state, ["dead", "cancelled"])))
      .returning({ id: jobs.id });
    const ids = again.map((job) => job.id);
    if (ids.length > 0) await queue.put(ids, sweep.priority, tx);
    return ids.length;
  });

/** Forgets a sweep, its jobs and their steps; reports stay. @returns whether there was one */
export async function deleteSweep({ db }: Store, id: string): Promise<boolean> {
  const gone = await db.delete(sweeps).where(eq(sweeps.id, id)).returning({ id: sweeps.id });
  return gone.length > 0;
}
