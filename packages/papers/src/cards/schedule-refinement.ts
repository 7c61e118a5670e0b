import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "schedule-refinement",
  title: "When, Why and How Much? Adaptive Learning Rate Scheduling by Refinement",
  authors: ["Aaron Defazio", "Ashok Cutkosky", "Harsh Mehta", "Konstantin Mishchenko"],
  year: 2023,
  venue: "arXiv",
  arxiv: "2310.07831",
  code: "https://github.com/facebookresearch/adaptive_scheduling",
  summary:
    "The gradient norms recorded in one training run determine, in closed form, the learning-rate schedule that suits this problem best, warm-up and final decay included. Good for anyone who trains the same model again and again; without a record, linear decay to zero is the default it advises.",
  claim:
    "Linear decay matches or beats cosine and all other standard schedules, and refining it with recorded gradient norms improves further on most problems.",
  topics: ["learning-rates", "optimisation"],
  uses: "Takes the gradient norms in the log of an earlier run, and gives a refined schedule as CSV and JSON with a plot, and the warm-up and power of the polynomial schedule nearest to it.",
  verifies:
    "Softmax regression on six tables, each of six schedules at its best rate, then two of them with a noisy phase, and a small character model of Tiny Shakespeare; five seeds.",
};
