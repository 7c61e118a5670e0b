import type { DigestPaper, ListedPaper } from "../content.ts";

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

/** A paper as a list of the store shows it. */
export const listedPaper = (id: number, about: Partial<ListedPaper> = {}): ListedPaper => ({
  id,
  slug: null,
  title: `Paper ${id}`,
  authors: ["Ada Lovelace"],
  year: 2026,
  venue: null,
  summary: null,
  abstract: `The abstract of paper ${id}. It has two sentences.`,
  topics: [],
  firstSeen: new Date("2026-11-24T03:00:00Z"),
  votes: id,
  url: `/papers/2611.${String(id).padStart(5, "0")}`,
  ...about,
});
