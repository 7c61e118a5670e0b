import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "coherent-gradients",
  title: "On the Generalization Mystery in Deep Learning",
  authors: ["Satrajit Chatterjee", "Piotr Zielinski"],
  year: 2022,
  venue: "arXiv",
  arxiv: "2203.10036",
  summary:
    "It measures how well the gradients of single examples agree, explains generalisation by that agreement, and replaces the mean gradient by robust averages that drop directions few examples share. Good for watching memorisation during training and for learning from noisy labels.",
  claim:
    "Gradients agree far more on real labels than on random ones early in training, and suppressing directions that few examples share greatly reduces the memorisation of wrong labels.",
  topics: ["training-dynamics", "training-data", "learning-theory"],
  uses: "Takes a labelled table or folder of images, and gives the coherence of gradients during training for every layer, the step at which each example was learned, and a network trained with a robust gradient average as ONNX.",
  verifies:
    "The 8x8 digits with real and with random labels, then with half of the labels wrong: plain SGD against winsorized mean, median of three and rolling median, with a smaller learning rate as control, on 3 seeds.",
};
