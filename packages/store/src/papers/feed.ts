import { and, arrayContains, count, desc, eq, gt, inArray } from "drizzle-orm";
import { unionAll } from "drizzle-orm/pg-core";
import { type Store, StoreError } from "../database.ts";
import { papers } from "../schema/index.ts";
import { asListing, listingColumns, type PaperListing } from "./listing.ts";
import { trendingSql } from "./rank.ts";

/** How far a period goes back, in days. */
const periodDays = { day: 1, week: 7, month: 30, all: undefined } as const;
export type Period = keyof typeof periodDays;

export interface FeedQuery {
  readonly period: Period;
  readonly topic?: string;
  /** Only papers with these slugs. */
  readonly slugs?: readonly string[];
  /** From 1. */
  readonly page: number;
  /** 1 to 100; 20 unless told. */
  readonly perPage?: number;
  readonly now: Date;
}

export interface Feed {
  readonly papers: readonly PaperListing[];
  readonly page: number;
  /** At least 1. */
  readonly pages: number;
  /** Papers on all pages. */
  readonly total: number;
}

const aDay = 86_400_000;

/**
 * A page of the papers that came up in a period, those that trend most first; a page beyond the last
 * is empty.
 *
 * A period holds the papers first seen in it, because that is when they are news here: arXiv announces
 * a weekend's papers on Monday, and the papers of "today" by publication would often be none. A paper
 * that was found more than a week after its publication counts by the latter, so that reading an
 * archive does not fill the month with it.
 *
 * @throws StoreError if `page` or `perPage` is out of range
 * @example
 * const { papers, pages } = await feed(store, { period: "week", page: 1, now: new Date() });
 */
export async function feed({ db }: Store, query: FeedQuery): Promise<Feed> {
  const { period, topic, slugs, page, perPage = 20, now } = query;
  checkWhole("page", page, 1_000_000);
  checkWhole("perPage", perPage, 100);
  const days = periodDays[period];
  const asked = and(
    days === undefined ? undefined : gt(papers.appeared, new Date(now.getTime() - days * aDay)),
    topic === undefined ? undefined : arrayContains(papers.topics, [topic]),
    slugs === undefined ? undefined : inArray(papers.slug, [...slugs]),
  );
  const ranked = { id: papers.id, appeared: papers.appeared, score: trendingSql(now).as("score") };
  const offset = (page - 1) * perPage;
  // Without votes the newest trend most: an index has them in order, and few need be looked at.
  const candidates = unionAll(
    db
      .select(ranked)
      .from(papers)
      .where(and(asked, eq(papers.voted, true))),
    db
      .select(ranked)
      .from(papers)
      .where(and(asked, eq(papers.voted, false)))
      .orderBy(desc(papers.appeared), desc(papers.id))
      .limit(offset + perPage),
  ).as("candidates");
  const best = db
    .select()
    .from(candidates)
    .orderBy(desc(candidates.score), desc(candidates.appeared), desc(candidates.id))
    .limit(perPage)
    .offset(offset)
    .as("best");
  const rows = await db
    .select(listingColumns)
    .from(best)
    .innerJoin(papers, eq(papers.id, best.id))
    .orderBy(desc(best.score), desc(best.appeared), desc(best.id));
  const [{ total }] = await db.select({ total: count() }).from(papers).where(asked);
  return {
    papers: rows.map((row) => asListing(row, now)),
    page,
    pages: Math.max(1, Math.ceil(total / perPage)),
    total,
  };
}

function checkWhole(name: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new StoreError(`${name} must be a whole number from 1 to ${most}, not ${value}`);
  }
}
