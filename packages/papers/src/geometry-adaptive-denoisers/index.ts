/**
 * The method for programs: whether two denoisers of disjoint sets have learnt one density, and the
 * bases in which they shrink noise; with the denoisers themselves, from `../denoising`.
 */
export { finish } from "../contract/events.ts";
export * from "../denoising/index.ts";
export {
  type ComparedSamples,
  compareSamples,
  disjointSubsets,
  type GeneralizationOptions,
  type GeneralizationReport,
  generalizationReport,
  type SampleComparison,
  trainAndTestPsnr,
} from "./generalization.ts";
export {
  harmonicOrder,
  type LocalBasis,
  localBasis,
  noisyImage,
  residualEnergy,
} from "./localBasis.ts";
export { psnrSlope } from "./psnrSlope.ts";
export { type Condition, type Judgement, judgeModels, type Verdict } from "./verdict.ts";
