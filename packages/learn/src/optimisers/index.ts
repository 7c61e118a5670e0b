/** Optimisers as transformations of gradients; minimisation of whole objectives is in `lbfgs/`. */
export { type AccumulationState, accumulateGradients } from "./accumulation.ts";
export {
  type AdadeltaOptions,
  type AdadeltaState,
  type AdagradOptions,
  type AdagradState,
  adadelta,
  adagrad,
  scaleByAdadelta,
  scaleByAdagrad,
} from "./adagrad.ts";
export {
  type AdamOptions,
  type AdamState,
  type AmsgradState,
  adam,
  adamw,
  amsgrad,
  type CoupledAdamOptions,
  nadam,
  scaleByAdam,
  scaleByAmsgrad,
} from "./adam.ts";
export { type AdamaxOptions, type AdamaxState, adamax, scaleByAdamax } from "./adamax.ts";
export { exponentialMovingAverage, type ParameterAverage } from "./averaging.ts";
export { clipByGlobalNorm, clipByValue, globalNorm } from "./clipping.ts";
export { lamb, scaleByTrustRatio } from "./lamb.ts";
export * from "./lbfgs/index.ts";
export {
  type CountState,
  type LearningRate,
  scale,
  scaleByLearningRate,
  scaleBySchedule,
} from "./learningRate.ts";
export { type LionOptions, type LionState, lion, scaleByLion } from "./lion.ts";
export type { Average } from "./moments.ts";
export {
  applyUpdates,
  chain,
  type InitialState,
  type Optimiser,
  type Rule,
  transformation,
} from "./optimiser.ts";
export { masked, partition, setToZero } from "./partition.ts";
export {
  type RmsOptions,
  type RmspropOptions,
  type RmsState,
  rmsprop,
  scaleByRms,
} from "./rmsprop.ts";
export { type SgdOptions, sgd, type TraceState, trace } from "./sgd.ts";
export { mapTensors } from "./trees.ts";
export { addDecayedWeights, type ParameterFilter } from "./weightDecay.ts";
