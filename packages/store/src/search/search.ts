import type { Database, Store } from "../database.ts";
import type { PaperListing } from "../papers/listing.ts";
import { cleanLine, fold } from "../text.ts";
import { candidates } from "./candidates.ts";
import type { Marked } from "./marks.ts";
import { correctedQuery, readQuery, type SearchQuery } from "./query.ts";
import { rank } from "./rank.ts";

/** A paper that was found. */
export interface SearchHit extends PaperListing {
  /** How well it fits, above 0; compares hits of one search only. */
  readonly rank: number;
  /** Where in the title what was looked for stands. */
  readonly titleMatches: Marked["matches"];
  /** What the paper says of it: a part of summary and abstract, if it has any. */
  readonly snippet: Marked | null;
}

/** UTF-16 units of a query that are looked at. */
const longestQuery = 200;
/** Fewer hits than these, and something may have been mistyped. */
const few = 5;
/** What a hit for a corrected query is worth beside one for what was typed. */
const correctedWorth = 0.5;

/**
 * Find papers by words of title, authors, summary and abstract, best first. Words are compared in any
 * case, without accents, and by their stems; the last may be unfinished. "Phrases" in quotes,
 * -exclusions and "or" mean what they do elsewhere. If little is found, words that are in no title
 * or name are taken for mistyped, and similar ones are looked for as well.
 *
 * Any text is a query, also one that is hostile or empty, which finds nothing.
 *
 * @param options.limit 1 to 100; 20 unless told
 * @example
 * const hits = await search(store, "difusion guid", { now: new Date() });
 */
export async function search(
  { db }: Store,
  text: string,
  { limit = 20, now }: { readonly limit?: number; readonly now: Date } = { now: new Date() },
): Promise<SearchHit[]> {
  const asked = fold(cleanLine(text, longestQuery));
  const count = Math.min(Math.max(1, Math.trunc(limit)), 100);
  const query = await readQuery(db, asked);
  const found = query === undefined ? [] : await find(db, query, count, now);
  if (found.length >= Math.min(few, count)) return found;
  const corrected = await correctedQuery(db, asked);
  if (corrected === undefined || corrected.typed === query?.typed) return found;
  const known = new Set(found.map(({ id }) => id));
  const more = (await find(db, corrected, count, now))
    .filter(({ id }) => !known.has(id))
    .map((hit) => ({ ...hit, rank: hit.rank * correctedWorth }));
  return [...found, ...more].sort((a, b) => b.rank - a.rank).slice(0, count);
}

async function find(db: Database, query: SearchQuery, limit: number, now: Date) {
  const ids = await candidates(db, query);
  return ids.length === 0 ? [] : rank(db, ids, { query, limit, now });
}
