import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "convex-relu",
  title:
    "Efficient Global Optimization of Two-layer ReLU Networks: Quadratic-time Algorithms and Adversarial Training",
  authors: ["Yatong Bai", "Tanmay Gautam", "Somayeh Sojoudi"],
  year: 2023,
  venue: "SIAM Journal on Mathematics of Data Science",
  arxiv: "2201.01965",
  summary:
    "A two-layer ReLU network with weight decay is rewritten as a convex problem over activation patterns and solved by ADMM, with a duality gap that certifies how far from the optimum it is. Good for small networks on tables that must train without step-size search, and robustly if inputs may be perturbed.",
  claim:
    "With sampled activation patterns the global optimum is approached at a cost per iteration that is only quadratic, and convex adversarial training gives more robust classifiers than back-propagation.",
  topics: ["optimisation", "robustness", "tabular"],
  uses: "Takes a table with a two-class or numeric target, and gives the two-layer ReLU network as ONNX with its objective and optimality gap and, if robustness is asked for, its clean and attacked accuracy.",
  verifies:
    "A five-point problem with a certified optimum against gradient descent and Adam (10 seeds), then digits 3 against 8: ADMM, sampled convex programs and convex adversarial training beside back-propagation.",
};
