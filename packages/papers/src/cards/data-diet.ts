import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "data-diet",
  title: "Deep Learning on a Data Diet: Finding Important Examples Early in Training",
  authors: ["Mansheej Paul", "Surya Ganguli", "Gintare Karolina Dziugaite"],
  year: 2021,
  venue: "NeurIPS",
  arxiv: "2107.07075",
  code: "https://github.com/mansheej/data_diet",
  summary:
    "It scores every training example by the size of its error or of its gradient a few epochs into training, averaged over several starts. Good for dropping the easy examples a model can do without, for finding wrong labels, and for seeing how hard examples shape training.",
  claim:
    "Half of CIFAR-10 can be dropped by scores taken early in training without loss of test accuracy.",
  topics: ["training-data", "training-dynamics"],
  uses: "Takes labelled rows or images, and gives the GraNd, EL2N and forgetting scores of each, a ranked list of probable label errors, and a pruned copy of the data.",
  verifies:
    "MNIST with a dense network: subsets kept by each score against full data, random subsets and the easy half (4 seeds), detection of planted label errors (3 seeds), and linear mode connectivity (3 parents).",
};
