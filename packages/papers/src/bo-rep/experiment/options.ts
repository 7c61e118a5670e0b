/** What the experiment can be told, and its three presets. */
import { z } from "zod";
import type { Preset, PresetName } from "../../contract/experiment.ts";
import { pixelMethodNames } from "./pixelStudy.ts";
import { sentences } from "./sentences.ts";

const rates = z.array(z.number().positive()).min(1);

export const optionsSchema = z.strictObject({
  rhos: z
    .array(z.number().positive().max(100))
    .min(1)
    .describe("growing smoothness: where runs begin, Phi = cosh(rho)"),
  steps: z.int().min(20).describe("growing smoothness: outer steps"),
  earlySteps: z.int().min(20).describe("growing smoothness: a second, earlier horizon"),
  exponents: z
    .array(z.number().min(-20).max(5))
    .min(1)
    .describe("growing smoothness: rates of the upper variable, as powers of 10"),
  refineSteps: z.int().min(1).describe("growing smoothness: plain steps of the refinement"),
  gains: z
    .array(z.number().positive())
    .describe("pixels: scales of the recurrent weights; none leaves the part out"),
  pixelMethods: z.array(z.enum(pixelMethodNames)).min(1).describe("pixels: methods"),
  pixelRates: rates.describe("pixels: rates of the upper variable"),
  steepRates: z
    .array(z.number().positive())
    .describe("pixels: further rates for gains of 2 and more, where plain steps must be short"),
  calls: z.int().min(100).describe("pixels: oracle calls of a run"),
  units: z.int().min(1).describe("pixels: units of the encoder"),
  batchSize: z.int().min(1).describe("pixels: rows of a batch"),
  pixelRefineSteps: z.int().min(1).describe("pixels: plain steps of the refinement"),
  judgements: z.int().min(1).describe("how often runs on data are judged"),
  lowerRows: z.int().min(10).describe("pixels: rows of the lower part"),
  upperRows: z.int().min(10).describe("pixels: rows of the upper part"),
  testRows: z.int().min(10).describe("pixels: rows of the test part"),
  cleaning: z
    .string()
    .describe(
      `label cleaning: a text set of the catalogue, "${sentences}" for one that is made, "none" to leave the part out`,
    ),
  noise: z.number().min(0).lt(1).describe("label cleaning: share of false labels"),
  epochs: z.int().min(1).describe("label cleaning: epochs of the cheapest method"),
  cleaningBatch: z.int().min(1).describe("label cleaning: rows of a batch"),
  cleaningRates: rates.describe("label cleaning: rates of the weights' logits"),
  words: z.int().min(3).describe("label cleaning: symbols of the vocabulary"),
  length: z.int().min(2).describe("label cleaning: words of a text"),
  width: z.int().min(1).describe("label cleaning: length of a word vector"),
  recurrentUnits: z.int().min(1).describe("label cleaning: units of a recurrent layer"),
  layers: z.int().min(1).describe("label cleaning: recurrent layers"),
});

export type Options = z.infer<typeof optionsSchema>;

const quick: Options = {
  rhos: [4, 6, 8, 10, 12],
  steps: 2000,
  earlySteps: 500,
  exponents: Array.from({ length: 14 }, (_, i) => -6 + i / 2),
  refineSteps: 30,
  gains: [1, 2],
  pixelMethods: ["BO-REP", "SOBA", "MA-SOBA", "StocBiO"],
  pixelRates: [0.01, 0.03, 0.1],
  steepRates: [0.0003, 0.001, 0.003],
  calls: 2500,
  units: 32,
  batchSize: 64,
  pixelRefineSteps: 50,
  judgements: 20,
  lowerRows: 700,
  upperRows: 700,
  testRows: 397,
  cleaning: "none",
  noise: 0.3,
  epochs: 25,
  cleaningBatch: 512,
  cleaningRates: [0.05, 0.5, 5, 50],
  words: 5000,
  length: 30,
  width: 64,
  recurrentUnits: 256,
  layers: 2,
};

export const presets: Readonly<Record<PresetName, Preset<Options>>> = {
  smoke: {
    options: {
      ...quick,
      rhos: [4, 6],
      steps: 60,
      earlySteps: 30,
      exponents: [-2, -1],
      refineSteps: 5,
      gains: [1, 2],
      pixelMethods: ["BO-REP", "StocBiO"],
      pixelRates: [0.03],
      steepRates: [0.01],
      calls: 100,
      units: 8,
      batchSize: 16,
      pixelRefineSteps: 5,
      judgements: 2,
      lowerRows: 60,
      upperRows: 60,
      testRows: 40,
      cleaning: sentences,
      epochs: 1,
      cleaningBatch: 64,
      cleaningRates: [1],
      length: 8,
      width: 4,
      recurrentUnits: 4,
      layers: 1,
    },
    seeds: [0],
    minutes: 0.2,
  },
  quick: { options: quick, seeds: [0, 1, 2], minutes: 3 },
  full: {
    options: {
      ...quick,
      gains: [1, 1.5, 2, 2.5],
      pixelMethods: [...pixelMethodNames],
      pixelRates: [0.003, 0.01, 0.03, 0.1],
      steepRates: [0.0001, 0.0003, 0.001],
      judgements: 25,
      cleaning: "trec6",
    },
    seeds: [0, 1, 2, 3, 4],
    minutes: 600,
  },
};
