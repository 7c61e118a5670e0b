import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "score-estimation",
  title:
    "Neural Network-Based Score Estimation in Diffusion Models: Optimization and Generalization",
  authors: ["Yinbin Han", "Meisam Razaviyayn", "Renyuan Xu"],
  year: 2024,
  venue: "ICLR",
  arxiv: "2401.15604",
  summary:
    "It proves that gradient descent on a wide two-layer network learns the score of a diffusion model, by recasting the task as regression with noisy labels that follows a known kernel and is stopped early. Good for small score models that need a rule for stopping and a kernel twin to compare with.",
  claim:
    "Wide networks under gradient descent track a series of kernel regressions, and early stopping gives the first bound on the samples needed to learn a score in this way.",
  topics: ["diffusion", "wide-networks", "learning-theory"],
  uses: "Takes a table of points (up to 20 columns and 5,000 rows), and gives the fitted score network as ONNX, its kernel twin, the chosen stopping time with the validation curve, and new samples.",
  verifies:
    "Eight points on a circle, where the score is known: networks of four widths against their kernel twin, stopping rules at five sample sizes, and the four terms of the error, on 3 seeds.",
};
