import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "diffusion-optimization",
  title:
    "An Overview of Diffusion Models: Applications, Guided Generation, Statistical Rates and Optimization",
  authors: ["Minshuo Chen", "Song Mei", "Jianqing Fan", "Mengdi Wang"],
  year: 2024,
  venue: "arXiv",
  arxiv: "2404.07771",
  summary:
    "A review of how diffusion models are trained and guided and of what is proved about them, with their use as optimisers: sample designs given a wished-for reward, from many unlabelled and few labelled examples. Good for proposing better designs from a table of past ones when the objective cannot be queried again.",
  claim:
    "A diffusion model conditioned on a target reward proposes designs that reach it and stay near the data, at a cost in reward that grows as the target moves away from the data.",
  topics: ["diffusion", "generative-models", "learning-theory"],
  uses: "Takes a table of features with a reward column that may have gaps, and gives candidate rows for each target reward with predicted reward and distance to the data, and the target it recommends.",
  verifies:
    "Synthetic designs on a linear subspace and on a sphere, beside gradient ascent and the best rows of the data (3 seeds), the gain from more labels in closed form (40 seeds), and guidance strength on Gaussian mixtures.",
};
