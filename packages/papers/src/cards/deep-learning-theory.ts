import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "deep-learning-theory",
  title: "The Principles of Deep Learning Theory",
  authors: ["Daniel A. Roberts", "Sho Yaida", "Boris Hanin"],
  year: 2022,
  venue: "Cambridge University Press",
  arxiv: "2106.10165",
  summary:
    "A theory of random networks of finite width that follows the statistics of signals and tangent kernels from layer to layer and tells at which initial variances they neither explode nor vanish. Good for choosing initialisation, activation, depth, residual weights and the scaling of learning rates.",
  claim:
    "Networks should start at criticality, and the ratio of depth to width governs how far they depart from the infinite-width limit and how much they learn representations.",
  topics: ["wide-networks", "learning-theory", "training-dynamics"],
  uses: "Takes an activation function and the depth and widths of a network, and gives its critical initialisation, the predicted statistics of signals and kernels layer by layer beside simulated ones, the best depth for the width, and the scaling of learning rates.",
  verifies:
    "Ensembles of thousands of random linear, ReLU, tanh and GELU networks against the predicted statistics, then training at and off criticality on 8x8 digits, and the change of the kernel with width and depth over 5 seeds.",
};
