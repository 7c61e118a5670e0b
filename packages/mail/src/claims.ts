/** What happens to a claim, each step in one statement or transaction: see outbox.ts for the states. */
import { type Database, deliveries, type Store, subscribers } from "@etude/store";
import {
  and,
  asc,
  count,
  desc,
  eq,
  gt,
  isNotNull,
  isNull,
  like,
  lte,
  min,
  or,
  sql,
} from "drizzle-orm";
import { minute } from "./clock.ts";
import { type Claim, isDue } from "./outbox.ts";

/** Any number that nothing else locks. */
const claimLock = 5_190_027;

/**
 * Claims the delivery that has waited longest. Any number of processes may claim at the same time:
 * each row goes to one of them.
 *
 * @param perMinute claims allowed in a minute, by all processes together
 * @returns the claim; or when to ask again, as the minute's share is used up; or nothing
 */
export function claimNext(
  store: Store,
  now: Date,
  perMinute: number,
): Promise<Claim | Date | undefined> {
  return store.db.transaction(async (tx) => {
    const full = await fullUntil(tx, now, perMinute);
    if (full !== undefined) return full;
    const [next] = await tx
      .select({ digest: deliveries.digest, subscriber: deliveries.subscriber })
      .from(deliveries)
      .where(isDue(now))
      .orderBy(asc(deliveries.changed), asc(deliveries.digest), asc(deliveries.subscriber))
      .limit(1)
      .for("update", { skipLocked: true });
    if (next === undefined) return undefined;
    const [claim] = await tx
      .update(deliveries)
      .set({ status: "sending", attempts: sql`${deliveries.attempts} + 1`, changed: now })
      .where(and(eq(deliveries.digest, next.digest), eq(deliveries.subscriber, next.subscriber)))
      .returning({ attempts: deliveries.attempts, lastError: deliveries.error });
    return { ...next, ...claim };
  });
}

/** Rows that were touched in the last minute count; claims take turns, or several would see room for one. */
async function fullUntil(tx: Database, now: Date, perMinute: number): Promise<Date | undefined> {
  if (perMinute === Number.POSITIVE_INFINITY) return undefined;
  await tx.execute(sql`select pg_advisory_xact_lock(${sql.raw(String(claimLock))})`);
  const [recent] = await tx
    .select({ claims: count(), first: min(deliveries.changed) })
    .from(deliveries)
    .where(
      and(gt(deliveries.attempts, 0), gt(deliveries.changed, new Date(now.getTime() - minute))),
    );
  if (recent.claims < perMinute || recent.first === null) return undefined;
  return new Date(recent.first.getTime() + minute);
}

const isOf = ({ digest, subscriber }: Claim) =>
  and(eq(deliveries.digest, digest), eq(deliveries.subscriber, subscriber));

/** While the claim is still good. */
const isHeld = (claim: Claim) =>
  and(isOf(claim), eq(deliveries.status, "sending"), eq(deliveries.attempts, claim.attempts));

/** The claim was given up, as its lease had ended, and may be another process's now. */
export class ClaimLost extends Error {
  override readonly name = "ClaimLost";
}

/**
 * Notes that the message is given away now. Once this has returned, the delivery is never tried again
 * unless the server says that it did not take the message.
 *
 * @throws ClaimLost
 */
export async function noteHandOver(store: Store, claim: Claim, messageId: string): Promise<void> {
  const held = await store.db
    .update(deliveries)
    .set({ messageId })
    .where(isHeld(claim))
    .returning({ digest: deliveries.digest });
  if (held.length === 0) {
    const { digest, subscriber } = claim;
    throw new ClaimLost(`digest ${digest}, subscriber ${subscriber}: the claim was given up`);
  }
}

/** The server took the message: true even of a claim that was given up meanwhile. */
export async function noteSent(store: Store, claim: Claim, now: Date): Promise<void> {
  await store.db
    .update(deliveries)
    .set({ status: "sent", changed: now, error: null })
    .where(
      and(isOf(claim), eq(deliveries.attempts, claim.attempts), isNotNull(deliveries.messageId)),
    );
}

/** The message was certainly not taken and waits for another try. */
export async function putBack(store: Store, claim: Claim, now: Date, why: string): Promise<void> {
  await store.db
    .update(deliveries)
    .set({ status: "queued", messageId: null, changed: now, error: why })
    .where(isHeld(claim));
}

/** The delivery will not be tried again. */
export async function giveUp(db: Database, claim: Claim, now: Date, why: string): Promise<void> {
  await db
    .update(deliveries)
    .set({ status: "failed", changed: now, error: why })
    .where(isHeld(claim));
}

/** How many refusals of an address in a row, with nothing sent between them, end its subscription. */
export const refusalLimit = 3;

/**
 * The address was refused for good. After `refusalLimit` such refusals the subscription is stopped.
 *
 * @returns whether it was
 */
export function giveUpAddress(
  store: Store,
  claim: Claim,
  now: Date,
  why: string,
): Promise<boolean> {
  return store.db.transaction(async (tx) => {
    await giveUp(tx, claim, now, why);
    // Failures for other reasons say nothing of the address.
    const last = await tx
      .select({ status: deliveries.status })
      .from(deliveries)
      .where(
        and(
          eq(deliveries.subscriber, claim.subscriber),
          or(eq(deliveries.status, "sent"), isRefusal),
        ),
      )
      .orderBy(desc(deliveries.changed))
      .limit(refusalLimit);
    const refused = last.filter(({ status }) => status === "failed").length;
    if (refused < refusalLimit) return false;
    await tx
      .update(subscribers)
      .set({ status: "stopped" })
      .where(eq(subscribers.id, claim.subscriber));
    return true;
  });
}

const isRefusal = and(eq(deliveries.status, "failed"), like(deliveries.error, "recipient:%"));

/** What a process that died left behind. */
export interface Recovered {
  /** Deliveries that had not been handed over and are queued again. */
  readonly requeued: number;
  /** Message-IDs of those that may have been sent and are not sent again: for the operator to know. */
  readonly uncertain: readonly string[];
}

/**
 * Resolves claims whose process is dead: those older than the lease, as no living process keeps one
 * that long. Where nobody else can have the database - the embedded one, when it has just been
 * opened - every claim is such a claim, and `age` may be 0.
 *
 * @param age in milliseconds
 */
export function recover(store: Store, now: Date, age: number): Promise<Recovered> {
  const abandoned = and(
    eq(deliveries.status, "sending"),
    lte(deliveries.changed, new Date(now.getTime() - age)),
  );
  return store.db.transaction(async (tx) => {
    const requeued = await tx
      .update(deliveries)
      .set({ status: "queued", changed: now, error: "interrupted before it was sent" })
      .where(and(abandoned, isNull(deliveries.messageId)))
      .returning({ digest: deliveries.digest });
    const failed = await tx
      .update(deliveries)
      .set({ status: "failed", changed: now, error: uncertain })
      .where(and(abandoned, isNotNull(deliveries.messageId)))
      .returning({ messageId: deliveries.messageId });
    return {
      requeued: requeued.length,
      uncertain: failed.flatMap(({ messageId }) => messageId ?? []),
    };
  });
}

const uncertain = "unknown: interrupted while it was sent; may have arrived; not sent again";
