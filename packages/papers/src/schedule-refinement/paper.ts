/** When, Why and How Much? Adaptive Learning Rate Scheduling by Refinement. */
import { card } from "../cards/index.ts";
import type { Paper } from "../contract/paper.ts";
import { experiment } from "./experiment.ts";
import { use } from "./use.ts";

export const paper: Paper = {
  card: card("schedule-refinement"),
  method: [
    "bound.ts",
    "refine.ts",
    "window.ts",
    "medianFilter.ts",
    "meanFilter.ts",
    "resample.ts",
    "numericalBound.ts",
    "lastIterate.ts",
    "gradientNorms.ts",
    "polynomialFit.ts",
    "standardSchedules.ts",
    "publishedShapes.ts",
  ],
  experiment,
  use,
};
