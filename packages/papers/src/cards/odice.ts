import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "odice",
  title:
    "ODICE: Revealing the Mystery of Distribution Correction Estimation via Orthogonal-gradient Update",
  authors: ["Liyuan Mao", "Haoran Xu", "Weinan Zhang", "Xianyuan Zhan"],
  year: 2024,
  venue: "ICLR",
  arxiv: "2402.00348",
  code: "https://github.com/maoliyuan/ODICE-Pytorch",
  summary:
    "It learns a policy from logged transitions by a dual objective for state values, after projecting the gradient that comes from the next state so that it no longer opposes the one from the current state. Good for offline reinforcement learning without a simulator, and for imitating experts from their logs alone.",
  claim:
    "The two gradients of the dual objective nearly cancel; making one orthogonal to the other repairs this, keeps the policy within states the data support, and beats earlier offline methods on most tasks tried.",
  topics: ["reinforcement-learning", "optimisation"],
  uses: "Takes a file of logged transitions, and gives the policy and the values as ONNX, which logged actions the method keeps, and a list of next states whose value looks doubtful.",
  verifies:
    "A grid world whose log stops short of a tempting shortcut: orthogonal, semi-, true and summed gradients and behaviour cloning, by route, values and success under slips, on 3 seeds.",
};
