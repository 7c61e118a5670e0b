/** What `etude read`, `verify` and `use` are given. */
import { card } from "../cards/adaptive-guidance.ts";
import type { Paper } from "../contract/paper.ts";
import { experiment } from "./experiment.ts";
import { use } from "./use.ts";

export const paper: Paper = {
  card,
  method: [
    "alignment.ts",
    "policy.ts",
    "steps.ts",
    "guidedSample.ts",
    "leastSquares.ts",
    "linearGuidance.ts",
    "calibrate.ts",
    "search.ts",
  ],
  experiment,
  use,
};
