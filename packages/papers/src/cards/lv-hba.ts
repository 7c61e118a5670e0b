import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "lv-hba",
  title:
    "Constrained Bi-Level Optimization: Proximal Lagrangian Value function Approach and Hessian-free Algorithm",
  authors: ["Wei Yao", "Chengming Yu", "Shangzhi Zeng", "Jin Zhang"],
  year: 2024,
  venue: "ICLR",
  arxiv: "2401.16164",
  code: "https://github.com/SUSTech-Optimization/LV-HBA",
  summary:
    "Bilevel problems whose constraints tie both levels are turned into one smooth inequality and solved in a single loop of gradient steps and projections, without Hessians. Good for tuning many hyper-parameters of a constrained model, such as one penalty for each example of a support vector machine.",
  claim:
    "It needs neither a strongly convex lower problem nor a unique lower solution, and finds similar or better solutions than earlier methods in less time.",
  topics: ["bilevel-optimisation", "optimisation"],
  uses: "Takes a table with two classes, learns the penalties of a support vector machine on a validation part, and gives penalties, weights, history, and accuracy beside a single penalty chosen from a grid.",
  verifies:
    "A constrained problem with many lower solutions against an implicit baseline, and one penalty for each example on breast-cancer data with flipped labels against a grid and implicit differentiation, on 5 seeds.",
};
