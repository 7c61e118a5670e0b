/** Transformers learn in-context by gradient descent. */
import { card } from "../cards/index.ts";
import type { Paper } from "../contract/paper.ts";
import { experiment } from "./experiment.ts";
import { use } from "./use.ts";

export const paper: Paper = {
  card: card("in-context-gradient-descent"),
  method: [
    "tasks.ts",
    "attention.ts",
    "descent.ts",
    "stepSize.ts",
    "regressors.ts",
    "training.ts",
    "starts.ts",
    "alignment.ts",
    "interpolation.ts",
    "contestants.ts",
    "study.ts",
    "copying.ts",
    "fit.ts",
  ],
  experiment,
  use,
};
