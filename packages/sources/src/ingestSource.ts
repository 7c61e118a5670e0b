import { arxivListing } from "./arxiv.ts";
import { dailyRange } from "./dailyPapers.ts";
import { addDays, startOf } from "./days.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Span } from "./ingestState.ts";
import type { Page, SeenPages } from "./page.ts";

/** A page, and what is left of the days after it. */
export interface SpanPage extends Page {
  readonly left: Span | undefined;
}

/** A source that can be read day by day. */
export interface IngestSource {
  readonly name: "arxiv" | "daily";
  /** Days before the last one read that are read again each time. */
  readonly overlap: number;
  /** Days that are asked for together. */
  readonly daysAtOnce: number;
  read(
    span: Span,
    about: { seen: SeenPages; signal: AbortSignal | undefined },
  ): AsyncGenerator<SpanPage>;
}

export interface IngestSourceOptions {
  /** By default the one that the process shares. */
  readonly endpoint?: Endpoint;
  readonly overlap?: number;
}

/**
 * New papers of arXiv in some categories.
 *
 * A paper appears days after its submission, which is the date it is listed by: over a weekend, or
 * held by the moderators. Hence the overlap of a week.
 */
export const arxivSource = ({
  categories,
  pageSize,
  overlap = 7,
  endpoint,
}: IngestSourceOptions & {
  readonly categories: readonly string[];
  readonly pageSize?: number;
}): IngestSource => ({
  name: "arxiv",
  overlap,
  daysAtOnce: 7, // short of the 30,000 entries that arXiv pages through
  async *read({ from, to, start }, { seen, signal }) {
    // Whole days, so that the pages have the same addresses all day.
    const lastMinute = new Date(startOf(addDays(to, 1)).getTime() - 60_000);
    const query = { categories, from: startOf(from), to: lastMinute, pageSize, start, seen };
    for await (const page of arxivListing(query, { endpoint, signal }))
      yield { ...page, left: page.next === null ? undefined : { from, to, start: page.next } };
  },
});

/** The daily lists. Upvotes of a paper come in for days after; hence the overlap of a week. */
export const dailySource = ({ overlap = 7, endpoint }: IngestSourceOptions = {}): IngestSource => ({
  name: "daily",
  overlap,
  daysAtOnce: 31,
  async *read({ from, to, start }, { seen, signal }) {
    for await (const page of dailyRange(from, to, { start, seen }, { endpoint, signal })) {
      const { day, next } = page;
      const nextDay = day < to ? { from: addDays(day, 1), to, start: 0 } : undefined;
      yield { ...page, left: next === null ? nextDay : { from: day, to, start: next } };
    }
  },
});
