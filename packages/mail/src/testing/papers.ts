import type { IncomingPaper } from "@etude/store";
import type { DigestPaper } from "../content.ts";

/** Papers as a digest keeps them, some of them awkward. */
export const digestPapers: readonly DigestPaper[] = [
  {
    id: 1,
    title: "Gradient Boosting Neural Networks: GrowNet Revisited",
    authors: ["Ada Lovelace", "Charles Babbage"],
    venue: "ICML",
    year: 2026,
    excerpt:
      "Shallow networks are added one after the other, each fitted to what the sum of those before it leaves. On tables this matches boosted trees at a tenth of their size.",
    topics: ["boosting", "tabular"],
    votes: 42,
    path: "/papers/gbnn",
    runnable: true,
  },
  {
    id: 2,
    title:
      "Towards an Extraordinarily Long Title about Hyperparameter-Transfer-and-Learning-Rate-Schedules for Overparameterised Networks in the Infinite-Width Limit",
    authors: ["Kurt Gödel", "Emmy Noether", "Alan Turing", "Grace Hopper", "Édouard Lucas"],
    venue: null,
    year: 2026,
    excerpt:
      "We show that $\\eta_t \\propto t^{-1/2}$ transfers across widths. Code: https://code.example/a/very/long/path/that/no/reader/would/type/by/hand/but/some/authors/write/into/abstracts.",
    topics: ["optimisation"],
    votes: 1,
    path: "/papers/2611.01234",
    runnable: false,
  },
  {
    id: 3,
    title: "Prune Once, Train Never",
    authors: ["Sophie Germain"],
    venue: "NeurIPS",
    year: 2025,
    excerpt: "",
    topics: [],
    votes: 0,
    path: "/papers/2611.04321",
    runnable: false,
  },
];

/** A paper as a source tells of it. */
export const incomingPaper = (
  number: number,
  about: Partial<IncomingPaper> = {},
): IncomingPaper => ({
  arxiv: `2611.${String(number).padStart(5, "0")}`,
  version: 1,
  title: `Paper ${number}`,
  authors: ["Ada Lovelace"],
  abstract: `The abstract of paper ${number}. It has two sentences.`,
  categories: ["cs.LG"],
  published: new Date("2026-11-23T18:00:00Z"),
  updated: new Date("2026-11-23T18:00:00Z"),
  source: "arxiv",
  ...about,
});
