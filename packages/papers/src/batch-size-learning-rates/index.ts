/**
 * The method for programs: batch eigenvalues and their noise, spectra, learning rates as a function of
 * the batch size, and rates and momenta from curvature while training.
 */
export { adamDiagonal, compileGradientMoments, type GradientMoments } from "./adamCurvature.ts";
export * from "./batchEigenvalue.ts";
export {
  type Curvature,
  type Examples,
  ggnVectorProduct,
  hessianVectorProduct,
  type Loss,
  type LossOnOutputs,
  type Model,
} from "./curvature.ts";
export * from "./curvatureSchedule.ts";
export { atRest, compileHeavyBall, epochOrder, type HeavyBall, type Moving } from "./heavyBall.ts";
export * from "./lanczos.ts";
export * from "./learningRates.ts";
export * from "./noise.ts";
export { type Coefficients, polyak } from "./polyak.ts";
export { checkSymmetric, type Product, preconditioned, unitVector } from "./product.ts";
export { type Spectrum, type SpectrumOptions, slq } from "./spectrum.ts";
export * from "./stability.ts";
