/** Minimisation of deterministic functions, and linear systems. */
export {
  type ConjugateGradientOptions,
  type ConjugateGradientResult,
  conjugateGradient,
  scanConjugateGradient,
} from "./conjugateGradient.ts";
export {
  type Evaluation,
  type LbfgsOptions,
  type LbfgsProgress,
  type LbfgsResult,
  lbfgs,
  type StopReason,
  type ValueAndGradient,
} from "./lbfgs.ts";
export {
  compileMinimizer,
  type MinimizeOptions,
  type MinimizeResult,
  type Minimizer,
  minimize,
} from "./minimize.ts";
