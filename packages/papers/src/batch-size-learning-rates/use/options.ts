/** What can be set when the method is used on one's own model and data. */
import { z } from "zod";
import { networkForm } from "../networks.ts";

const wholeNumber = z.int().min(1);

export const optionsSchema = z.object({
  target: z
    .string()
    .optional()
    .describe("the column to predict, for a table; the last where it is not given"),
  task: z
    .enum(["regression", "binary", "multiclass"])
    .optional()
    .describe("what that column holds; read off its values where it is not given"),
  exclude: z.array(z.string()).default([]).describe("columns to leave out, such as identifiers"),
  output: z
    .string()
    .optional()
    .describe("with a model: the output to take; the first where it is not given"),
  modelGives: z
    .enum(["scores", "probabilities"])
    .optional()
    .describe(
      "with a model of classes: scores before the softmax or sigmoid, or probabilities; seen in its outputs where it is not given",
    ),
  network: z
    .string()
    .default("mlp-32-32")
    .describe(`without a model: what to train: ${networkForm}`),
  epochs: wholeNumber.default(20).describe("without a model: epochs of training"),
  trainingBatch: wholeNumber.default(64).describe("without a model: batch size of training"),
  trainingRate: z
    .number()
    .gt(0)
    .optional()
    .describe(
      "without a model: learning rate of training; set from the curvature, with a momentum, where it is not given",
    ),
  points: wholeNumber
    .max(20)
    .default(4)
    .describe("without a model: how often during training the curvature is measured"),
  rows: z
    .int()
    .min(8)
    .default(2000)
    .describe("at most so many examples, drawn at random, to measure curvature with"),
  batchSizes: z
    .array(wholeNumber)
    .optional()
    .describe("batch sizes to report on; powers of 2 from 4 to half of the rows by default"),
  batches: z
    .int()
    .min(2)
    .default(10)
    .describe("batches of each size whose top eigenvalue is measured"),
  steps: wholeNumber.default(60).describe("Lanczos steps for each spectrum"),
  probes: wholeNumber.default(3).describe("random vectors for each spectrum"),
  noiseProbes: z.int().min(2).default(10).describe("random vectors for the isotropic noise"),
  noiseBatches: z
    .int()
    .min(2)
    .default(500)
    .describe("at most so many single examples to estimate noise from"),
  fromBatch: wholeNumber
    .optional()
    .describe("a batch size you have a learning rate for, to carry that rate over to the others"),
  fromRate: z.number().gt(0).optional().describe("that learning rate"),
  sweep: z
    .boolean()
    .default(false)
    .describe(
      "also find the largest stable rates by training, from a fresh start (with a model: from its weights), once for every rate of a grid",
    ),
  sweepSteps: wholeNumber.default(300).describe("steps of each of those trainings"),
});

export type UseOptions = z.infer<typeof optionsSchema>;
