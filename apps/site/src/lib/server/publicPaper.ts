/** A paper as the API and the feeds give it away. */
import { isRunnable } from "@etude/papers/registry";
import type { PaperListing } from "@etude/store";

export interface PublicPaper {
  readonly slug: string | null;
  readonly arxiv: string | null;
  readonly title: string;
  readonly authors: readonly string[];
  readonly year: number;
  readonly venue: string | null;
  readonly summary: string | null;
  readonly abstract: string | null;
  readonly topics: readonly string[];
  readonly published: string;
  readonly listed: string;
  readonly votes: number;
  readonly runnable: boolean;
  readonly url: string;
}

/** @param base what addresses begin with; "" for addresses on this site */
export const publicPaper = (paper: PaperListing, base: string): PublicPaper => ({
  slug: paper.slug,
  arxiv: paper.arxiv,
  title: paper.title,
  authors: paper.authors,
  year: paper.year,
  venue: paper.venue,
  summary: paper.summary,
  abstract: paper.abstract,
  topics: paper.topics,
  published: paper.published.toISOString(),
  listed: paper.firstSeen.toISOString(),
  votes: paper.votes,
  runnable: paper.slug !== null && isRunnable(paper.slug),
  url: `${base}${paper.url}`,
});
