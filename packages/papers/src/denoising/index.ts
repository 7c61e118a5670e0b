/** Blind, bias-free denoisers: networks, training, sampling, and what they do to an image. */
export {
  type AdaptiveBasis,
  adaptiveBasis,
  type BasisOptions,
  gradientEnergy,
  lowRankDenoise,
  sureOf,
  symmetricEigenbasis,
  traceAndAsymmetry,
} from "./adaptiveBasis.ts";
export { biasFreeBatchNorm, type Mode } from "./batchNorm.ts";
export { compileSampler, type Guide } from "./coarseToFine.ts";
export {
  checkImageShape,
  type DenoiserArrays,
  type DenoiserOptions,
  denoise,
  initDenoiser,
  networkOf,
  parameterCount,
  predictNoise,
  type TrainedDenoiser,
} from "./denoiser.ts";
export { contour, contourRows, type GeometricOptions, geometricImages } from "./geometricImages.ts";
export { checkIntensities, imageRange, shrinkImages, tiledImages } from "./images.ts";
export { denoiseImages, jacobian, jacobianProducts } from "./jacobian.ts";
export {
  applyNetwork,
  type DenoiserParams,
  type DenoiserState,
  initialise,
  type Layers,
  type Network,
} from "./layers.ts";
export { bfCnn, unet } from "./networks.ts";
export { denoisingLoss, drawNoise, noiseLevels } from "./noise.ts";
export { type ImageDenoiser, inputPsnr, psnr, psnrCurve } from "./psnr.ts";
export {
  injectedShare,
  type Measurement,
  runSampler,
  type SampleOptions,
  type Samples,
  sampleImages,
  stepSize,
} from "./sampling.ts";
export {
  type OracleShrinkage,
  optimalSlope,
  oracleShrinkage,
  principalBasis,
  wienerDenoiser,
} from "./shrinkage.ts";
export {
  imageCorrelation,
  type Nearest,
  nearestImages,
  pairedCorrelation,
  removeNearDuplicates,
} from "./similarity.ts";
export { diskImages, scaledImages, shufflePixels, sinusoidImages } from "./simpleImages.ts";
export {
  type Eigenpairs,
  lanczos,
  type SymmetricProduct,
  topEigenpairs,
  traceEstimate,
} from "./topEigenpairs.ts";
export {
  halvedRate,
  type TrainOptions,
  type TrainSurroundings,
  trainDenoiser,
} from "./training.ts";
