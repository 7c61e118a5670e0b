/** Cross-Entropy Loss Functions: Theoretical Analysis and Applications. */
import { card } from "../cards/index.ts";
import type { Paper } from "../contract/paper.ts";
import { experiment } from "./experiment.ts";
import { use } from "./use.ts";

export const paper: Paper = {
  card: card("comp-sum-losses"),
  method: [
    "transform.ts",
    "margins.ts",
    "losses.ts",
    "bounds.ts",
    "gaps.ts",
    "perturbation.ts",
    "smoothAdversarial.ts",
    "baselines.ts",
    "trainingLosses.ts",
    "training.ts",
    "attacks.ts",
    "evaluation.ts",
  ],
  experiment,
  use,
};
