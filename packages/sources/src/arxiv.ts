import { formatArxivId, parseArxivId } from "./arxivId.ts";
import { parseAtom } from "./atom.ts";
import { type Endpoint, sharedEndpoints } from "./endpoint.ts";
import { count, quote, SourceError, unreadable } from "./errors.ts";
import { type Page, type PageContent, readPage, type SeenPages } from "./page.ts";
import type { Papers } from "./paper.ts";

export interface AskOptions {
  /** By default the one that the process shares. */
  readonly endpoint?: Endpoint;
  readonly signal?: AbortSignal;
}

const idsAtOnce = 100;
/** arXiv's own bound on how far a list is paged. */
const deepest = 30_000;

/**
 * Papers of arXiv by their identifiers.
 *
 * @param ids anything `parseArxivId` reads; with a version, that version is asked for
 * @returns the papers in the order asked for, what could not be read, and the identifiers unknown to
 * arXiv
 * @throws SourceError when arXiv cannot be asked or an identifier is none
 * @example
 * const { papers } = await arxivById(["2305.18502", "hep-th/9901001v1"]);
 */
export async function arxivById(
  ids: readonly string[],
  { endpoint = sharedEndpoints.arxiv(), signal }: AskOptions = {},
): Promise<Papers & { missing: string[] }> {
  const asked = [...new Map(ids.map(parseArxivId).map((id) => [id.id, id])).values()];
  const found: Papers = { papers: [], skipped: [] };
  for (let i = 0; i < asked.length; i += idsAtOnce) {
    const some = asked.slice(i, i + idsAtOnce);
    const url = endpoint.urlOf({
      id_list: some.map(formatArxivId).join(","),
      max_results: String(some.length),
    });
    const page = await readPage(endpoint, url, (xml, host) => read(xml, host, 0), { signal });
    found.papers.push(...page.papers);
    found.skipped.push(...page.skipped);
  }
  const byId = new Map(found.papers.map((paper) => [paper.arxiv, paper]));
  const papers = asked.flatMap(({ id }) => byId.get(id) ?? []);
  const isUnread = (id: string) => found.skipped.some((skipped) => skipped.id.includes(id));
  const missing = asked.map(({ id }) => id).filter((id) => !byId.has(id) && !isUnread(id));
  return { papers, skipped: found.skipped, missing };
}

export interface ListingQuery {
  /** Categories such as `cs.LG`; papers in any of them are listed. */
  readonly categories: readonly string[];
  /** Submitted from this minute on. */
  readonly from: Date;
  /** Submitted up to this minute, included. */
  readonly to: Date;
  /** Entries asked for at once, 1 to 2,000. */
  readonly pageSize?: number;
  /** Entries to pass over at first. */
  readonly start?: number;
  /** Pages read before, asked for only where they changed. */
  readonly seen?: SeenPages;
}

/**
 * Papers by the date of their first version, oldest first, page by page.
 *
 * In that order a paper announced meanwhile does not move the pages before it, so none is missed. A
 * page may be shorter than asked for; the next starts after what came.
 *
 * @throws SourceError when a page cannot be had, or the list is longer than arXiv pages through
 * @example
 * const from = new Date("2024-05-01"), to = new Date("2024-05-02");
 * for await (const { papers } of arxivListing({ categories: ["cs.LG"], from, to })) …
 */
export async function* arxivListing(
  { categories, from, to, pageSize = 100, start = 0, seen = {} }: ListingQuery,
  { endpoint = sharedEndpoints.arxiv(), signal }: AskOptions = {},
): AsyncGenerator<Page> {
  const query = searchQuery(categories, from, to);
  for (let position: number | null = start; position !== null; ) {
    const first: number = position;
    if (first >= deepest)
      throw new SourceError(
        `arXiv pages through ${count(deepest)} entries at most; ask for fewer days`,
      );
    const url = endpoint.urlOf({
      search_query: query,
      start: String(first),
      max_results: String(Math.min(pageSize, deepest - first)),
      sortBy: "submittedDate",
      sortOrder: "ascending",
    });
    const page = await readPage(endpoint, url, (xml, host) => read(xml, host, first), {
      seen,
      signal,
    });
    yield page;
    position = page.next;
  }
}

function searchQuery(categories: readonly string[], from: Date, to: Date): string {
  if (categories.length === 0) throw new SourceError("a listing needs a category");
  for (const category of categories) {
    if (!/^[A-Za-z-]+(\.[A-Za-z-]+)?$/.test(category))
      throw new SourceError(`${quote(category)} is not a category of arXiv`);
  }
  const any = categories.map((category) => `cat:${category}`).join(" OR ");
  return `(${any}) AND submittedDate:[${minute(from)} TO ${minute(to)}]`;
}

/** 202405012359, in UTC. */
const minute = (time: Date): string => time.toISOString().slice(0, 16).replace(/\D/g, "");

function read(xml: string, host: string, start: number): PageContent {
  const { total, entries, papers, skipped } = parseAtom(xml, host);
  const end = start + entries;
  // When it is busy, arXiv sends a page without entries where there should be some.
  if (entries === 0 && end < total)
    throw unreadable(host, `sent no entries from ${count(start)} on of ${count(total)}`);
  return { papers, skipped, next: end < total ? end : null };
}
