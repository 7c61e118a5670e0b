import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "bo-rep",
  title:
    "Bilevel Optimization under Unbounded Smoothness: A New Algorithm and Convergence Analysis",
  authors: ["Jie Hao", "Xiaochuan Gong", "Mingrui Liu"],
  year: 2024,
  venue: "ICLR",
  arxiv: "2401.09587",
  code: "https://github.com/MingruiLiu-ML-Lab/Bilevel-Optimization-under-Unbounded-Smoothness",
  summary:
    "A bilevel method whose upper level takes normalised momentum steps, so that curvature may grow with the gradient, while the lower level is started carefully and then updated only now and then. Good for learning hyper-parameters, representations or the weight of each example when networks, above all recurrent ones, have unruly gradients.",
  claim:
    "It reaches a stationary point at a proven cost even where smoothness is unbounded, and learns faster and better than earlier bilevel methods on three text tasks.",
  topics: ["bilevel-optimisation", "optimisation", "training-data", "representations"],
  uses: "Takes text or a table with labels and one of three tasks (hyper-representation, hyper-parameter optimisation, label cleaning), and gives the trained model, what the upper level learned, and a comparison with other bilevel methods at equal cost.",
  verifies:
    "A controlled problem whose smoothness grows without bound (5 seeds) and pixel-by-pixel 8x8 digits with a recurrent encoder (3 seeds), against SOBA, MA-SOBA and StocBiO at equal steps or oracle calls, each at its best rate.",
};
