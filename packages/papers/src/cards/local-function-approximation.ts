import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "local-function-approximation",
  title:
    "Which Explanation Should I Choose? A Function Approximation Perspective to Characterizing Post Hoc Explanations",
  authors: ["Tessa Han", "Suraj Srinivas", "Himabindu Lakkaraju"],
  year: 2022,
  venue: "NeurIPS",
  arxiv: "2206.01254",
  code: "https://github.com/AI4LIFE-GROUP/lfa",
  summary:
    "Eight popular explanation methods, LIME, KernelSHAP and Integrated Gradients among them, are written as one: the best simple fit to a model over some neighbourhood of an input. Good for choosing an explainer by the kind of perturbation one cares about, and for designing new ones.",
  claim:
    "All eight methods are instances of one approximation problem, none is best in every neighbourhood, and the one to choose is the one that matches the perturbations of interest.",
  topics: ["explanations", "tabular"],
  uses: "Takes rows or images and your ONNX model, and gives the explanations of eight methods, how faithful each is in each neighbourhood, and a recommendation.",
  verifies:
    "Small networks on the diabetes and life-expectancy tables: each method's own algorithm against its approximation form, losses across neighbourhoods, and perturbation tests that separate the methods, on 3 seeds.",
};
