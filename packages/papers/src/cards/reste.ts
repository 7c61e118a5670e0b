import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "reste",
  title:
    "Estimator Meets Equilibrium Perspective: A Rectified Straight Through Estimator for Binary Neural Networks Training",
  authors: ["Xiao-Ming Wu", "Dian Zheng", "Zuhao Liu", "Wei-Shi Zheng"],
  year: 2023,
  venue: "ICCV",
  arxiv: "2308.06689",
  code: "https://github.com/DravenALG/ReSTE",
  summary:
    "In networks of one-bit weights the missing gradient of the sign is replaced by that of a power function, whose exponent moves from the identity towards the sign during training. Good for binary networks on small devices, with one number for the error of the gradient and one for its stability.",
  claim:
    "Balancing the error of the estimator against the stability of gradients improves binary networks without extra modules, to 86.75% for ResNet-20 on CIFAR-10 with binary weights and activations.",
  topics: ["efficiency", "optimisation"],
  uses: "Takes a labelled table or folder of images, trains a binary network with each estimator, and gives the best as ONNX with its packed signs, and accuracy, estimating error and gradient instability by estimator.",
  verifies:
    "A deep binary network without shortcuts on Fashion-MNIST: final exponents from 1 to 10 against the straight-through estimator and EDE, by accuracy, estimating error and gradient instability, on 5 seeds.",
};
