/**
 * The method for programs: a few synthetic images in place of a data set (DC, DCC, DSA, DSAC), what
 * they are worth, and what they are good for.
 */

export { kernelDistance } from "../kernelDistance.ts";
export {
  applyTransform,
  type DsaOp,
  drawTransform,
  dsaOps,
  siameseAugment,
  type Transform,
} from "./augmentation.ts";
export { cluttered, smoothPatterns } from "./clutter.ts";
export { type CommonSignal, commonSignal } from "./commonSignal.ts";
export { type Condensed, type CondenseStep, condense, condensing } from "./condense.ts";
export {
  type Accuracies,
  batchNormTraining,
  compileEvaluator,
  digitTraining,
  dsaTraining,
  type EvaluationOptions,
  type Evaluator,
  evaluateCondensed,
} from "./evaluation.ts";
export {
  type GradMetric,
  gradientDistance,
  gradientShares,
  gradMetrics,
} from "./gradientDistance.ts";
export {
  type ChannelScale,
  channelScale,
  drawImages,
  keepRows,
  type Labelled,
  ofClasses,
  pooled,
  rowsByClass,
  standardise,
  visible,
} from "./labelled.ts";
export {
  type ClassBlocks,
  classGradients,
  classwiseMatchingLoss,
  contrastiveMatchingLoss,
  type MatchingOptions,
  meanGradient,
} from "./matching.ts";
export { convolutional, type NetFactory, type Network, perceptron } from "./networks.ts";
export {
  classIncrementalReplay,
  drawClassOrder,
  herded,
  type Memory,
  tasksOf,
} from "./replay.ts";
export { type CondenseOptions, contrastsAt, loopsFor, type Method, methods } from "./settings.ts";
export {
  empiricalNtk,
  kernelVelocity,
  type VelocityOptions,
} from "./tangentKernel.ts";
