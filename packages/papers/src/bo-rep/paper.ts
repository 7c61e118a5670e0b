/** Bilevel Optimization under Unbounded Smoothness: A New Algorithm and Convergence Analysis. */
import { card } from "../cards/index.ts";
import type { Paper } from "../contract/paper.ts";
import { experiment } from "./experiment.ts";
import { use } from "./use.ts";

export const paper: Paper = {
  card: card("bo-rep"),
  method: [
    "bilevel/problem.ts",
    "bilevel/oracles.ts",
    "bilevel/boRepStep.ts",
    "bilevel/lowerLevel.ts",
    "bilevel/linearSystem.ts",
    "bilevel/baselines.ts",
    "bilevel/method.ts",
    "bilevel/descent.ts",
    "bilevel/solver.ts",
    "classification.ts",
    "networks.ts",
  ],
  experiment,
  use,
};
