import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../database.ts";

/** What somebody looks for, as text of the type tsquery. */
export interface SearchQuery {
  /** All words taken as whole ones. */
  readonly words: string;
  /** The same, or the last word taken as the beginning of one: people search while they type. */
  readonly typed: string;
}

/**
 * Read what somebody typed: words, "phrases", -exclusions and "or", as search engines do. Nothing
 * that can be typed is an error.
 *
 * @param asked folded
 * @returns undefined if there is nothing to look for
 */
export async function readQuery(db: Database, asked: string): Promise<SearchQuery | undefined> {
  const words = sql`websearch_to_tsquery('english', ${asked})`;
  const [, head, last] = /^(.*?)([\p{L}\p{N}]{2,})$/su.exec(asked) ?? [];
  const isExclusion = /(?:^|\s)-\S*$/.test(asked);
  if (last === undefined || isExclusion) return evaluate(db, words, words);
  // In quotes whatever is typed is one operand.
  const beginning = sql`to_tsquery('simple', ${`'${last}':*`})`;
  const typed = sql`${words} || (websearch_to_tsquery('english', ${head}) && ${beginning})`;
  return evaluate(db, words, typed);
}

/** How many words are corrected; the others are taken as they are. */
const mostCorrected = 8;
/** Words that a mistyped one may have been. */
const alternatives = 3;

/**
 * What somebody may have meant: each word that is in no title or name, or one of those that are and
 * are most similar to it. Who uses operators means what they typed.
 *
 * @param asked folded
 * @returns undefined if there is nothing else that they may have meant
 */
export async function correctedQuery(
  db: Database,
  asked: string,
): Promise<SearchQuery | undefined> {
  const words = (asked.match(/[\p{L}\p{N}]{3,}/gu) ?? []).slice(0, mostCorrected);
  if (words.length === 0 || /"|(?:^|\s)(?:-|or\s)/.test(asked)) return undefined;
  const { rows } = await db.execute<{ meant: string[] }>(
    sql`select case when exists (select from words where word = given) then '{}'
        else array(select similar_words(given, ${alternatives})) end as meant
      from unnest(${sql.param(words)}::text[]) with ordinality as typed(given, place) order by place`,
  );
  if (rows.every(({ meant }) => meant.length === 0)) return undefined;
  const choices = words.map((word, index) => [word, ...rows[index].meant]);
  const meant = join(
    choices.map((choice) =>
      join(
        choice.map((word) => sql`plainto_tsquery('english', ${word})`),
        sql` || `,
      ),
    ),
    sql` && `,
  );
  return evaluate(db, meant, meant);
}

const join = (queries: readonly SQL[], operator: SQL): SQL =>
  sql`(${sql.join([...queries], operator)})`;

async function evaluate(db: Database, words: SQL, typed: SQL): Promise<SearchQuery | undefined> {
  const { rows } = await db.execute<{ words: string; typed: string }>(
    sql`select (${words})::text as words, (${typed})::text as typed`,
  );
  return rows[0].typed === "" ? undefined : rows[0];
}
