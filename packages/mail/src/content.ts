/** What a digest holds, as it is frozen in the database: JSON, read back through its schema. */
import { isRunnable } from "@etude/papers/registry";
import type { PaperListing } from "@etude/store";
import { z } from "zod";
import { firstSentences, tidy } from "./templates/words.ts";

const paperSchema = z.object({
  id: z.number().int(),
  title: z.string(),
  authors: z.array(z.string()),
  venue: z.string().nullable(),
  year: z.number().int(),
  /** The summary, or the first sentences of the abstract. */
  excerpt: z.string(),
  topics: z.array(z.string()),
  votes: z.number().int(),
  /** Its page, a path on the site. */
  path: z.string(),
  /** Whether it can be verified and used in the browser. */
  runnable: z.boolean(),
});

export const contentSchema = z.object({ papers: z.array(paperSchema) });

export type DigestPaper = z.infer<typeof paperSchema>;
export type DigestContent = z.infer<typeof contentSchema>;

/** What a digest keeps of a paper. */
export function digestPaper(paper: PaperListing): DigestPaper {
  return {
    id: paper.id,
    title: tidy(paper.title),
    authors: [...paper.authors],
    venue: paper.venue,
    year: paper.year,
    excerpt: paper.summary ?? firstSentences(paper.abstract ?? ""),
    topics: [...paper.topics],
    votes: paper.votes,
    path: paper.url,
    runnable: paper.slug !== null && isRunnable(paper.slug),
  };
}

/** The papers about any of the topics; all of them where no topic is chosen. */
export const papersAbout = (
  papers: readonly DigestPaper[],
  topics: readonly string[],
): readonly DigestPaper[] =>
  topics.length === 0
    ? papers
    : papers.filter((paper) => paper.topics.some((t) => topics.includes(t)));
