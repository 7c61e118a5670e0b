/**
 * The losses, bounds and trainings of the paper, to be used anywhere. `compSumLoss` and
 * `compMarginLoss` take what the classification losses of `@etude/learn` take, and give a value per
 * example.
 */
export * from "./attacks.ts";
export * from "./baselines.ts";
export * from "./bounds.ts";
export { type Evaluation, type Evaluator, evaluator, robustAccuracy } from "./evaluation.ts";
export type { Examples } from "./examples.ts";
export * from "./gaps.ts";
export { type CompSumOptions, compMarginLoss, compSumLoss } from "./losses.ts";
export { margins, smallestMargin } from "./margins.ts";
export { type AscentOptions, type Ball, type Objective, perturb, project } from "./perturbation.ts";
export * from "./smoothAdversarial.ts";
export * from "./training.ts";
export * from "./trainingLosses.ts";
export { phi, phiOfLogarithm } from "./transform.ts";
