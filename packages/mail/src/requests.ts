/** How often an address may be written to because somebody typed it into a form. */
import { type Database, ingestState } from "@etude/store";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { hour } from "./clock.ts";

/** Mails an address and hour. */
export const requestLimit = 3;

/** The requests of the last hour: whose, and when in milliseconds since 1970. */
const requestsSchema = z.array(z.object({ subscriber: z.number(), time: z.number() }));

/** In the store's table of states, as `subscribers` has no column for it. */
const source = "mail requests";

/**
 * Counts a request for a subscriber's address, unless there were enough in the last hour. The caller
 * holds the subscriber's row locked.
 *
 * @returns whether the address may be written to
 */
export async function countRequest(tx: Database, subscriber: number, now: Date): Promise<boolean> {
  await tx
    .insert(ingestState)
    .values({ source, state: [], saved: now })
    .onConflictDoNothing({ target: ingestState.source });
  // Two requests at a time would each count without the other.
  const [row] = await tx
    .select()
    .from(ingestState)
    .where(eq(ingestState.source, source))
    .for("update");
  const since = now.getTime() - hour;
  const recent = requestsSchema.parse(row.state).filter(({ time }) => time > since);
  if (recent.filter((each) => each.subscriber === subscriber).length >= requestLimit) return false;
  await tx
    .update(ingestState)
    .set({ state: [...recent, { subscriber, time: now.getTime() }], saved: now })
    .where(eq(ingestState.source, source));
  return true;
}
