/** What can be set in the experiment. */
import { z } from "zod";
import { networkForm } from "../networks.ts";

const wholeNumber = z.int().min(1);
const sizes = z.array(wholeNumber).min(1);
const positive = z.number().gt(0);

export const optionsSchema = z.object({
  data: z.string().describe("images of the catalogue, by name"),
  examples: wholeNumber.describe("at most so many of them, drawn at random"),
  sweepNetwork: z.string().describe(`network of the stability sweep: ${networkForm}`),
  sweepBatchSizes: z
    .array(wholeNumber)
    .min(2)
    .describe("batch sizes of the stability sweep, ascending"),
  linearUpTo: wholeNumber.describe("SGD's slope is taken over batch sizes up to this one"),
  saturatedFrom: wholeNumber.describe(
    "SGD's rate at the largest batch is compared with that at this one",
  ),
  steps: wholeNumber.describe("steps of every training in the sweep, whatever the batch size"),
  sgdLeastRate: positive.describe("smallest learning rate of SGD"),
  adamLeastRate: positive.describe("smallest learning rate of Adam"),
  rateFactor: z.number().gt(1).describe("from one learning rate of the grid to the next"),
  rates: wholeNumber.describe("learning rates of the grid"),
  threshold: positive.describe("a rate is stable if the final training loss is below this"),
  evaluated: wholeNumber.describe("at most so many examples for the final training loss"),
  networksAtOnce: wholeNumber.describe("networks trained side by side, at most"),
  spectrumNetwork: z.string().describe("network whose spectra are taken"),
  spectrumEpochs: wholeNumber.describe("epochs of SGD before the spectra are taken"),
  spectrumRate: positive.describe("learning rate of that training"),
  spectrumTrainingBatch: wholeNumber.describe("batch size of that training"),
  spectrumBatchSizes: sizes.describe("batch sizes whose top eigenvalues are measured, ascending"),
  spectrumBatches: z.int().min(2).describe("batches of each size"),
  excessUpTo: wholeNumber.describe("the excess's slope is taken over batch sizes up to this one"),
  directionalFrom: wholeNumber.describe(
    "the directional prediction is judged at batch sizes from this one on",
  ),
  topSteps: wholeNumber.describe(
    "Lanczos steps for the top eigenvalues of all examples; as many vectors are held in memory",
  ),
  noiseBatchSize: wholeNumber.describe("examples of the batches that noise is estimated from"),
  noiseProbes: wholeNumber.describe("random vectors for the isotropic noise"),
  densitySteps: wholeNumber.describe("Lanczos steps for a density"),
  densityProbes: wholeNumber.describe("random vectors for a density"),
  learnerNetwork: z.string().describe("network of the learning-rate learner"),
  testExamples: wholeNumber.describe("examples held out there"),
  learnerBatchSizes: sizes.describe("batch sizes of the learner"),
  learnerEpochs: wholeNumber.describe("its epochs"),
  lanczosSteps: wholeNumber.describe("its Lanczos steps for each batch"),
  reps: wholeNumber.describe("its batches for each refresh"),
  memory: wholeNumber.describe("refreshes whose largest curvature counts"),
  safety: positive.describe("factor of its learning rate"),
  gridRates: z.array(positive).min(1).describe("learning rates of the grid it is compared with"),
  gridMomenta: z
    .array(z.number().min(0).lt(1))
    .min(1)
    .describe("momenta of the grid it is compared with"),
});

export type Options = z.infer<typeof optionsSchema>;
