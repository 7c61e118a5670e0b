/** How often an address may be written to because somebody typed it into a form. */
import { type Database, ingestState } from "@etude/store";
import { and, eq, like, lt } from "drizzle-orm";
import { z } from "zod";
import { hour } from "./clock.ts";

/** Mails an address and hour. */
export const requestLimit = 3;

const timesSchema = z.array(z.coerce.date());

const placeOf = (subscriber: number) => `mail:${subscriber}`;

/**
 * Counts a request for a subscriber's address, unless there were enough in the last hour. The caller
 * holds the subscriber's row locked.
 *
 * The times are kept in the store's table of states, as `subscribers` has no column for them.
 *
 * @returns whether the address may be written to
 */
export async function countRequest(tx: Database, subscriber: number, now: Date): Promise<boolean> {
  const source = placeOf(subscriber);
  const [row] = await tx.select().from(ingestState).where(eq(ingestState.source, source));
  const since = now.getTime() - hour;
  const recent = timesSchema.parse(row?.state ?? []).filter((time) => time.getTime() > since);
  if (recent.length >= requestLimit) return false;
  const state = [...recent, now];
  await tx
    .insert(ingestState)
    .values({ source, state, saved: now })
    .onConflictDoUpdate({ target: ingestState.source, set: { state, saved: now } });
  return true;
}

/** Drops counts that no longer limit anything. */
export async function forgetRequests(db: Database, now: Date): Promise<void> {
  const old = new Date(now.getTime() - hour);
  await db
    .delete(ingestState)
    .where(and(like(ingestState.source, "mail:%"), lt(ingestState.saved, old)));
}
