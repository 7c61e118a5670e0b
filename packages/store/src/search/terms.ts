import { sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { papers } from "../schema/index.ts";

/** A word of a paper, by its stem, and how well it tells the paper from others. */
export interface Term {
  readonly lexeme: string;
  readonly inTitle: boolean;
  /** The more often in this paper and the rarer in others, the more; above 0. */
  readonly weight: number;
}

/** How much more a word counts that is in the title. */
const titleWeight = 2;
/** What share of papers a word is in that the statistics do not list, if there are none at all. */
const shareWithoutStatistics = 0.001;

/**
 * The words of a paper's title, summary and abstract, those that tell most of it first.
 *
 * A word that comes up c times, in the share s of all papers, weighs (1 + ln c) ln(1 / s), and twice
 * that in the title. The shares are those that the planner keeps of frequent words (`analyze` makes
 * them); a word that it does not list is rarer than those it does.
 *
 * Reference: Salton and Buckley, "Term-weighting approaches in automatic text retrieval", 1988.
 */
export async function termsOf(db: Database, id: number): Promise<Term[]> {
  const { rows } = await db.execute<{
    lexeme: string;
    inTitle: boolean;
    count: number;
    share: number | null;
    least: number | null;
  }>(
    sql`with frequent as (
        select lexeme, share from (
          select unnest(most_common_elems::text::text[]) as lexeme, unnest(most_common_elem_freqs) as share
          from pg_stats where schemaname = 'public' and tablename = 'papers' and attname = 'document'
        ) as listed where lexeme is not null
      )
      select word.lexeme, 'A' = any(word.weights) as "inTitle", cardinality(word.positions) as count,
        frequent.share::float8 as share, (select min(share) from frequent)::float8 as least
      from ${papers}, unnest(ts_filter(document, '{a,c}')) as word(lexeme, positions, weights)
      left join frequent using (lexeme)
      where papers.id = ${id}`,
  );
  return rows
    .filter(({ lexeme }) => isWord.test(lexeme))
    .map(({ lexeme, inTitle, count, share, least }) => {
      const usual = share ?? (least === null ? shareWithoutStatistics : least / 2);
      const times = inTitle ? titleWeight : 1;
      return { lexeme, inTitle, weight: times * (1 + Math.log(count)) * -Math.log(usual) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || (a.lexeme < b.lexeme ? -1 : 1));
}

const isWord = /^\p{L}[\p{L}\p{N}-]{2,40}$/u;

/** A tsquery, as text, that any of some lexemes matches. */
export const anyOf = (lexemes: readonly string[]): string => lexemes.map(quoted).join(" | ");

/** A tsquery, as text, that any two of some lexemes match together. */
export const twoOf = (lexemes: readonly string[]): string =>
  lexemes
    .flatMap((a, i) => lexemes.slice(i + 1).map((b) => `${quoted(a)} & ${quoted(b)}`))
    .join(" | ");

/** `isWord` leaves nothing in a lexeme that would end the quotes. */
const quoted = (lexeme: string): string => `'${lexeme}'`;
