import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "batch-size-learning-rates",
  title:
    "Learning Rates as a Function of Batch Size: A Random Matrix Theory Approach to Neural Network Training",
  authors: ["Diego Granziol", "Stefan Zohren", "Stephen Roberts"],
  year: 2022,
  venue: "JMLR",
  arxiv: "2006.09092",
  summary:
    "Random matrix theory tells how the noise of a mini-batch inflates the extreme eigenvalues of the Hessian, and hence how the largest stable learning rate depends on the batch size. Good for carrying a learning rate over to another batch size, and for setting rate and momentum from curvature measured while training.",
  claim:
    "The largest stable learning rate grows in proportion to the batch size for SGD, up to a threshold, and with its square root for Adam.",
  topics: ["learning-rates", "training-dynamics", "optimisation"],
  uses: "Takes a labelled table or folder of images, trains a network on it, and gives its Hessian and Gauss-Newton spectra, the batch noise, and the largest stable learning rate by batch size.",
  verifies:
    "The 8x8 digits: stability sweeps of SGD and Adam over eight batch sizes (3 seeds), batch eigenvalues against the theory, and the curvature-driven learner against a grid of rates and momenta (5 seeds).",
};
