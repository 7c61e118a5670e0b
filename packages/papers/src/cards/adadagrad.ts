import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "adadagrad",
  title: "AdAdaGrad: Adaptive Batch Size Schemes for Adaptive Gradient Methods",
  authors: ["Tim Tsz-Kit Lau", "Han Liu", "Mladen Kolar"],
  year: 2024,
  venue: "arXiv",
  arxiv: "2402.11215",
  code: "https://github.com/timlautk/AdAdaGrad",
  summary:
    "While training with AdaGrad, it tests how noisy the batch gradient is compared with its length and enlarges the batch when noise dominates, so that step size and batch size adapt together. Good for runs with large or growing batches where nobody wants to tune a ramp of the batch size by hand.",
  claim:
    "Adaptive batches come close to the accuracy of small constant ones in far fewer steps and generalise better than large constant ones, with a squared gradient norm of order 1/K after K steps.",
  topics: ["optimisation", "learning-rates"],
  uses: "Takes a labelled table or folder of images, trains a network whose batch grows by test, and gives the ONNX model, the batch size over time, and loss, accuracy and steps beside constant batches at equal samples.",
  verifies:
    "MNIST with a dense ReLU network: adaptive batches against constant, full and equal-mean ones, first by gradient norm per step on 2,000 images (3 seeds), then by steps, loss and accuracy at equal samples on 10,000 (5 seeds).",
};
