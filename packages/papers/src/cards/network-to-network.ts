import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "network-to-network",
  title: "N2N Learning: Network to Network Compression via Policy Gradient Reinforcement Learning",
  authors: ["Anubhav Ashok", "Nicholas Rhinehart", "Fares Beainy", "Kris M. Kitani"],
  year: 2018,
  venue: "ICLR",
  arxiv: "1709.06030",
  code: "https://github.com/anubhavashok/N2N",
  summary:
    "A recurrent policy walks over a trained network and removes layers, a second one shrinks those that remain, and both learn by reinforcement from the size and accuracy of briefly distilled students. Good for fitting a given model into a size budget without designing the smaller one by hand.",
  claim:
    "Students several times smaller keep their teacher's accuracy or exceed it, by 1.49 points for ResNet-34 on CIFAR-10, and a policy trained on one teacher speeds up the search on another.",
  topics: ["efficiency", "reinforcement-learning"],
  uses: "Takes a teacher as ONNX, or as architecture and weights, and data with or without labels, and gives the student as ONNX, all students tried with size, accuracy and reward, and the policy for reuse.",
  verifies:
    "A convolutional teacher of the 8x8 digits: learned removal against random removal (2 seeds), shrinkage, distillation against plain labels, and transfer of the policy to a larger teacher against a fresh one.",
};
