/** What an experiment can be told, and the three presets. */
import { z } from "zod";
import type { Preset, PresetName } from "../contract/experiment.ts";

const count = (least: number) => z.int().min(least);
const levels = z.array(z.number().positive().max(1)).min(2);

const fields = z.strictObject({
  images: z
    .string()
    .describe('"geometric" for drawn images with contours, or images of the catalogue'),
  size: count(4).describe("Pixels a side of drawn images"),
  alpha: z.number().positive().describe("Regularity of the drawn images"),
  sizes: z.array(count(1)).min(1).describe("Training images N of each of two models, ascending"),
  testImages: count(2).describe("Images that no model sees"),
  deduplicate: z.boolean().describe("Leave near-duplicates out first: correlation above 0.95"),
  channels: count(1).describe("Channels of the UNet's first level"),
  blocks: count(1).describe("Levels of the UNet; sides must be divisible by 2^blocks"),
  updates: count(1).describe("Adam steps of every training, whatever N"),
  batch: count(1).describe("Images in a batch"),
  sigmas: levels.describe("Noise levels of the PSNR curves"),
  samples: count(2).describe("Samples of each model"),
  maxSteps: count(1).describe("Steps after which a sample is given up"),
  shuffled: z
    .boolean()
    .describe("Train a network on shuffled pixels, and look at the bases of both"),
  shuffledSigma: z.number().positive().describe("Noise level at which shuffling is judged"),
  alphas: z
    .array(z.number().positive())
    .describe("Regularities whose PSNR slopes are compared, ascending; none to leave it out"),
  slopeSigmas: levels.describe("Noise levels, of those above, over which slopes are fitted"),
  basisImages: count(1).describe("Test images whose eigenbases are looked at"),
  basisSigma: z.number().positive().describe("Noise level at which they are looked at"),
  basisVectors: count(3).describe("Eigenvectors of each"),
  nearOptimal: z
    .boolean()
    .describe(
      "Also claim what takes long training: slopes near theory, a gain over linear filters",
    ),
  disks: z.boolean().describe("Also train on disks, a manifold of dimension 5"),
});

export type Options = z.infer<typeof fields>;

const ascends = (values: readonly number[]): boolean =>
  values.every((value, i) => i === 0 || value > values[i - 1]);

export const optionsSchema = fields.superRefine((options, { addIssue }) => {
  const refuse = (name: keyof Options, message: string) =>
    addIssue({ code: "custom", path: [name], message });
  const { sizes, alphas, alpha, sigmas, slopeSigmas, shuffledSigma, size, blocks, images } =
    options;
  if (!ascends(sizes)) refuse("sizes", "must ascend");
  if (!ascends(alphas)) refuse("alphas", "must ascend");
  if (alphas.length === 1) refuse("alphas", "an order takes two at least");
  if (alphas.length > 0 && !alphas.includes(alpha)) refuse("alphas", `${alpha} must be among them`);
  if (!slopeSigmas.every((sigma) => sigmas.includes(sigma)))
    refuse("slopeSigmas", "must be among sigmas");
  if (!sigmas.includes(shuffledSigma)) refuse("shuffledSigma", "must be among sigmas");
  if (size % 2 ** blocks !== 0)
    refuse("size", `${size} is not divisible by ${2 ** blocks} = 2^blocks`);
  if (images !== "geometric" && alphas.length > 0)
    refuse("alphas", "images of the catalogue have no regularity alpha");
});

const quick: Options = {
  images: "geometric",
  size: 16,
  alpha: 2,
  sizes: [8, 16384],
  testImages: 256,
  deduplicate: false,
  channels: 12,
  blocks: 2,
  updates: 500,
  batch: 32,
  sigmas: [0.02, 0.05, 0.1, 0.2, 0.4, 0.8],
  samples: 48,
  maxSteps: 400,
  shuffled: true,
  shuffledSigma: 0.2,
  alphas: [1, 2, 4],
  slopeSigmas: [0.2, 0.4, 0.8],
  basisImages: 12,
  basisSigma: 0.05,
  basisVectors: 30,
  nearOptimal: false,
  disks: false,
};

export const presets: Readonly<Record<PresetName, Preset<Options>>> = {
  smoke: {
    options: {
      ...quick,
      size: 8,
      sizes: [4, 256],
      testImages: 16,
      channels: 8,
      blocks: 1,
      updates: 40,
      batch: 8,
      samples: 6,
      maxSteps: 60,
      alphas: [1, 2],
      basisImages: 2,
      basisVectors: 10,
    },
    seeds: [0],
    minutes: 0.1,
  },
  quick: { options: quick, seeds: [0, 1, 2, 3], minutes: 5 },
  full: {
    options: {
      ...quick,
      size: 40,
      sizes: [1, 10, 100, 1000, 10_000, 100_000],
      testImages: 512,
      channels: 64,
      updates: 48_828,
      batch: 512,
      sigmas: [0.01, 0.018, 0.03, 0.056, 0.1, 0.178, 0.2, 0.4, 0.8],
      samples: 256,
      maxSteps: 2000,
      alphas: [1, 2, 3, 4, 5],
      slopeSigmas: [0.018, 0.03, 0.056, 0.1, 0.178],
      nearOptimal: true,
      disks: true,
    },
    seeds: [0, 1, 2],
    minutes: 600_000,
  },
};
