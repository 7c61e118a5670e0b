/** What links in mails do: confirm, change, end a subscription, and take back all earlier links. */
import { randomBytes } from "node:crypto";
import { type Database, type Store, subscribers } from "@etude/store";
import { eq } from "drizzle-orm";
import { parseChoice } from "./choice.ts";
import { checkToken, type Purpose, readToken, signToken } from "./links.ts";
import type { Subscriber } from "./subscriptions.ts";
import type { Choice } from "./templates/choice.ts";

/** A subscription, as its owner may see it. */
export interface Subscription extends Choice {
  readonly email: string;
  /** "stopped" when it was ended, by its owner or because mails to it came back. */
  readonly status: Subscriber["status"];
}

/** For further links of the page that a link leads to. */
export interface Tokens {
  readonly manage: string;
  readonly unsubscribe: string;
}

/** What became of a link: the subscription as it is now, or why the link does nothing. */
export type Outcome =
  | {
      readonly link: "valid";
      readonly subscription: Subscription;
      /** A link to unsubscribe gives none: it allows nothing else. */
      readonly tokens?: Tokens;
    }
  | { readonly link: "expired" | "invalid" };

/** Looks at what a link is for and changes nothing: what a page does on GET. */
export const look = (store: Store, purpose: Purpose, token: string, now: Date): Promise<Outcome> =>
  byLink(store, purpose, token, now, () => ({}));

/**
 * Begins a subscription; again does no harm. One that was ended after its confirmation stays ended,
 * old links or not.
 *
 * To be called on POST only: programs that check mails for harm follow every link in them.
 */
export const confirm = (store: Store, token: string, now: Date): Promise<Outcome> =>
  byLink(store, "confirm", token, now, ({ status }) =>
    status === "pending" ? { status: "active", confirmed: now } : {},
  );

/**
 * Changes how often and about what. A subscription that is not active only keeps the choice.
 *
 * @throws RequestError for a choice that cannot be
 */
export async function change(
  store: Store,
  token: string,
  choice: { frequency: string; topics: readonly string[] },
  now: Date,
): Promise<Outcome> {
  const { frequency, topics } = parseChoice(choice);
  return byLink(store, "manage", token, now, () => ({
    frequency,
    topics: [...topics],
  }));
}

/** Ends a subscription; again does no harm. Serves the page's button and the POST of RFC 8058 alike. */
export const unsubscribe = (store: Store, token: string, now: Date): Promise<Outcome> =>
  byLink(store, "unsubscribe", token, now, () => ({ status: "stopped" }));

/**
 * Makes every link in earlier mails useless, as after a mail was forwarded. The page goes on with the
 * tokens of the outcome.
 *
 * @param secret 32 random bytes
 */
export const revokeLinks = (
  store: Store,
  token: string,
  now: Date,
  secret: Uint8Array = randomBytes(32),
): Promise<Outcome> => byLink(store, "manage", token, now, () => ({ secret }));

/** Checks a link and changes its subscriber, both with the row locked. */
function byLink(
  store: Store,
  purpose: Purpose,
  text: string,
  now: Date,
  decide: (subscriber: Subscriber) => Partial<Subscriber>,
): Promise<Outcome> {
  return store.db.transaction(async (tx) => {
    const token = readToken(text);
    const subscriber = token && (await lockSubscriber(tx, token.subscriber));
    if (token === undefined || subscriber === undefined) return { link: "invalid" };
    const link = checkToken(token, purpose, subscriber, now);
    if (link !== "valid") return { link };
    const changed = decide(subscriber);
    if (Object.keys(changed).length > 0) {
      await tx.update(subscribers).set(changed).where(eq(subscribers.id, subscriber.id));
    }
    return {
      link,
      subscription: shown({ ...subscriber, ...changed }),
      ...(purpose !== "unsubscribe" && { tokens: tokensFor({ ...subscriber, ...changed }, now) }),
    };
  });
}

async function lockSubscriber(tx: Database, id: number): Promise<Subscriber | undefined> {
  const [row] = await tx.select().from(subscribers).where(eq(subscribers.id, id)).for("update");
  return row;
}

const shown = ({ email, frequency, topics, status }: Subscriber): Subscription => ({
  email,
  frequency,
  topics,
  status,
});

const tokensFor = (subscriber: Subscriber, now: Date): Tokens => ({
  manage: signToken("manage", subscriber, now),
  unsubscribe: signToken("unsubscribe", subscriber, now),
});
