import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "double-descent",
  title: "Understanding the Role of Optimization in Double Descent",
  authors: ["Chris Yuhao Liu", "Jeffrey Flanigan"],
  year: 2023,
  venue: "NeurIPS Workshop on Optimization for Machine Learning",
  arxiv: "2312.03951",
  summary:
    "Test error may peak where a model has just enough parameters to fit its data; this study traces the presence of that peak to conditioning and to how far the optimiser gets. Good for judging whether a larger model will be hurt, and for seeing the effect beside its exact solution.",
  claim:
    "The peak appears if and only if the optimiser reaches a minimum of sufficiently low loss, so common training rarely meets it.",
  topics: ["training-dynamics", "wide-networks", "learning-theory"],
  uses: "Takes a labelled table or folder of images, sweeps the width of random-feature models and two-layer networks under several optimisers, and gives test error, training loss and condition number by width with the height of the peak.",
  verifies:
    "Random features of 500 MNIST digits, solved exactly in the spectrum for any number of steps (5 seeds), then six optimisers on the same features and two-layer networks with noisy labels (3 seeds).",
};
