/**
 * The method for programs: how much an example matters, from few epochs of training, and what follows
 * from it: subsets, wrong labels, forgetting, tangent kernels and barriers between trainings.
 */

export { kernelDistance } from "../kernelDistance.ts";
export {
  barrierOf,
  compilePath,
  errorBarrier,
  type PathMeasurements,
  type PathOptions,
} from "./connectivity.ts";
export {
  compileDenseGradientNorms,
  compileDenseTangentKernel,
  type DenseLayers,
  type KernelOf,
} from "./denseGradients.ts";
export { type Forgetting, forgettingScores, noForgetting, observeBatch } from "./forgetting.ts";
export {
  type Apply,
  compileGradientNorms,
  type GradientNormOptions,
  type GradientNorms,
  grandScores,
} from "./gradientNorms.ts";
export {
  type NoiseDetection,
  type NoisyLabels,
  noiseDetection,
  permuteLabels,
  redrawLabels,
} from "./labelNoise.ts";
export {
  type ErrorScoreKind,
  el2nScores,
  errorScoreKinds,
  errorScores,
  meanOverRuns,
  type RunScores,
  scoreDataset,
} from "./scores.ts";
export { ascendingOrder, type SubsetChoice, selectSubset } from "./subsets.ts";
export {
  compileTangentKernel,
  kernelVelocityByGroup,
  traceOverLogits,
} from "./tangentKernel.ts";
