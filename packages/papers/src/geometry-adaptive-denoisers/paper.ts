/** Generalization in diffusion models arises from geometry-adaptive harmonic representations. */
import { card } from "../cards/index.ts";
import type { Paper } from "../contract/paper.ts";
import { experiment } from "./experiment.ts";
import { use } from "./use.ts";

export const paper: Paper = {
  card: card("geometry-adaptive-denoisers"),
  method: [
    "../denoising/batchNorm.ts",
    "../denoising/networks.ts",
    "../denoising/layers.ts",
    "../denoising/noise.ts",
    "../denoising/training.ts",
    "../denoising/coarseToFine.ts",
    "../denoising/sampling.ts",
    "../denoising/similarity.ts",
    "generalization.ts",
    "../denoising/jacobian.ts",
    "../denoising/adaptiveBasis.ts",
    "localBasis.ts",
    "../denoising/shrinkage.ts",
    "psnrSlope.ts",
    "../denoising/geometricImages.ts",
  ],
  experiment,
  use,
};
