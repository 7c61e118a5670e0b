/** What an experiment can be told, and the three presets. */
import { z } from "zod";
import type { Preset, PresetName } from "../contract/experiment.ts";
import { drawn } from "./tables.ts";

const exponents = z.array(z.int().min(-20).max(10)).min(1);
const share = z.number().min(0).lt(1);
const peaks = z.array(z.number().positive()).min(1);

export const optionsSchema = z.strictObject({
  tables: z
    .array(z.string())
    .describe(`tables of the stationary part; "${drawn}" is drawn, others are of the catalogue`),
  epochs: z.int().min(1).describe("epochs on a table; digits get 4/3 and satimage 2/3 of them"),
  sgdExponents: exponents.describe("peak rates of SGD, as powers of 2"),
  adamExponents: exponents.describe("peak rates of Adam, as powers of 2"),
  noisyTables: z.array(z.string()).describe("tables of the part with a noisy phase"),
  noisySteps: z.int().min(10).describe("steps of SGD in the part with a noisy phase"),
  noisyExponents: exponents.describe("its peak rates, as powers of 2"),
  smoothing: share.describe("tau: the share of the run that the median filter sees"),
  narrowSmoothing: share.describe("a second tau, in the part with a noisy phase, to compare with"),
  text: z
    .string()
    .describe('a text of the catalogue; "numbers" for one that is made; "none" to leave it out'),
  textSteps: z.int().min(2).describe("steps of the language model"),
  textPeaks: peaks.describe("its peak rates"),
  warmups: z.array(share).describe("its warm-ups before linear decay, as shares of the run"),
  width: z.int().min(1).describe("features of the language model"),
  heads: z.int().min(1).describe("attention heads, which divide the width"),
  blocks: z.int().min(1).describe("transformer blocks"),
  context: z.int().min(1).describe("characters that a prediction sees"),
  batch: z.int().min(1).describe("windows in a batch"),
  images: z.string().describe('images of the catalogue for a residual net; "none" to leave it out'),
  imageSteps: z.int().min(2).describe("steps of the residual net"),
  imagePeaks: peaks.describe("its peak rates"),
  imageDepth: z.int().min(8).describe("its layers: 8, 14, 20, ..."),
  imageWidth: z.int().min(1).describe("channels of its first stage"),
  imageBatch: z.int().min(1).describe("images in a batch"),
});

export type Options = z.infer<typeof optionsSchema>;

const powers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

const quick: Options = {
  tables: ["vehicle", "glass", "segment", "satimage", drawn, "digits"],
  epochs: 15,
  sgdExponents: powers(-6, 4),
  adamExponents: powers(-10, 0),
  noisyTables: ["vehicle", drawn],
  noisySteps: 1500,
  noisyExponents: powers(-7, 4),
  smoothing: 0.1,
  narrowSmoothing: 0.02,
  text: "tinyshakespeare",
  textSteps: 400,
  textPeaks: [0.005, 0.01, 0.02, 0.04],
  warmups: [0.1],
  width: 48,
  heads: 2,
  blocks: 1,
  context: 32,
  batch: 16,
  images: "none",
  imageSteps: 3000,
  imagePeaks: [0.05, 0.1, 0.2],
  imageDepth: 20,
  imageWidth: 16,
  imageBatch: 128,
};

export const presets: Readonly<Record<PresetName, Preset<Options>>> = {
  smoke: {
    options: {
      ...quick,
      tables: ["glass"],
      epochs: 1,
      sgdExponents: [-2, 0],
      adamExponents: [-6, -4],
      noisyTables: ["glass"],
      noisySteps: 40,
      noisyExponents: [-3, -1],
      text: "numbers",
      textSteps: 12,
      textPeaks: [0.01],
      width: 8,
      context: 8,
      batch: 4,
      images: "digits",
      imageSteps: 3,
      imagePeaks: [0.05],
      imageDepth: 8,
      imageWidth: 2,
      imageBatch: 16,
    },
    seeds: [0],
    minutes: 0.1,
  },
  quick: { options: quick, seeds: [0, 1, 2, 3, 4], minutes: 3 },
  full: {
    options: {
      ...quick,
      tables: [...quick.tables, "vowel"],
      textSteps: 5000,
      textPeaks: [0.001, 0.002, 0.004, 0.008, 0.016],
      warmups: [0.02, 0.05, 0.1, 0.2],
      width: 256,
      heads: 4,
      blocks: 4,
      images: "cifar10",
    },
    seeds: [0, 1, 2],
    minutes: 3500,
  },
};
