import { z } from "zod";
import { quote, unreadable } from "./errors.ts";
import { type Described, type Papers, problemOf, readEntries } from "./paper.ts";
import { codeLink } from "./text.ts";
import { parseXml } from "./xml.ts";

/** One answer of arXiv's API. */
export interface AtomFeed extends Papers {
  /** How many entries the whole result has. */
  readonly total: number;
  /** How many entries this answer had, the skipped ones and doubles included. */
  readonly entries: number;
}

const text = z.object({ "#text": z.string() }).transform((element) => element["#text"]);
const term = z.object({ "@term": z.string() }).transform((element) => element["@term"]);

const feed = z.object({
  feed: z.object({
    totalResults: text.pipe(z.string().regex(/^\s*\d{1,9}\s*$/, "not a number")).transform(Number),
    entry: z.array(z.unknown()).max(3_000).default([]),
  }),
});

const entry = z
  .object({
    id: text,
    title: text,
    summary: text,
    published: text,
    updated: text,
    author: z.array(z.object({ name: text })),
    primary_category: term.optional(),
    category: z.array(term).default([]),
    doi: text.optional(),
    comment: text.optional(),
  })
  .transform(
    ({ summary, author, primary_category: primary, category, comment, ...rest }): Described => ({
      id: rest.id,
      title: rest.title,
      authors: author.map(({ name }) => name),
      abstract: summary,
      categories: primary === undefined ? category : [primary, ...category],
      published: rest.published.trim(),
      updated: rest.updated.trim(),
      doi: rest.doi,
      source: "arxiv",
      code: codeLink(comment, summary),
    }),
  );

const identified = z.object({ id: text });
const idOf = (element: unknown): string | undefined => identified.safeParse(element).data?.id;

/**
 * Read a feed of arXiv's API.
 *
 * @param host whose answer it is, for errors
 * @throws SourceError when it is not such a feed as a whole, or reports an error of the API; bad
 * entries are only skipped
 */
export function parseAtom(xml: string, host: string): AtomFeed {
  const result = feed.safeParse(parseXml(xml, host));
  if (!result.success)
    throw unreadable(host, `sent XML that is not a feed of arXiv; ${problemOf(result.error)}`);
  const { totalResults: total, entry: entries } = result.data.feed;
  for (const element of entries) {
    // The API says so by an entry, with the status 200.
    if (idOf(element)?.includes("/api/errors"))
      throw unreadable(host, `reports an error: ${quote(summaryOf(element))}`);
  }
  return { total, entries: entries.length, ...readEntries(entries, entry, idOf) };
}

const summarised = z.object({ summary: text });
const summaryOf = (element: unknown): string =>
  summarised.safeParse(element).data?.summary.trim() ?? "no details";
