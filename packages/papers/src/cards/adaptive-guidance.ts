import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "adaptive-guidance",
  title: "Adaptive Guidance: Training-free Acceleration of Conditional Diffusion Models",
  authors: [
    "Angela Castillo",
    "Jonas Kohler",
    "Juan C. Pérez",
    "Juan Pablo Pérez",
    "Albert Pumarola",
    "Bernard Ghanem",
    "Pablo Arbeláez",
    "Ali Thabet",
  ],
  year: 2025,
  venue: "AAAI",
  arxiv: "2312.12487",
  summary:
    "A guided diffusion model is evaluated twice a step, with and without its condition; this method drops the second evaluation once both predictions point the same way, or replaces it by a fitted combination of past ones. Good for sampling from conditional diffusion or flow models with fewer network evaluations and no retraining.",
  claim:
    "The image quality of full guidance is kept with 25% fewer network evaluations, half the speed-up of guidance distillation, and without training.",
  topics: ["diffusion", "generative-models", "efficiency"],
  uses: "Takes a class-conditional diffusion model as ONNX, or trains one on labelled images, finds its guidance policy, and gives samples made with fewer network evaluations, a table of thresholds with cost and similarity to full guidance, and the policy as a file.",
  verifies:
    "An exact-score model of MNIST digits and a small learned one: adaptive and linear guidance against full guidance, fewer guided steps, half schedules and no guidance, by similarity to the fully guided image at three strengths and with 3 noise seeds.",
};
