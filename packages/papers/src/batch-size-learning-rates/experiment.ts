/** The paper's three claims on small images: stable rates, batch eigenvalues, the learner. */
import type { Experiment } from "../contract/experiment.ts";
import { claims } from "./experiment/claims.ts";
import { centred, loadExamples } from "./experiment/data.ts";
import { matrices, measureSpectrum, unitsOf } from "./experiment/eigenvalues.ts";
import { measureLearner, unitsOfLearner } from "./experiment/learner.ts";
import { type Options, optionsSchema } from "./experiment/options.ts";
import type { Result } from "./experiment/result.ts";
import { summarise } from "./experiment/summary.ts";
import { measureSweep, unitsOfSweep } from "./experiment/sweep.ts";

const quick: Options = {
  data: "digits",
  examples: 1797,
  sweepNetwork: "mlp-32-32",
  sweepBatchSizes: [2, 4, 8, 16, 32, 64, 128, 256],
  linearUpTo: 16,
  saturatedFrom: 64,
  steps: 600,
  sgdLeastRate: 0.00625,
  adamLeastRate: 0.0003,
  rateFactor: Math.SQRT2,
  rates: 23,
  threshold: 0.5,
  evaluated: 1797,
  networksAtOnce: 23,
  spectrumNetwork: "mlp-16-tanh",
  spectrumEpochs: 20,
  spectrumRate: 0.2,
  spectrumTrainingBatch: 64,
  spectrumBatchSizes: [16, 32, 64, 128, 256],
  spectrumBatches: 20,
  excessUpTo: 128,
  directionalFrom: 64,
  topSteps: 120,
  noiseBatchSize: 1,
  noiseProbes: 10,
  densitySteps: 60,
  densityProbes: 3,
  learnerNetwork: "mlp-32-32",
  testExamples: 500,
  learnerBatchSizes: [128, 32],
  learnerEpochs: 10,
  lanczosSteps: 10,
  reps: 3,
  memory: 3,
  safety: 0.5,
  gridRates: [0.01, 0.03, 0.1, 0.3, 1],
  gridMomenta: [0, 0.9],
};

const smoke: Options = {
  ...quick,
  examples: 300,
  sweepNetwork: "mlp-8",
  sweepBatchSizes: [2, 8, 32],
  linearUpTo: 8,
  saturatedFrom: 8,
  steps: 60,
  sgdLeastRate: 0.1,
  adamLeastRate: 0.01,
  rateFactor: 2,
  rates: 5,
  threshold: 2,
  evaluated: 200,
  spectrumNetwork: "mlp-4-tanh",
  spectrumEpochs: 4,
  spectrumBatchSizes: [8, 64],
  spectrumBatches: 3,
  topSteps: 40,
  noiseProbes: 2,
  densitySteps: 10,
  densityProbes: 1,
  learnerNetwork: "mlp-8",
  testExamples: 100,
  learnerBatchSizes: [32],
  learnerEpochs: 2,
  gridRates: [0.1, 0.3],
};

/** The networks of the paper on CIFAR-10 (CIFAR-100 is not in the catalogue), at its batch sizes. */
const full: Options = {
  ...quick,
  data: "cifar10",
  examples: 50_000,
  sweepNetwork: "vgg16",
  sweepBatchSizes: [32, 64, 128, 256, 512, 1024, 2048, 4096],
  linearUpTo: 512,
  saturatedFrom: 2048,
  steps: 5000,
  sgdLeastRate: 0.0005,
  adamLeastRate: 0.00001,
  threshold: 1.5,
  evaluated: 2000,
  networksAtOnce: 1,
  spectrumNetwork: "vgg16",
  spectrumRate: 0.01,
  spectrumTrainingBatch: 128,
  spectrumBatchSizes: [32, 64, 128, 256, 512, 1024, 2048, 4096],
  excessUpTo: 1024,
  directionalFrom: 512,
  topSteps: 30,
  noiseBatchSize: 64,
  densitySteps: 100,
  densityProbes: 1,
  learnerNetwork: "resnet-110",
  testExamples: 10_000,
  learnerEpochs: 100,
};

export const experiment: Experiment<Options, Result> = {
  description:
    "Small networks without batch normalisation: the largest learning rates of SGD and Adam that a fixed number of steps survives at each batch size; top eigenvalues of batches against predictions from measured noise; and rates and momenta from Lanczos spectra against a grid of fixed ones.",
  options: optionsSchema,
  presets: {
    smoke: { options: smoke, seeds: [0], minutes: 0.1 },
    quick: { options: quick, seeds: [0, 1, 2, 3, 4], minutes: 1.2 },
    full: { options: full, seeds: [0, 1, 2], minutes: 100_000 },
  },
  data: ({ data }) => [data],

  async *run(options, context) {
    const images = await loadExamples(options, context);
    const around0 = centred(images);
    const units = [unitsOfSweep(options), unitsOf(matrices), unitsOf(["Hessian"])];
    const total = units.reduce((sum, unit) => sum + unit, unitsOfLearner(options));
    const sweep = yield* measureSweep(around0, options, context, total);
    let done = units[0];
    const spectrum = yield* measureSpectrum(
      "spectrum",
      images,
      matrices,
      options,
      context,
      done,
      total,
    );
    done += units[1];
    const centredSpectrum = yield* measureSpectrum(
      "centred",
      around0,
      ["Hessian"],
      options,
      context,
      done,
      total,
    );
    done += units[2];
    const learner = yield* measureLearner(around0, options, context, done, total);
    return { sweep, spectrum, centredSpectrum, learner };
  },
  claims,
  summarise,
};
