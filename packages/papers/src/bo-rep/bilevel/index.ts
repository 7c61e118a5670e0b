/** Bilevel problems, their derivatives, and methods for them. */
export {
  maSobaMethod,
  type NeumannOptions,
  sobaMethod,
  stocBioMethod,
  ttsaMethod,
} from "./baselines.ts";
export { type BoRepStepOptions, boRepMethod } from "./boRepStep.ts";
export {
  type Advanced,
  compileDescent,
  type Descent,
  type DescentOptions,
  type Observe,
  type Records,
  ratesOf,
  startState,
} from "./descent.ts";
export {
  conjugateGradients,
  type ExactHypergradient,
  type ExactOptions,
  exactHypergradient,
  lowerCurvature,
  neumann,
} from "./linearSystem.ts";
export {
  type EpochSgdOptions,
  epochSgd,
  epochSgdSteps,
  lowerDescent,
  projectBall,
} from "./lowerLevel.ts";
export type {
  BilevelMethod,
  BilevelState,
  HostBatches,
  Rates,
  StepBatches,
  StepResult,
} from "./method.ts";
export { hypergradient, lowerGradient, lowerHvp, mixedProduct, upperGradients } from "./oracles.ts";
export {
  addCalls,
  type BilevelProblem,
  noCalls,
  type OracleCount,
  stackTrees,
  totalCalls,
} from "./problem.ts";
export {
  type BilevelSolver,
  type BoRepOptions,
  boRep,
  maSoba,
  type Refinement,
  refinement,
  refinementSteps,
  type SolverOptions,
  type SolverState,
  soba,
  solver,
  stocBio,
  ttsa,
} from "./solver.ts";
export { type Arrays, compiled } from "./trees.ts";
