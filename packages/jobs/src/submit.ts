/** Sweeps into the queue. */
import { randomBytes, randomUUID } from "node:crypto";
import { UsageError } from "@etude/papers/errors";
import { jobs, type Store, sweeps } from "@etude/store";
import { count, inArray, sql } from "drizzle-orm";
import type { Queue } from "./queue.ts";
import type { Sweep } from "./sweep.ts";

export interface Terms {
  /** The greater, the earlier; 0 by default. */
  readonly priority?: number;
  /** Of an attempt at a job. */
  readonly minutes?: number;
  /** Of memory, for a job. */
  readonly megabytes?: number;
  /** Whose token it was, where it came from outside. */
  readonly token?: number;
}

/** Jobs that may wait at a time; more would only hide how late the last of them will be. */
export const mostWaiting = 20_000;

/** Minutes of an attempt: the queue gives up on a message after a day. */
const longest = 23 * 60;

/** Any number; submissions at the same time count the queue one after the other. */
const submissionLock = 7_083_412;

/**
 * Puts a sweep into the queue: its jobs and their messages appear together, or not at all.
 *
 * @returns the identifier of the sweep
 * @throws UsageError when the queue is full, or a term is out of its range
 */
export async function submit(
  { db }: Store,
  queue: Queue,
  { paper, preset, seeds, settings }: Sweep,
  { priority = 0, minutes = 60, megabytes = 4096, token }: Terms,
): Promise<string> {
  checkTerm("priority", priority, -100, 100);
  checkTerm("minutes", minutes, 1, longest);
  checkTerm("megabytes", megabytes, 128, 1_000_000);
  const id = randomBytes(8).toString("hex");
  const rows = settings.flatMap((_, setting) =>
    seeds.map((seed) => ({
      id: randomUUID(),
      sweep: id,
      setting,
      seed,
      state: "waiting" as const,
      changed: sql`now()`,
    })),
  );
  await db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${submissionLock})`);
    const [{ open }] = await tx
      .select({ open: count() })
      .from(jobs)
      .where(inArray(jobs.state, ["waiting", "running"]));
    if (open + rows.length > mostWaiting)
      throw new UsageError(
        `the queue is full: ${open} jobs are in it, ${rows.length} more would pass ${mostWaiting}`,
      );
    await tx.insert(sweeps).values({
      id,
      paper,
      preset,
      seeds,
      settings,
      priority,
      minutes,
      megabytes,
      token: token ?? null,
      created: sql`now()`,
    });
    await tx.insert(jobs).values(rows);
    await queue.put(
      rows.map((row) => row.id),
      priority,
      tx,
    );
  });
  return id;
}

function checkTerm(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new UsageError(`${name} ${value}: expected a whole number from ${least} to ${most}`);
}
