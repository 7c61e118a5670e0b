import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "in-context-gradient-descent",
  title: "Transformers learn in-context by gradient descent",
  authors: [
    "Johannes von Oswald",
    "Eyvind Niklasson",
    "Ettore Randazzo",
    "João Sacramento",
    "Alexander Mordvintsev",
    "Andrey Zhmoginov",
    "Max Vladymyrov",
  ],
  year: 2023,
  venue: "ICML",
  arxiv: "2212.07677",
  code: "https://github.com/google-research/self-organising-systems",
  summary:
    "One layer of linear self-attention can be set by hand so that its forward pass is a step of gradient descent on the examples in its context, and training finds such weights by itself. Good for seeing, layer by layer, what attention computes when it learns from context.",
  claim:
    "A trained layer of linear self-attention predicts as one step of gradient descent does, and deeper models do better by correcting for curvature as well.",
  topics: ["explanations", "learning-theory"],
  uses: "Takes the size, range and context length of a family of regression tasks, trains a self-attention model on it, and gives the model as ONNX and how close it is to gradient descent in loss, sensitivity and predictions.",
  verifies:
    "Random linear regressions in ten dimensions: one layer against one tuned step of gradient descent and the interpolated weights (3 seeds), two layers against two steps and the curvature-corrected variant (2 seeds).",
};
