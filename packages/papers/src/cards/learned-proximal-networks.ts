import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "learned-proximal-networks",
  title: "What's in a Prior? Learned Proximal Networks for Inverse Problems",
  authors: ["Zhenghan Fang", "Sam Buchanan", "Jeremias Sulam"],
  year: 2024,
  venue: "ICLR",
  arxiv: "2310.14344",
  code: "https://github.com/Sulam-Group/learned-proximal-networks",
  summary:
    "A network built as the gradient of a convex one is always an exact proximal operator, and a matching loss makes it the one that belongs to the log-density of the data. Good for reconstructing signals from any linear measurement with convergence guarantees, and for scoring how likely a signal is.",
  claim:
    "Trained by proximal matching it recovers the log-prior of the data, and it reconstructs on a par with or better than other unsupervised methods while convergence is proved.",
  topics: ["inverse-problems", "generative-models"],
  uses: "Takes a folder of images or a table of signals, and gives the proximal network as ONNX, denoised or deblurred signals, and the value of the learned prior for each row as an anomaly score.",
  verifies:
    "Laplace samples with known posterior mean, median and mode (3 seeds), then compressed measurements of 8x8 digits beside an unconstrained denoiser, a Gaussian prior and minimum-norm least squares.",
};
