/** Two-layer ReLU networks as convex programs: training, certificates, robustness. */
export { type AdmmOptions, convexReluAdmm } from "./admm.ts";
export { type AdversarialOptions, convexAdversarial, type RobustSolution } from "./adversarial.ts";
export { type AttackOptions, attack } from "./attack.ts";
export { type BackpropOptions, backprop } from "./backprop.ts";
export {
  correlation2d,
  correlationBound,
  type DualityGap,
  dualDirection,
  dualityGap,
  type GapOptions,
  networkGap,
  searchCorrelation,
} from "./certificate.ts";
export type { SolverName } from "./factorisation.ts";
export type { LossName } from "./losses.ts";
export {
  allPatterns2d,
  joinPatterns,
  type Patterns,
  patternCount,
  samplePatterns,
  sampleRobustPatterns,
  scenarioBound,
  withAllOnes,
} from "./patterns.ts";
export {
  type ConvexSolution,
  convexObjective,
  type ProgramRecord,
  withBias,
} from "./program.ts";
export { convexReluAdmmRbcd, type RbcdOptions } from "./rbcd.ts";
export {
  networkObjective,
  predict,
  type RecoverOptions,
  type ReluNetwork,
  recoverNetwork,
} from "./recovery.ts";
export {
  type SampledOptions,
  type SampledSolution,
  sampledConvexProgram,
} from "./sampled.ts";
