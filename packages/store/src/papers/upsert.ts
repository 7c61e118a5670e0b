import { type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Store } from "../database.ts";
import { papers } from "../schema/index.ts";
import { type IncomingPaper, type NewPaper, newPaper } from "./incoming.ts";
import { differs, given, old } from "./merge.ts";

/** What became of papers that were handed over. */
export interface Upserted {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
}

/** Papers of one statement: PostgreSQL takes 65,535 parameters, and each paper has about 20. */
const batch = 1000;

/**
 * Store papers from a source, by their identifiers on arXiv. May be called again with the same papers,
 * and by several processes at once; each thousand are stored together or not at all.
 *
 * - An older version never overwrites a newer one, and of the same version the daily list, which
 *   tells less, never what arXiv says.
 * - A paper with a card keeps the texts of the card, and gains the abstract.
 * - Upvotes elsewhere, and a DOI or a repository where none was known, are taken from any version.
 *
 * @param now when papers that are new were first seen
 * @returns counts of distinct papers; of several versions of one only the newest is looked at
 * @throws StoreError for a paper that cannot be stored, before any is
 */
export async function upsertPapers(
  { db }: Store,
  incoming: readonly IncomingPaper[],
  now: Date,
): Promise<Upserted> {
  const all = newestOfEach(incoming).map((paper) => newPaper(paper, now));
  let inserted = 0;
  let updated = 0;
  for (let i = 0; i < all.length; i += batch) {
    const touched = await db
      .insert(papers)
      .values(all.slice(i, i + batch))
      .onConflictDoUpdate({ target: papers.arxiv, set: merged, setWhere: differs(merged) })
      .returning({ isNew: sql<boolean>`xmax = 0` });
    const fresh = touched.filter(({ isNew }) => isNew).length;
    inserted += fresh;
    updated += touched.length - fresh;
  }
  return { inserted, updated, unchanged: all.length - inserted - updated };
}

/** In the order of the identifiers: two processes that lock the same rows in one order never deadlock. */
function newestOfEach(incoming: readonly IncomingPaper[]): IncomingPaper[] {
  const newest = new Map<string, IncomingPaper>();
  for (const paper of incoming) {
    const known = newest.get(paper.arxiv);
    if (known === undefined || paper.version > known.version) newest.set(paper.arxiv, paper);
  }
  return [...newest.values()].sort((a, b) => (a.arxiv < b.arxiv ? -1 : 1));
}

const isNewer = sql`(${given(papers.version)} > ${old(papers.version)} or (${given(papers.version)} = ${old(papers.version)} and (${given(papers.source)} <> 'daily' or ${old(papers.source)} = 'daily')))`;
const hasCard = sql`${old(papers.slug)} is not null`;

const ifNewer = (column: PgColumn, value: SQL = given(column)): SQL =>
  sql`case when ${isNewer} then ${value} else ${old(column)} end`;
const unlessCard = (column: PgColumn): SQL =>
  sql`case when ${isNewer} and not ${hasCard} then ${given(column)} else ${old(column)} end`;
const whatIsKnown = (column: PgColumn, oldWins: SQL): SQL =>
  sql`case when ${oldWins} then coalesce(${old(column)}, ${given(column)}) else coalesce(${given(column)}, ${old(column)}) end`;

/** The new value of every column that may change. */
const merged = {
  version: ifNewer(papers.version),
  source: ifNewer(papers.source),
  title: unlessCard(papers.title),
  authors: unlessCard(papers.authors),
  year: unlessCard(papers.year),
  topics: unlessCard(papers.topics),
  abstract: ifNewer(
    papers.abstract,
    sql`coalesce(${given(papers.abstract)}, ${old(papers.abstract)})`,
  ),
  categories: ifNewer(
    papers.categories,
    sql`case when cardinality(${given(papers.categories)}) > 0 then ${given(papers.categories)} else ${old(papers.categories)} end`,
  ),
  published: ifNewer(papers.published),
  updated: ifNewer(papers.updated),
  doi: whatIsKnown(papers.doi, sql`not ${isNewer}`),
  code: whatIsKnown(papers.code, sql`(${hasCard} or not ${isNewer})`),
  upvotesElsewhere: sql`coalesce(${given(papers.upvotesElsewhere)}, ${old(papers.upvotesElsewhere)})`,
} satisfies Partial<Record<keyof NewPaper, SQL>>;
