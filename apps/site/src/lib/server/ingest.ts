/** Papers from outside into the store, for the site's schedule and for `etude ingest`. */
import {
  arxivSource,
  dailySource,
  type IngestEvent,
  type IngestSource,
  ingest,
} from "@etude/sources";
import { ingestStates, maintain, type Store, upsertPapers } from "@etude/store";

export const sourceNames = ["daily", "arxiv"] as const;
export type SourceName = (typeof sourceNames)[number];

/** Categories of arXiv whose papers are listed, unless others are asked for. */
export const usualCategories = ["cs.LG", "stat.ML"] as const;

const day = 86_400_000;

export interface IngestRequest {
  readonly sources: readonly SourceName[];
  readonly categories?: readonly string[];
  /** The first day to take papers of, where nothing was read yet. */
  readonly since: Date;
}

/** The last two weeks, where nothing was read yet. */
export const usualSince = (now: Date): Date => new Date(now.getTime() - 14 * day);

/**
 * Reads what is new since the last time, one source after the other. Every page is stored before the
 * next is asked for, so that a run that was killed goes on where it was.
 */
export async function* ingestPapers(
  store: Store,
  { sources, categories = usualCategories, since }: IngestRequest,
  now: () => Date = () => new Date(),
): AsyncGenerator<IngestEvent> {
  const readers: Readonly<Record<SourceName, () => IngestSource>> = {
    arxiv: () => arxivSource({ categories }),
    daily: () => dailySource(),
  };
  for (const name of sources) {
    yield* ingest(readers[name](), (papers) => upsertPapers(store, papers, now()), {
      since,
      state: ingestStates(store, now),
      now: now(),
    });
    await maintain(store);
  }
}
