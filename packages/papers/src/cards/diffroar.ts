import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "diffroar",
  title: "Do Input Gradients Highlight Discriminative Features?",
  authors: ["Harshay Shah", "Prateek Jain", "Praneeth Netrapalli"],
  year: 2021,
  venue: "NeurIPS",
  arxiv: "2102.12781",
  code: "https://github.com/harshays/inputgradients",
  summary:
    "It tests whether input gradients point at the features that matter: keep only the best or only the worst rated pixels, retrain and compare accuracies, or place a digit beside an empty block and see which one lights up. Good for auditing an attribution method before its pictures are trusted.",
  claim:
    "Input gradients of normally trained networks may fail to highlight discriminative features, because they leak from other instances, while those of adversarially trained networks do highlight them.",
  topics: ["explanations", "robustness"],
  uses: "Takes labelled images and, if you have one, your classifier as ONNX, and gives DiffROAR curves of its input gradients beside random attributions and beside an adversarially trained network, with gradient maps.",
  verifies:
    "BlockMNIST with its null blocks, DiffROAR on Fashion-MNIST, and simplified block data: standard against adversarially trained networks and random attributions, on up to 3 seeds.",
};
