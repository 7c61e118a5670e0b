import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "tract",
  title: "TrAct: Making First-layer Pre-Activations Trainable",
  authors: ["Felix Petersen", "Christian Borgelt", "Stefano Ermon"],
  year: 2024,
  venue: "NeurIPS",
  arxiv: "2410.23970",
  code: "https://github.com/Felix-Petersen/tract",
  summary:
    "The weight gradient of the first layer is replaced by the change that best realises a gradient step on the layer's outputs, in closed form, as if the layer were an embedding table. Good for training vision models from scratch in fewer epochs, under any optimiser and with one hyper-parameter.",
  claim: "Training of vision models becomes faster by factors between 1.25 and 4.",
  topics: ["optimisation", "efficiency"],
  uses: "Takes a folder of labelled images, trains the same network with a plain and with a TrAct first layer at the same budget, and gives the better one as ONNX with both accuracy curves.",
  verifies:
    "Patches of CIFAR-10 at three budgets and Fashion-MNIST with Adam and SGD, TrAct and the plain layer each at its own best learning rate, with MNIST as a case where it does not help, on 5 seeds.",
};
