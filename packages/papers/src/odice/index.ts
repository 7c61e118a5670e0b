/** Offline reinforcement learning and imitation by distribution correction with orthogonal gradients. */
export { type Cloned, cloneBehaviour } from "./cloning.ts";
export { checkConfig, imitationDefaults, learningDefaults, type OdiceConfig } from "./config.ts";
export {
  conjugate,
  conjugateSlope,
  type Generator,
  policyWeight,
  type WeightOptions,
  type WeightRule,
} from "./conjugate.ts";
export {
  act,
  actor,
  densityRatio,
  policyOutputs,
  type Residuals,
  residualsOf,
  valuesOf,
} from "./inspect.ts";
export {
  type PolicyActions,
  type PolicyNetwork,
  type PolicyParams,
  policyNetwork,
  stateValue,
  type ValueNetwork,
  type ValueParams,
  valueNetwork,
} from "./networks.ts";
export {
  addScaled,
  coefficientAlong,
  cosineBetween,
  innerProduct,
  projectOut,
} from "./projection.ts";
export {
  imitate,
  type OdiceMetrics,
  type Trained,
  type TrainingSurroundings,
  trainOdice,
} from "./trainOdice.ts";
export {
  checkTransitions,
  type EpisodeColumns,
  fromEpisodes,
  goalRewards,
  returnScale,
  type Standardisation,
  scaleRewards,
  standardisationOf,
  standardised,
  type Transitions,
} from "./transitions.ts";
export {
  type Batch,
  type GradientRule,
  gradientRules,
  type ValueFunction,
  type ValueGradient,
  type ValueOptions,
  valueGradient,
} from "./valueGradient.ts";
