import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "gbnn",
  title: "Sequential Training of Neural Networks with Gradient Boosting",
  authors: ["Seyedsaman Emami", "Gonzalo Martínez-Muñoz"],
  year: 2023,
  venue: "IEEE Access",
  arxiv: "1909.12098",
  doi: "10.1109/ACCESS.2023.3271515",
  code: "https://github.com/GAA-UAM/GBNN",
  summary:
    "A hidden layer is trained piece by piece as gradient boosting: each small group of units is fitted to what is still wrong, and all groups are merged into one ordinary network. Good for tables, and for networks whose later units can be switched off to trade accuracy for speed.",
  claim:
    "It generalises as well as networks trained whole by Adam, L-BFGS or SGD, and the units trained last can be switched off without significant loss.",
  topics: ["tabular", "efficiency"],
  uses: "Takes your CSV with a target column, and gives an ONNX model whose number of active units can be switched, predictions, and a report beside baselines.",
  verifies:
    "The tables australian, vehicle and energy-heating, with concrete as counter-example: 200 hidden units against networks trained whole by Adam, L-BFGS and SGD, at full size and cut short, on 3 seeds.",
};
