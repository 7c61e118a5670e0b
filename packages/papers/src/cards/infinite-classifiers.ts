import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "infinite-classifiers",
  title: "Wide and Deep Neural Networks Achieve Optimality for Classification",
  authors: ["Adityanarayanan Radhakrishnan", "Mikhail Belkin", "Caroline Uhler"],
  year: 2023,
  venue: "PNAS",
  arxiv: "2204.14126",
  code: "https://github.com/uhlerlab/inf_depth_ntks",
  summary:
    "It works out which classifier a network becomes when width and depth both go to infinity: a nearest-neighbour rule, a majority vote, or a singular kernel that weighs near points heavily. Good for a classifier without hyper-parameters whose error tends to the best possible, and for exact kernels of any activation.",
  claim:
    "Three numbers of the activation decide which classifier results, and a suitable activation makes the infinite network consistent for every distribution.",
  topics: ["wide-networks", "learning-theory", "tabular"],
  uses: "Takes a table with classes, and gives the predictions of the singular kernel classifier whose exponent fits the dimension, compared by cross-validation with the nearest neighbour, the majority vote and a finite-depth ReLU kernel.",
  verifies:
    "Dirichlet data of four dimensions with known Bayes error and up to 8,000 points: optimal and mismatched activations beside the Hilbert estimate, the nearest neighbour and the majority vote, on 4 seeds.",
};
