/** Asking for digests and the double opt-in: an address is only ever written to with its owner's word. */
import { randomBytes } from "node:crypto";
import { type Database, type Store, subscribers } from "@etude/store";
import { and, eq, isNull, lt } from "drizzle-orm";
import { type Address, type Mailbox, parseAddress } from "./addresses.ts";
import { parseChoice } from "./choice.ts";
import { lifetimes, linkUrl, type Purpose, signToken } from "./links.ts";
import { domainOf, type Mail } from "./message.ts";
import { withRequest } from "./requests.ts";
import { alreadySubscribedMail } from "./templates/alreadySubscribed.ts";
import type { Choice } from "./templates/choice.ts";
import { confirmMail } from "./templates/confirm.ts";
import { sendOne, type Transport } from "./transport/transport.ts";

export type Subscriber = typeof subscribers.$inferSelect;

/** What somebody typed into the form. */
export interface SubscriptionRequest {
  readonly email: string;
  readonly frequency: string;
  /** Empty for all topics. */
  readonly topics: readonly string[];
}

export interface Circumstances {
  /** Where the site is, for links. */
  readonly site: URL;
  readonly now: Date;
  /** 32 random bytes, the secret of a subscriber who is new. */
  readonly secret?: Uint8Array;
}

/**
 * Records a request and answers it by mail. It returns the same, and takes the same steps, whatever is
 * known of the address: only the mailbox's owner learns whether it is subscribed, and only the owner
 * changes what it gets. Requests beyond `requestLimit` an hour and address do nothing.
 *
 * @throws RequestError for an address or a choice that cannot be, a sentence for the visitor
 * @throws SendError when the mail cannot be sent now
 *
 * @example
 * await subscribe(store, transport, { email, frequency: "weekly", topics: [] }, { site, now: new Date() });
 */
export async function subscribe(
  store: Store,
  transport: Transport,
  request: SubscriptionRequest,
  circumstances: Circumstances,
): Promise<void> {
  const address = parseAddress(request.email);
  const choice = parseChoice(request);
  const subscriber = await store.db.transaction((tx) => record(tx, address, choice, circumstances));
  if (subscriber === undefined) return;
  const { site, now } = circumstances;
  await sendOne(transport, answer(subscriber, { site, now, from: transport.from }));
}

/** @returns the subscriber to write to, or nothing when the address was written to often enough */
async function record(
  tx: Database,
  { email, key }: Address,
  choice: Choice,
  { now, secret = randomBytes(32) }: Circumstances,
): Promise<Subscriber | undefined> {
  const wanted = { email, frequency: choice.frequency, topics: [...choice.topics] };
  const asked = { ...wanted, status: "pending" as const, created: now };
  await tx
    .insert(subscribers)
    .values({ ...asked, emailKey: key, secret })
    .onConflictDoNothing({ target: subscribers.emailKey });
  // Requests for the same address wait here for one another.
  const [known] = await tx
    .select()
    .from(subscribers)
    .where(eq(subscribers.emailKey, key))
    .for("update");
  const requests = withRequest(known.requests, now);
  if (requests === undefined) return undefined;
  // An active one is written back as it was: the time this takes tells nothing either.
  const { id, ...next } = { ...known, ...(known.status === "active" ? {} : asked), requests };
  await tx.update(subscribers).set(next).where(eq(subscribers.id, id));
  return { id, ...next };
}

function answer(
  subscriber: Subscriber,
  { site, now, from }: { site: URL; now: Date; from: Mailbox },
): Mail {
  const url = (purpose: Purpose) => linkUrl(site, purpose, signToken(purpose, subscriber, now));
  const messageId = (kind: string) =>
    `<${kind}.${subscriber.id}.${now.getTime().toString(36)}@${domainOf(from)}>`;
  const envelope = { to: subscriber.email, date: now };
  if (subscriber.status === "active") {
    const unsubscribe = url("unsubscribe");
    const mail = { site, choice: subscriber, manage: url("manage"), unsubscribe };
    const list = { site, unsubscribe };
    return { ...envelope, ...alreadySubscribedMail(mail), messageId: messageId("already"), list };
  }
  const mail = { site, choice: subscriber, confirm: url("confirm") };
  return { ...envelope, ...confirmMail(mail), messageId: messageId("confirm") };
}

/**
 * Deletes addresses that nobody confirmed while their links were good: nothing is kept of who did not
 * want it.
 *
 * @returns how many
 */
export async function forgetUnconfirmed(store: Store, now: Date): Promise<number> {
  const expired = new Date(now.getTime() - lifetimes.confirm);
  const gone = await store.db
    .delete(subscribers)
    .where(
      and(
        eq(subscribers.status, "pending"),
        isNull(subscribers.confirmed),
        lt(subscribers.created, expired),
      ),
    )
    .returning({ id: subscribers.id });
  return gone.length;
}
