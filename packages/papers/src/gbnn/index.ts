/** The method for programs: boosted networks trained, cut, merged and put on top of deep ones. */
export {
  type Boosted,
  boost,
  fitGbnn,
  type GbnnModel,
  type GbnnPart,
} from "./boosting.ts";
export type { Activation, GbnnConfig, Solver } from "./config.ts";
export {
  type CvReport,
  crossValidateGbnn,
  type Grid,
  type OuterFold,
  paperGrid,
} from "./crossValidation.ts";
export {
  fitStandardisation,
  foldStandardisation,
  replaceHead,
  type Standardisation,
  standardise,
} from "./head.ts";
export {
  boostingLoss,
  initialConstant,
  type LineSearch,
  newtonStep,
  probabilities,
  pseudoResiduals,
  type Task,
} from "./losses.ts";
export { applyMerged, type MergedNetwork, mergeGbnn, prefix } from "./merge.ts";
export {
  asMerged,
  type Network,
  type NetworkConfig,
  networkScores,
  trainNetwork,
} from "./network.ts";
export { paper } from "./paper.ts";
export { decisionFunction, predict, predictProba } from "./predict.ts";
export { type Quality, qualityOf, type Stage, stagedScores } from "./staged.ts";
