/** Efficient Global Optimization of Two-layer ReLU Networks. */
import { card } from "../cards/index.ts";
import type { Paper } from "../contract/paper.ts";
import { experiment } from "./experiment.ts";
import { use } from "./use.ts";

export const paper: Paper = {
  card: card("convex-relu"),
  method: [
    "patterns.ts",
    "losses.ts",
    "program.ts",
    "factorisation.ts",
    "admm.ts",
    "rbcd.ts",
    "recovery.ts",
    "cones.ts",
    "certificate.ts",
    "sampled.ts",
    "adversarial.ts",
    "attack.ts",
  ],
  experiment,
  use,
};
