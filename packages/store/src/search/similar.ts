import { eq, inArray, sql } from "drizzle-orm";
import type { Database, Store } from "../database.ts";
import { asListing, listingColumns, type PaperListing } from "../papers/listing.ts";
import { papers } from "../schema/index.ts";
import { anyOf, type Term, termsOf, twoOf } from "./terms.ts";

/** Words of a paper that others are compared by. */
const compared = 16;
/** Words that others are found by: two of the first, or one of those in the title. */
const sought = { inText: 6, inTitle: 3 } as const;
/** Papers that an index may give for them. */
const most = 300;
/** Papers among which those that share a topic are looked for. */
const newest = 500;
const carded = 200;
/** Papers that are compared word by word. */
const shortlist = 60;
/** What a shared topic weighs; a rare word weighs about 5. */
const topicWeight = 6;

/**
 * The papers most similar to one by its topics and by the words of title, summary and abstract, most
 * similar first; fewer if fewer have anything in common with it, none if there is no such paper.
 *
 * @param limit at most 50
 */
export async function similarPapers(
  { db }: Store,
  id: number,
  limit: number,
  now: Date = new Date(),
): Promise<PaperListing[]> {
  if (!Number.isInteger(id) || Math.abs(id) >= 2 ** 31) return [];
  const [paper] = await db.select({ topics: papers.topics }).from(papers).where(eq(papers.id, id));
  if (paper === undefined) return [];
  const terms = await termsOf(db, id);
  const count = Math.min(Math.max(0, Math.trunc(limit)), 50);
  const ids = await mostInCommon(db, id, terms, paper.topics, count);
  const rows = await db.select(listingColumns).from(papers).where(inArray(papers.id, ids));
  return rows
    .sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id))
    .map((row) => asListing(row, now));
}

/** The papers that share the most with one: the weights of words and topics, added up. */
async function mostInCommon(
  db: Database,
  id: number,
  terms: readonly Term[],
  topics: string[],
  count: number,
): Promise<number[]> {
  const ids = await candidates(db, terms, topics);
  const own = terms.slice(0, compared);
  const sharedTopics = sql`cardinality(array(select unnest(topics) intersect select unnest(${sql.param(topics)}::text[])))`;
  const sharedWords = own.map(
    ({ lexeme, weight }) =>
      sql`case when ${lexeme} = any(lexemes) then ${weight}::float8 else 0 end`,
  );
  const inCommon = sql.join([sql`${topicWeight} * ${sharedTopics}`, ...sharedWords], sql` + `);
  const { rows } = await db.execute<{ id: number }>(
    sql`select id from (
        select id, appeared, ${inCommon} as in_common
        from (
          select id, appeared, topics, tsvector_to_array(document) as lexemes from ${papers}
          where id = any(${sql.param(ids)}::int[]) and id <> ${id}
          order by ts_rank(document, ${anyOf(lexemes(own))}::tsquery)
            + case when topics && ${sql.param(topics)}::text[] then 0.1 else 0 end desc, id
          limit ${shortlist}
        ) as likely
      ) as compared
      where in_common > 0 order by in_common desc, appeared desc, id limit ${count}`,
  );
  return rows.map((row) => row.id);
}

const lexemes = (terms: readonly Term[]): string[] => terms.map(({ lexeme }) => lexeme);

/** Papers with rare words in common, those with cards, and new ones on the same topics. */
async function candidates(db: Database, terms: readonly Term[], topics: string[]) {
  const inText = lexemes(terms).slice(0, sought.inText);
  const inTitle = lexemes(terms.filter((term) => term.inTitle)).slice(0, sought.inTitle);
  const { rows } = await db.execute<{ id: number }>(
    sql`select papers_by_document(${twoOf(inText)}::tsquery, ${most}) as id
      union select papers_by_heading(${anyOf(inTitle)}::tsquery, ${most})
      union (select id from ${papers} where slug is not null order by slug limit ${carded})
      union select id from (
        select id, topics from ${papers} order by appeared desc limit ${newest}
      ) as near where topics && ${sql.param(topics)}::text[]`,
  );
  return rows.map(({ id }) => id);
}
