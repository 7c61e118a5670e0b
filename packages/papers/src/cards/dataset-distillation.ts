import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "dataset-distillation",
  title: "Self-Supervised Dataset Distillation for Transfer Learning",
  authors: [
    "Dong Bok Lee",
    "Seanie Lee",
    "Joonho Ko",
    "Kenji Kawaguchi",
    "Juho Lee",
    "Sung Ju Hwang",
  ],
  year: 2024,
  venue: "ICLR",
  arxiv: "2310.06511",
  code: "https://github.com/db-Lee/selfsup_dd",
  summary:
    "From unlabelled images it learns a small synthetic set with target representations, solving the inner problem in closed form by kernel ridge regression instead of training on a noisy self-supervised loss. Good for pre-training a fresh network in seconds before it is fitted to another task with few labels.",
  claim:
    "A self-supervised loss inside distillation gives biased gradients, and plain regression on distilled targets transfers better to other data sets than earlier distillation does.",
  topics: ["training-data", "representations", "bilevel-optimisation"],
  uses: "Takes a folder of unlabelled images, and gives a small set of synthetic images with their targets and a network pre-trained on it as ONNX, with the accuracy of probes if some labels are given.",
  verifies:
    "Twenty images distilled from Fashion-MNIST and carried over to MNIST: probes with 100 labels, beside undistilled real images, no pre-training and the target model itself, on 3 seeds.",
};
