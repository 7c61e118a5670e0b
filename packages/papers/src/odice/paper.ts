/** Distribution correction by orthogonal gradients. */
import { card } from "../cards/index.ts";
import type { Paper } from "../contract/paper.ts";
import { experiment } from "./experiment.ts";
import { use } from "./use.ts";

export const paper: Paper = {
  card: card("odice"),
  method: [
    "conjugate.ts",
    "projection.ts",
    "valueGradient.ts",
    "networks.ts",
    "training.ts",
    "trainOdice.ts",
    "cloning.ts",
    "config.ts",
    "inspect.ts",
    "transitions.ts",
  ],
  experiment,
  use,
};
