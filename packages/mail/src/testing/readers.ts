import { deliveries, type Store, subscribers, upsertPapers } from "@etude/store";
import { asc, eq } from "drizzle-orm";
import { type Built, buildDigest } from "../digest.ts";
import type { Subscriber } from "../subscriptions.ts";
import { incomingPaper } from "./papers.ts";

/** Seven in the morning, when digests are due: a Tuesday. */
export const morning = new Date("2026-11-24T07:00:00Z");

/** Active subscribers reader1@example.org, reader2@example.org, ... */
export function addReaders(
  store: Store,
  count: number,
  about: Partial<Subscriber> = {},
): Promise<Subscriber[]> {
  const rows = Array.from({ length: count }, (_, i) => ({
    email: `reader${i + 1}@example.org`,
    emailKey: `reader${i + 1}@example.org`,
    frequency: "daily" as const,
    topics: [],
    status: "active" as const,
    created: morning,
    confirmed: morning,
    secret: Uint8Array.from({ length: 32 }, (_, byte) => (i * 31 + byte) % 256),
    ...about,
  }));
  return store.db.insert(subscribers).values(rows).returning();
}

/** A daily digest with two papers, queued for everyone. */
export async function addDigest(store: Store, now = morning): Promise<Built> {
  const seen = new Date(now.getTime() - 3_600_000);
  const number = now.getUTCDate() * 10;
  const papers = [number, number + 1].map((each) => incomingPaper(each, { published: seen }));
  await upsertPapers(store, papers, seen);
  const issue = { frequency: "daily", day: now.toISOString().slice(0, 10) } as const;
  const built = await buildDigest(store, issue, now);
  if (built === undefined) throw new Error("there is such a digest already");
  return built;
}

export interface Row {
  readonly to: string;
  readonly status: string;
  readonly attempts: number;
  readonly error: string | null;
}

/** The outbox by recipient. */
export async function outbox(store: Store): Promise<Row[]> {
  return store.db
    .select({
      to: subscribers.email,
      status: deliveries.status,
      attempts: deliveries.attempts,
      error: deliveries.error,
    })
    .from(deliveries)
    .innerJoin(subscribers, eq(subscribers.id, deliveries.subscriber))
    .orderBy(asc(deliveries.digest), asc(deliveries.subscriber));
}
