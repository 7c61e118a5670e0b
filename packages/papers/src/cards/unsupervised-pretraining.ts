import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "unsupervised-pretraining",
  title: "On the Provable Advantage of Unsupervised Pretraining",
  authors: ["Jiawei Ge", "Shange Tang", "Jianqing Fan", "Chi Jin"],
  year: 2024,
  venue: "ICLR",
  arxiv: "2303.01566",
  summary:
    "A model with hidden variables is fitted to many unlabelled inputs by maximum likelihood, and only the small map from those variables to the label is learned from the few labelled ones. Good for tables whose label column is mostly empty, and for judging beforehand whether pre-training will pay.",
  claim:
    "If the model class is informative, the excess risk splits into a term that unlabelled data shrink and a small one that labels shrink, which beats supervised learning when unlabelled data abound.",
  topics: ["representations", "learning-theory", "tabular"],
  uses: "Takes one table with a mostly empty label column, and gives the best of factor model, mixture and no pre-training by cross-validation, the comparison, predictions, and the model as ONNX.",
  verifies:
    "Simulated factor models, Gaussian mixtures and contrastive pairs beside ridge, logistic and oracle baselines over many repetitions, then 8x8 digits with few labels (10 splits) and a case without information where pre-training fails.",
};
