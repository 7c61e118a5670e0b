/** The measurements of the experiment on networks that are trained already. */
import { type NDArray, random } from "@etude/tensor";
import { base64 } from "../contract/base64.ts";
import {
  imageRange,
  principalBasis,
  psnrCurve,
  type TrainedDenoiser,
  wienerDenoiser,
} from "../denoising/index.ts";
import {
  compareSamples,
  type GeneralizationOptions,
  generalizationReport,
  type SampleComparison,
} from "./generalization.ts";
import { harmonicOrder, type LocalBasis, localBasis, residualEnergy } from "./localBasis.ts";
import { keyFor, purposes } from "./material.ts";
import type { Options } from "./options.ts";
import type {
  BasisResult,
  Comparison,
  LinearResult,
  ResidualResult,
  SizeResult,
} from "./result.ts";
import { basisSheet, sampleSheet } from "./sheets.ts";

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Columns of sample sheets, and eigenvectors of basis sheets. */
const shownSamples = 12;
const shownVectors = 12;

const shortened = (comparison: SampleComparison): Comparison => ({
  pairs: comparison.pairs,
  pairCorrelation: comparison.pairCorrelation,
  nearest: [...comparison.nearestA, ...comparison.nearestB],
  nearestTrain: comparison.nearestTrain,
  unconverged: comparison.unconverged,
});

/** Two models of disjoint sets: equations 16 to 20, with deterministic and with stochastic samples. */
export async function measureSize(
  models: readonly [TrainedDenoiser, TrainedDenoiser],
  sets: readonly [NDArray, NDArray],
  test: NDArray,
  options: Options,
  seed: number,
  signal: AbortSignal,
): Promise<SizeResult> {
  const { sigmas, samples, maxSteps } = options;
  const key = await keyFor(seed, purposes.samples);
  const common: Omit<GeneralizationOptions, "beta"> = { sigmas, samples, maxSteps, key, signal };
  const { report, samples: drawn } = await generalizationReport(models, sets, test, {
    ...common,
    beta: 1,
  });
  const stochastic = await compareSamples(models, sets, { ...common, beta: 0.1 });
  return {
    n: sets[0].shape[0],
    trainPsnr: report.trainPsnr,
    testPsnr: report.testPsnr,
    psnrGap: report.psnrGap,
    testNearest: report.testNearest,
    deterministic: shortened(report.comparison),
    stochastic: shortened(stochastic.comparison),
    sheet: base64(sampleSheet(drawn, sets, shownSamples)),
  };
}

/** Test PSNR of a network and of the linear filter of its training images. */
export async function measureLinear(
  network: TrainedDenoiser,
  train: NDArray,
  test: NDArray,
  sigmas: readonly number[],
  seed: number,
): Promise<LinearResult> {
  const key = await keyFor(seed, purposes.noise);
  return {
    network: await psnrCurve(network, test, sigmas, key),
    wiener: await psnrCurve(await wienerDenoiser(train), test, sigmas, key),
  };
}

/** The bases of some test images at one noise level. */
async function basesOf(
  network: TrainedDenoiser,
  test: NDArray,
  count: number,
  sigma: number,
  vectors: number,
  seed: number,
): Promise<LocalBasis[]> {
  const bases: LocalBasis[] = [];
  for (let i = 0; i < Math.min(count, test.shape[0]); i++) {
    const draw = random.generator(seed).fork(purposes.bases).fork(i);
    bases.push(await localBasis(network, imageRange(test, i, i + 1), sigma, vectors, draw));
  }
  return bases;
}

export async function measureBases(
  network: TrainedDenoiser,
  test: NDArray,
  { basisImages, basisSigma, basisVectors }: Options,
  seed: number,
): Promise<BasisResult> {
  const bases = await basesOf(network, test, basisImages, basisSigma, basisVectors, seed);
  const [first] = bases;
  const d = test.size / test.shape[0];
  const mean = (of: (basis: LocalBasis) => number) => meanOf(bases.map(of));
  return {
    orders: bases.map(harmonicOrder),
    energies: first.energies.map((_, k) => mean(({ energies }) => energies[k])),
    shrinkage: first.shrinkage,
    effectiveDimension: mean((basis) => basis.effectiveDimension),
    asymmetry: mean((basis) => basis.asymmetry),
    sure: mean((basis) => basis.sure / d),
    posteriorVariance: mean((basis) => basis.posteriorVariance / d),
    squaredError: mean((basis) => basis.squaredError / d),
    sheet: base64(basisSheet(first.leading, shownVectors)),
  };
}

/**
 * How much of clean images the first M = tr J eigenvectors leave out, and how much the first M of the
 * fixed principal basis of the training images do.
 */
export async function measureResidual(
  network: TrainedDenoiser,
  train: NDArray,
  test: NDArray,
  sigma: number,
  images: number,
  seed: number,
): Promise<ResidualResult> {
  const d = test.size / test.shape[0];
  const bases = await basesOf(network, test, images, sigma, d, seed);
  const principal = await principalBasis(train);
  const kept = ({ effectiveDimension }: LocalBasis, available: number) =>
    Math.max(1, Math.min(available, Math.round(effectiveDimension)));
  return {
    adaptive: meanOf(
      bases.map((basis, i) =>
        residualEnergy(
          imageRange(test, i, i + 1),
          basis.leading.data,
          kept(basis, basis.leading.shape[0]),
        ),
      ),
    ),
    principal: meanOf(
      bases.map((basis, i) =>
        residualEnergy(imageRange(test, i, i + 1), principal, kept(basis, d)),
      ),
    ),
  };
}
