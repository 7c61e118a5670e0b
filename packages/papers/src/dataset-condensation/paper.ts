/** What `etude read`, `verify` and `use` are given. */
import { card } from "../cards/dataset-condensation.ts";
import type { Paper } from "../contract/paper.ts";
import { experiment } from "./experiment.ts";
import { use } from "./use.ts";

export const paper: Paper = {
  card,
  method: [
    "gradientDistance.ts",
    "matching.ts",
    "condense.ts",
    "outerLoop.ts",
    "draws.ts",
    "settings.ts",
    "augmentation.ts",
    "networks.ts",
    "training.ts",
    "evaluation.ts",
    "tangentKernel.ts",
    "commonSignal.ts",
    "replay.ts",
    "clutter.ts",
  ],
  experiment,
  use,
};
