import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "opposing-signals",
  title: "Outliers with Opposing Signals Have an Outsized Effect on Neural Network Optimization",
  authors: ["Elan Rosenfeld", "Andrej Risteski"],
  year: 2024,
  venue: "ICLR",
  arxiv: "2311.04163",
  summary:
    "Small paired groups of outliers share a strong feature but differ in label, so that their large gradients oppose each other and carry the oscillations of the loss; the method finds such groups in recorded losses. Good for diagnosing spikes, conflicting labels and the gap between SGD and Adam.",
  claim:
    "Paired outliers with opposing signals drive the rise of sharpness and the oscillations of gradient descent, and an SGD that steps by sign where coordinates are very large follows Adam closely.",
  topics: ["training-dynamics", "training-data", "optimisation"],
  uses: "Takes labelled rows or images, trains a network by full-batch gradient descent, and gives the opposing groups it finds, the loss and sharpness curves, and how much each group drives the spikes.",
  verifies:
    "Full-batch gradient descent on 2,000 CIFAR-10 images: opposing groups beside random ones and training without either (3 seeds), a toy model solved exactly, and SplitSGD beside SGD and Adam.",
};
