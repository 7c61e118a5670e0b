import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "alignprop",
  title: "Aligning Text-to-Image Diffusion Models with Reward Backpropagation",
  authors: ["Mihir Prabhudesai", "Anirudh Goyal", "Deepak Pathak", "Katerina Fragkiadaki"],
  year: 2023,
  venue: "arXiv",
  arxiv: "2310.03739",
  code: "https://github.com/mihirp1998/AlignProp",
  summary:
    "It fine-tunes a diffusion model by treating the whole denoising chain as one differentiable policy and sending the gradient of a reward back through it, made affordable by low-rank adapters and checkpointing. Good for steering a trained generator towards a differentiable reward without the variance of policy gradients.",
  claim:
    "Sending rewards back through the sampler reaches higher rewards in fewer steps than policy gradients and related methods, and cutting the gradient at a random step tempers over-optimisation.",
  topics: ["diffusion", "generative-models", "reinforcement-learning"],
  uses: "Takes a denoiser and a reward as ONNX and a list of conditions, and gives the adapters, the merged ONNX model, the reward curve, and a sheet of samples before and after.",
  verifies:
    "A class-conditional diffusion model of pooled MNIST digits with a classifier as reward: five truncation rules against the policy gradient DDPO, judged by a classifier that was held out, together with mixing and memory, on 3 seeds.",
};
