/** Learning Rates as a Function of Batch Size. */
import { card } from "../cards/index.ts";
import type { Paper } from "../contract/paper.ts";
import { experiment } from "./experiment.ts";
import { use } from "./use.ts";

export const paper: Paper = {
  card: card("batch-size-learning-rates"),
  method: [
    "batchEigenvalue.ts",
    "learningRates.ts",
    "noise.ts",
    "lanczos.ts",
    "spectrum.ts",
    "curvature.ts",
    "adamCurvature.ts",
    "polyak.ts",
    "curvatureSchedule.ts",
    "heavyBall.ts",
    "stability.ts",
  ],
  experiment,
  use,
};
