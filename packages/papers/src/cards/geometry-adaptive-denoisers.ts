import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "geometry-adaptive-denoisers",
  title:
    "Generalization in diffusion models arises from geometry-adaptive harmonic representations",
  authors: ["Zahra Kadkhodaie", "Florentin Guth", "Eero P. Simoncelli", "Stéphane Mallat"],
  year: 2024,
  venue: "ICLR",
  arxiv: "2310.02557",
  code: "https://github.com/LabForComputationalVision/memorization_generalization_in_diffusion_models",
  summary:
    "Denoisers without biases are trained on two disjoint sets of images; whether they draw the same sample from the same noise tells learning from copying, and their Jacobian shows the basis in which noise is shrunk. Good for finding out whether a generative model memorises a small image collection.",
  claim:
    "With 100,000 training images two networks draw nearly the same samples, with 100 or fewer they copy their images, and what lets them generalise is a bias towards harmonic bases that follow image geometry.",
  topics: ["diffusion", "generative-models", "inverse-problems"],
  uses: "Takes a folder of images, trains bias-free denoisers on its two halves, and gives one as ONNX, samples beside their nearest training images, the eigenbasis of the Jacobian, and the verdict copies, in between or generalises.",
  verifies:
    "Synthetic contour images in training sets of 8 and 16,384: gap between training and test and agreement of two disjoint networks, beside shuffled pixels and the linear Wiener filter, on 4 seeds.",
};
