import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "dataset-condensation",
  title: "Dataset Condensation with Contrastive Signals",
  authors: ["Saehyung Lee", "Sanghyuk Chun", "Sangwon Jung", "Sangdoo Yun", "Sungroh Yoon"],
  year: 2022,
  venue: "ICML",
  arxiv: "2202.02916",
  code: "https://github.com/Saehyung-Lee/DCC",
  summary:
    "It learns a few synthetic images whose gradients match those of a whole data set, summed over classes rather than class by class, so that what all classes share cancels and what tells them apart remains. Good for cheap training, architecture search and small replay memories.",
  claim:
    "Matching the sum over classes makes better synthetic sets than class-wise matching, above all on fine-grained data, where the latter can be worse than random real images.",
  topics: ["training-data", "bilevel-optimisation"],
  uses: "Takes a folder of labelled images, and gives synthetic sets condensed by class-wise (DC) and by contrastive (DCC) matching, with the accuracy of networks trained on each and on random real images.",
  verifies:
    "Five upper-body garments of Fashion-MNIST at one image a class: contrastive and class-wise matching and the random images they start from (6 seeds), then MNIST under clutter common to all classes (4 seeds).",
};
