/** A paper as the API and the feeds give it away. */
import { isRunnable } from "@etude/papers/registry";
import type { PaperListing } from "@etude/store";
import { z } from "zod";

export const paperSchema = z.object({
  slug: z.string().nullable().describe("the name of a paper that has a card here"),
  arxiv: z.string().nullable().describe("without a version"),
  title: z.string(),
  authors: z.array(z.string()),
  year: z.int(),
  venue: z.string().nullable(),
  summary: z.string().nullable().describe("in our own words"),
  abstract: z.string().nullable(),
  topics: z.array(z.string()),
  published: z.iso.datetime(),
  listed: z.iso.datetime(),
  votes: z.int(),
  runnable: z.boolean().describe("whether it can be verified and used here"),
  url: z.string(),
});

export type PublicPaper = Readonly<z.infer<typeof paperSchema>>;

/** @param base what addresses begin with; "" for addresses on this site */
export const publicPaper = (paper: PaperListing, base: string): PublicPaper => ({
  slug: paper.slug,
  arxiv: paper.arxiv,
  title: paper.title,
  authors: [...paper.authors],
  year: paper.year,
  venue: paper.venue,
  summary: paper.summary,
  abstract: paper.abstract,
  topics: [...paper.topics],
  published: paper.published.toISOString(),
  listed: paper.firstSeen.toISOString(),
  votes: paper.votes,
  runnable: paper.slug !== null && isRunnable(paper.slug),
  url: `${base}${paper.url}`,
});
