/** Building digests: one for each frequency and day, with its content frozen and its outbox filled. */
import {
  type Database,
  deliveries,
  digests,
  feed,
  type PaperListing,
  type Store,
  subscribers,
} from "@etude/store";
import { and, arrayOverlaps, desc, eq, or, sql } from "drizzle-orm";
import { day } from "./clock.ts";
import { contentSchema, digestPaper } from "./content.ts";
import type { Frequency } from "./templates/choice.ts";

/** A frequency, and a day as "2026-11-24". */
export interface Issue {
  readonly frequency: Frequency;
  readonly day: string;
}

/** What became of an issue. */
export interface Built extends Issue {
  readonly papers: number;
  /** How many deliveries were queued. */
  readonly queued: number;
}

/** How many papers are kept for all topics together. */
const kept = 100;

const nominal: Readonly<Record<Frequency, number>> = { daily: day, weekly: 7 * day };

/**
 * Builds an issue and queues it for everyone who wants it, in one transaction: when the digest exists,
 * so do its deliveries. An issue that exists is left alone. One without papers is kept too, so that it
 * is decided once that there is nothing to send.
 *
 * @returns undefined if it existed
 */
export async function buildDigest(
  store: Store,
  issue: Issue,
  now: Date,
): Promise<Built | undefined> {
  if (await exists(store, issue)) return undefined;
  const papers = (await newPapers(store, issue, now)).map(digestPaper);
  return store.db.transaction(async (tx) => {
    const [digest] = await tx
      .insert(digests)
      .values({ ...issue, built: now, content: { papers } })
      .onConflictDoNothing({ target: [digests.frequency, digests.day] })
      .returning({ id: digests.id });
    if (digest === undefined) return undefined;
    const topics = new Set(papers.flatMap((paper) => paper.topics));
    const queued = papers.length === 0 ? 0 : await queue(tx, digest.id, issue, [...topics], now);
    return { ...issue, papers: papers.length, queued };
  });
}

async function exists(store: Store, issue: Issue): Promise<boolean> {
  const found = await store.db
    .select({ id: digests.id })
    .from(digests)
    .where(and(eq(digests.frequency, issue.frequency), eq(digests.day, issue.day)));
  return found.length > 0;
}

/** What came up since the last digest of this frequency, by rank: each paper is new once. */
async function newPapers(
  store: Store,
  { frequency }: Issue,
  now: Date,
): Promise<readonly PaperListing[]> {
  const [last] = await store.db
    .select()
    .from(digests)
    .where(eq(digests.frequency, frequency))
    .orderBy(desc(digests.built))
    .limit(1);
  const since = last?.built ?? new Date(now.getTime() - nominal[frequency]);
  const gap = now.getTime() - since.getTime();
  const period = gap <= day ? "day" : gap <= 7 * day ? "week" : "month";
  const { papers } = await feed(store, { period, page: 1, perPage: kept, now });
  const known = new Set(last && contentSchema.parse(last.content).papers.map(({ id }) => id));
  return papers.filter((paper) => paper.firstSeen >= since && !known.has(paper.id));
}

/** A delivery for each active subscriber of this frequency who would find a paper in it. */
async function queue(
  tx: Database,
  digest: number,
  { frequency }: Issue,
  topics: string[],
  now: Date,
): Promise<number> {
  const wantsAll = eq(subscribers.topics, []);
  const rows = tx
    .select({
      digest: sql<number>`${digest}::integer`.as("digest"),
      subscriber: subscribers.id,
      status: sql<"queued">`'queued'`.as("status"),
      attempts: sql<number>`0`.as("attempts"),
      messageId: sql<null>`null`.as("message_id"),
      changed: sql<Date>`${now.toISOString()}::timestamptz`.as("changed"),
      error: sql<null>`null`.as("error"),
    })
    .from(subscribers)
    .where(
      and(
        eq(subscribers.status, "active"),
        eq(subscribers.frequency, frequency),
        topics.length === 0 ? wantsAll : or(wantsAll, arrayOverlaps(subscribers.topics, topics)),
      ),
    );
  const queued = await tx.insert(deliveries).select(rows).returning({ id: deliveries.subscriber });
  return queued.length;
}
