/** Sequential Training of Neural Networks with Gradient Boosting. */
import { card } from "../cards/index.ts";
import type { Paper } from "../contract/paper.ts";
import { experiment } from "./experiment.ts";
import { use } from "./use.ts";

export const paper: Paper = {
  card: card("gbnn"),
  method: [
    "losses.ts",
    "shallow.ts",
    "part.ts",
    "boosting.ts",
    "merge.ts",
    "predict.ts",
    "staged.ts",
    "head.ts",
    "crossValidation.ts",
  ],
  experiment,
  use,
};
