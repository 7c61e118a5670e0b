/**
 * The method for programs: sampling from conditional diffusion models with fewer network evaluations.
 * Noise paths, samplers, exact and trained models are among them, from `../diffusion`.
 */
export * from "../diffusion/index.ts";
export { alignment, cosines } from "./alignment.ts";
export { calibrateThreshold, evaluationsAt, thresholdFor, triggers } from "./calibrate.ts";
export {
  type GuidedSampleOptions,
  type GuidedSamples,
  guidedSample,
  type Histories,
} from "./guidedSample.ts";
export type { Ridge } from "./leastSquares.ts";
export {
  type FittedCoefficients,
  fitHistories,
  fitLinearGuidance,
  type LinearFitOptions,
} from "./linearGuidance.ts";
export {
  type AdaptiveOptions,
  type AdaptivePolicy,
  adaptiveEvaluations,
  adaptiveGuidance,
  alternatingKinds,
  conditionalOnly,
  type FixedPolicy,
  fixedEvaluations,
  fixedPolicy,
  fullGuidance,
  type GuidancePolicy,
  guidedWithin,
  type LinearCoefficients,
  type LinearPolicy,
  linearGuidance,
  type StepKind,
} from "./policy.ts";
export {
  discretisePolicy,
  mixtureOf,
  type SearchedPolicy,
  type SearchOptions,
  searchPolicy,
} from "./search.ts";
