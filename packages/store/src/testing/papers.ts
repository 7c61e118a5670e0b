import type { IncomingPaper } from "../papers/incoming.ts";

/** A paper as arXiv tells of it, with what a test wants different. */
export const incoming = (different: Partial<IncomingPaper> = {}): IncomingPaper => ({
  arxiv: "2401.00001",
  version: 1,
  title: "A Method",
  authors: ["Ada Berg", "Wei Lin"],
  abstract: "We measure what it does.",
  categories: ["cs.LG"],
  published: new Date("2024-01-01T12:00:00Z"),
  updated: new Date("2024-01-01T12:00:00Z"),
  source: "arxiv",
  ...different,
});
