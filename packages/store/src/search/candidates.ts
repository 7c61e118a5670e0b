import { sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { papers } from "../schema/index.ts";
import type { SearchQuery } from "./query.ts";

/** The newest papers are read without an index: what is frequent is found among them. */
const newest = 500;
/** Hits among the newest after which the index is not asked: the word is in a tenth of all papers. */
const plenty = 50;
/** Papers that an index may give: all, of what is not frequent. */
const most = { byHeading: 500, byDocument: 300 } as const;
/** Papers with cards; more than there are. */
const carded = 200;

/**
 * Papers among which those that fit a query best are: in bounded time, however frequent its words.
 *
 * A rank cannot be read from an index, so every paper that is ranked must be read, and a word such as
 * "learning" is in almost all. Hence all papers are candidates that match a word that is rare, but of
 * those that match a frequent one only the newest, and those with cards. Matches in titles and names
 * are looked for on their own, because they are what is meant more often than not.
 */
export async function candidates(db: Database, { words, typed }: SearchQuery): Promise<number[]> {
  const { rows: near } = await db.execute<{ id: number; titled: boolean }>(
    sql`select id, heading @@ ${typed}::tsquery as titled
      from (
        (select id, heading, document from ${papers} order by appeared desc limit ${newest})
        union all
        (select id, heading, document from ${papers} where slug is not null order by slug limit ${carded})
      ) as near
      where heading @@ ${typed}::tsquery or document @@ ${typed}::tsquery`,
  );
  const ids = new Set(near.map(({ id }) => id));
  const indexes = [
    ...(near.filter(({ titled }) => titled).length < plenty
      ? [sql`select papers_by_heading(${typed}::tsquery, ${most.byHeading}) as id`]
      : []),
    // Beginnings of words are looked for in titles and names only: in abstracts they are too many.
    ...(near.length < plenty
      ? [sql`select papers_by_document(${words}::tsquery, ${most.byDocument}) as id`]
      : []),
  ];
  if (indexes.length > 0) {
    const { rows: far } = await db.execute<{ id: number }>(sql.join(indexes, sql` union `));
    for (const { id } of far) ids.add(id);
  }
  return [...ids];
}
