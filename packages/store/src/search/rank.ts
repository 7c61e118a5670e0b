import { desc, eq, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { asListing, listingColumns } from "../papers/listing.ts";
import { papers } from "../schema/index.ts";
import { headline, readMarks } from "./marks.ts";
import type { SearchQuery } from "./query.ts";
import type { SearchHit } from "./search.ts";

/** What a word counts by where it stands: nowhere, abstract and summary, authors, title. */
const weights = sql`'{0, 0.2, 0.7, 1}'::real[]`;
/** Divide by 1 + ln of how many words there are: a title of little else than the query comes first. */
const byLength = 1;

/**
 * The candidates that match a query, best first.
 *
 * The rank of a paper is PostgreSQL's for its words, 0 to 1 for the heading, by its length, and for
 * the whole, a tenth for a paper with a card, which can be run here, and a little for votes: what
 * twenty people voted for gains 0.15.
 */
export async function rank(
  db: Database,
  ids: readonly number[],
  { query, limit, now }: { query: SearchQuery; limit: number; now: Date },
): Promise<SearchHit[]> {
  const typed = sql`${query.typed}::tsquery`;
  const worth = sql<number>`(ts_rank(${weights}, ${papers.heading}, ${typed}, ${byLength}) + ts_rank(${weights}, ${papers.document}, ${typed}) + 0.05 * ln(1 + ${papers.votes}) + case when ${papers.slug} is null then 0 else 0.1 end)::float8`;
  const best = db
    .select({ id: papers.id, rank: worth.as("rank") })
    .from(papers)
    .where(
      sql`${papers.id} = any(${sql.param(ids)}::int[]) and (${papers.heading} @@ ${typed} or ${papers.document} @@ ${typed})`,
    )
    .orderBy(sql`rank desc`, desc(papers.appeared), desc(papers.id))
    .limit(limit)
    .as("best");
  const rows = await db
    .select({
      ...listingColumns,
      rank: best.rank,
      titleMarked: headline(sql`${papers.title}`, typed, "all"),
      textMarked: headline(
        sql`left(concat_ws(' ', ${papers.summary}, ${papers.abstract}), 4000)`,
        typed,
        "part",
      ),
    })
    .from(best)
    .innerJoin(papers, eq(papers.id, best.id))
    .orderBy(desc(best.rank), desc(papers.appeared), desc(papers.id));
  return rows.map(({ titleMarked, textMarked, ...row }) => {
    const title = readMarks(titleMarked);
    return {
      ...asListing(row, now),
      titleMatches: title.text === row.title ? title.matches : [],
      snippet: textMarked === "" ? null : readMarks(textMarked),
    };
  });
}
