import { addDays, type Day, dayOf } from "./days.ts";
import type { IngestSource } from "./ingestSource.ts";
import { type IngestState, loadState, type Span, type StateStore, seenOf } from "./ingestState.ts";
import type { IncomingPaper, Papers, Skipped } from "./paper.ts";

/** What became of papers that were handed over. */
export interface Stored {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
}

/** Takes the papers of one page; each identifier comes once in it. */
export type Sink = (papers: IncomingPaper[]) => Promise<Stored>;

export interface IngestOptions {
  /** The earliest day of interest; where the first run starts. */
  readonly since: Date;
  readonly state: StateStore;
  readonly now: Date;
  readonly signal?: AbortSignal;
}

/** A page was stored. */
export interface IngestEvent extends Stored {
  readonly source: IngestSource["name"];
  /** Counted from 1 in this run. */
  readonly page: number;
  /** How many papers the page brought. */
  readonly papers: number;
  /** Entries that were left out, with the reason. */
  readonly skipped: readonly Skipped[];
  /** The source said that the page is as it was. */
  readonly notModified: boolean;
}

const aDay = 86_400_000;

/**
 * Bring a store up to date with a source, page by page.
 *
 * The state is saved after each page that the sink took, so a run that was killed is gone on with
 * where it stopped, and at worst hands over one page twice.
 *
 * @throws SourceError when a page cannot be had; what the sink or the state store throws; the reason
 * of `signal` when it is aborted
 * @example
 * const sink = (papers) => upsertPapers(store, papers, now);
 * for await (const { page, inserted } of ingest(dailySource(), sink, { since, state, now }))
 *   console.log(`page ${page}: ${inserted} new papers`);
 */
export async function* ingest(
  source: IngestSource,
  sink: Sink,
  { since, state: states, now, signal }: IngestOptions,
): AsyncGenerator<IngestEvent, void> {
  const saved = await loadState(states, source.name);
  const today = dayOf(now);
  const spans = spansToRead(saved, source, dayOf(since), today);
  const seen: IngestState["seen"] = {};
  let pages = 0;
  for (const [i, span] of spans.entries()) {
    for await (const page of source.read(span, { seen: saved?.seen ?? {}, signal })) {
      const { papers, skipped } = submittedBefore(new Date(now.getTime() + aDay), page);
      const stored =
        papers.length === 0 ? { inserted: 0, updated: 0, unchanged: 0 } : await sink(papers);
      Object.assign(seen, seenOf(page));
      const isResumed = span === saved?.open && page.left !== undefined;
      const open = page.left ?? spans[i + 1];
      const asOf = isResumed ? saved.asOf : today;
      await states.save(source.name, { asOf, ...(open !== undefined && { open }), seen });
      pages += 1;
      yield {
        source: source.name,
        page: pages,
        papers: papers.length,
        ...stored,
        skipped,
        notModified: page.unchanged,
      };
      signal?.throwIfAborted();
    }
  }
}

/** The days to read, oldest first: the rest of what was begun, then all others up to today. */
function spansToRead(
  saved: IngestState | undefined,
  { overlap, daysAtOnce }: IngestSource,
  since: Day,
  today: Day,
): Span[] {
  const spans: Span[] = [];
  let from = since;
  if (saved !== undefined) {
    const { asOf, open } = saved;
    // Days that may have got papers since they were read.
    const again = addDays(asOf < today ? asOf : today, -overlap);
    from = again > since ? again : since;
    if (open !== undefined) {
      spans.push(open);
      const after = addDays(open.to, 1);
      if (after < from || asOf === today) from = after;
    }
  }
  while (from <= today) {
    const end = addDays(from, daysAtOnce - 1);
    const to = end < today ? end : today;
    spans.push({ from, to, start: 0 });
    from = addDays(to, 1);
  }
  return spans;
}

/** A date in the future would hold a paper at the top of every list. */
function submittedBefore(latest: Date, { papers, skipped }: Papers): Papers {
  const early = papers.filter(({ published }) => published <= latest);
  const late = papers
    .filter(({ published }) => published > latest)
    .map(({ arxiv, published }) => ({
      id: arxiv,
      problem: `published: in the future, ${published.toISOString()}`,
    }));
  return { papers: early, skipped: [...skipped, ...late] };
}
