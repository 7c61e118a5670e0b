/**
 * The outbox: a row of `deliveries` for each digest and subscriber.
 *
 *     queued -> sending -> sent
 *        ^         |-----> failed   (for good, with the reason)
 *        '---------'                (certainly not sent, to be tried again)
 *
 * A delivery is claimed before anything else happens (`sending`), and its Message-ID is written right
 * before the message is handed to the server. So a row that is left behind by a process that died says
 * itself whether the message may have gone out: with a Message-ID it may have, and is not sent again;
 * without one it has not.
 *
 * `attempts` counts claims and serves as the claim's ticket: every later step of a claim applies only
 * while the row is still `sending` with that count, so that a process that was stalled beyond its lease
 * cannot interfere with the one that took over.
 */
import { deliveries, type Store } from "@etude/store";
import { and, count, eq, min, sql } from "drizzle-orm";
import { hour, minute, second } from "./clock.ts";

/** What has been claimed: one delivery, by the process that holds this. */
export interface Claim {
  readonly digest: number;
  readonly subscriber: number;
  /** How many times it has been claimed, this time included. */
  readonly attempts: number;
  /** What the try before this one ended with. */
  readonly lastError: string | null;
}

/** How long a claim is good, in milliseconds: longer than any sending takes. */
export const lease = 10 * minute;

/** How long after a try the next one comes, in milliseconds: after the first, the second, ... */
export const backOff = [1, 5, 15, 60, 180, 360].map((minutes) => minutes * minute);

/** A digest that is older than this, in milliseconds, is not sent any more. */
export const tooLate = 72 * hour;

const dueAt = sql<Date>`${deliveries.changed} + ((array[${sql.join(
  [0, ...backOff].map((delay) => sql.raw(String(delay / second))),
  sql`, `,
)}])[least(${deliveries.attempts}, ${sql.raw(String(backOff.length))}) + 1] * interval '1 second')`;

/** Waits for a try, and need not wait longer. */
export const isDue = (now: Date) =>
  and(eq(deliveries.status, "queued"), sql`${dueAt} <= ${now.toISOString()}::timestamptz`);

/** How many deliveries could be claimed now. */
export async function countDue(store: Store, now: Date): Promise<number> {
  const [{ due }] = await store.db.select({ due: count() }).from(deliveries).where(isDue(now));
  return due;
}

/** When the next delivery that waits for another try may be tried. */
export async function nextTry(store: Store): Promise<Date | undefined> {
  const [{ next }] = await store.db
    .select({ next: min(dueAt) })
    .from(deliveries)
    .where(eq(deliveries.status, "queued"));
  return next === null ? undefined : new Date(next);
}
