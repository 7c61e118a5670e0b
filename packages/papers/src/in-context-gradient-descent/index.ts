/** Attention that learns from its context, and the gradient descent it can be set to or turn into. */
export {
  type Alignment,
  alignment,
  lossOf,
  type Model,
  modelOf,
  sensitivity,
} from "./alignment.ts";
export {
  type AttentionLayer,
  type AttentionOptions,
  type PredictOptions,
  predict,
  selfAttention,
  tokensAfter,
} from "./attention.ts";
export {
  type Contestant,
  type Contestants,
  compileJudge,
  contestant,
  type Judged,
  shiftedLosses,
} from "./contestants.ts";
export {
  type CopyScore,
  copyingRegressor,
  copyScore,
  positionTable,
} from "./copying.ts";
export {
  gdPlusPlusLayer,
  gradientDescentLayer,
  inContextGradientDescent,
} from "./descent.ts";
export { type FitConfig, fitInContextRegressor } from "./fit.ts";
export {
  interpolate,
  largestOffDiagonal,
  normalisedProducts,
  type Products,
} from "./interpolation.ts";
export {
  type AttentionModel,
  attentionRegressor,
  type DescentParams,
  descentRegressor,
  featureDescentRegressor,
  featureRegressor,
  initialLayer,
  type Regressor,
} from "./regressors.ts";
export { chooseStart, type Start, startKey } from "./starts.ts";
export { bestSingleStep, optimalStepSize, scanStepSize, sizesAround } from "./stepSize.ts";
export {
  type LinearTask,
  linearSampler,
  pairTokens,
  sampleLinearTasks,
  sampleShiftedTasks,
  sampleSineTasks,
  separateTokens,
  type TaskSampler,
  type Tasks,
} from "./tasks.ts";
export { halfSquaredError, type Trained, type TrainingOptions, trainer } from "./training.ts";
