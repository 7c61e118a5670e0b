import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "comp-sum-losses",
  title: "Cross-Entropy Loss Functions: Theoretical Analysis and Applications",
  authors: ["Anqi Mao", "Mehryar Mohri", "Yutao Zhong"],
  year: 2023,
  venue: "ICML",
  arxiv: "2304.07288",
  summary:
    "One family of losses holds cross-entropy, generalised cross-entropy and mean absolute error, with bounds that say how a small loss limits the classification error within a given class of models. Good for choosing a loss and, in its smooth adversarial form, for training classifiers that withstand small changes of their input.",
  claim:
    "Every loss of the family has a tight bound on the classification error within a class of models, and the smooth adversarial form beats earlier robust training in clean and in adversarial accuracy.",
  topics: ["learning-theory", "robustness"],
  uses: "Takes a labelled table or folder of images, trains your classifier with each comp-sum loss and its smooth adversarial version, and gives clean and adversarial accuracies side by side and the models as ONNX.",
  verifies:
    "The bounds on 20,000 random distributions for each loss, the choice of loss on a subset of Fashion-MNIST (3 seeds), and adversarial training on 8x8 digits beside standard, PGD and TRADES training (3 seeds).",
};
