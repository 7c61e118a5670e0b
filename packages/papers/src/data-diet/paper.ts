/** What `etude read`, `verify` and `use` are given. */
import { card } from "../cards/data-diet.ts";
import type { Paper } from "../contract/paper.ts";
import { experiment } from "./experiment.ts";
import { use } from "./use.ts";

export const paper: Paper = {
  card,
  method: [
    "scores.ts",
    "gradientNorms.ts",
    "denseGradients.ts",
    "forgetting.ts",
    "subsets.ts",
    "labelNoise.ts",
    "connectivity.ts",
    "tangentKernel.ts",
    "training.ts",
  ],
  experiment,
  use,
};
