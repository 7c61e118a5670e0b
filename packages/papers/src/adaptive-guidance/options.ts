/** What the experiment can be told, and its presets. */
import { z } from "zod";

const count = (least: number) => z.int().min(least);
const strength = z.number().min(0);
const threshold = z.number().min(-1).max(1);

export const optionsSchema = z
  .object({
    dataset: z.string().describe("Images of the catalogue with classes"),
    images: count(100).describe("The first so many training images"),
    halve: z.boolean().describe("Average images over 2 x 2 pixels first"),
    steps: count(4).describe("Steps of a sampler, T"),
    samples: count(2).describe("Samples of each policy, classes in turn"),
    dimensions: count(2).describe("Principal components of the exact model"),
    fittedImages: count(10).describe("Images that principal components are of"),
    strengths: z.array(strength).min(1).describe("Guidance strengths s on the exact model"),
    thresholds: z
      .array(threshold)
      .min(1)
      .describe("Thresholds of adaptive guidance; 0.99 is always among them"),
    fewerSteps: z.array(count(2)).describe("Steps of full guidance with fewer steps"),
    trajectories: count(2).describe("Fully guided trajectories that LinearAG is fitted on"),
    ridge: z.number().min(0).describe("Relative ridge of a second fit of LinearAG"),
    searchDimensions: count(2).describe("Principal components of the model that is searched"),
    searchStrength: strength.describe("Strength of the guidance that the search imitates"),
    searchIterations: count(1).describe("Steps of Adam of the policy search"),
    costWeight: z.number().min(0).describe("lambda: the price of an evaluation in the search"),
    network: z
      .enum(["mlp", "unet"])
      .describe("The learned model: dense on latents or a U-net on pixels"),
    learnedDimensions: count(1).describe("Principal components that the dense network works on"),
    width: count(8).describe("Units of its layers, or channels of the U-net"),
    blocks: count(1).describe("Residual blocks of the dense network, or resolutions of the U-net"),
    trainSteps: count(1).describe("Training steps of the learned model"),
    noiseTrainSteps: count(0).describe(
      "Training steps of the model of pixels that predicts noise; 0 leaves it out",
    ),
    batchSize: count(1).describe("Examples of a training step"),
    learningRate: z.number().positive().describe("Of Adam at first, falling along a cosine"),
    dropLabels: z.number().min(0).lt(1).describe("Share of the labels dropped while training"),
    learnedStrength: strength.describe("Strength on learned models"),
    learnedSteps: z
      .array(count(4))
      .min(1)
      .describe("Steps of the sampler on the learned model; claims are about the first"),
    learnedSamples: count(2).describe("Samples of each policy on learned models"),
    learnedSavings: z
      .number()
      .gt(0)
      .lt(1)
      .describe("Share of the evaluations that calibrated adaptive guidance is to need"),
    learnedTrajectories: z
      .array(count(2))
      .min(1)
      .describe("Trajectories of the fits of LinearAG on the learned model"),
    searchLearned: z.boolean().describe("Search a policy of the learned model too"),
    judgeSteps: count(1).describe("Training steps of the classifier that judges samples"),
    atOnce: count(1).describe("Samples that go through the learned model together"),
  })
  .superRefine(({ steps, fewerSteps, learnedSteps }, { addIssue }) => {
    const odd = [steps, ...learnedSteps].find((value) => value % 2 !== 0);
    if (odd !== undefined)
      addIssue({ code: "custom", path: ["steps"], message: `${odd} steps have no halves` });
    if (fewerSteps.some((few) => few >= steps))
      addIssue({
        code: "custom",
        path: ["fewerSteps"],
        message: `must be below the ${steps} steps`,
      });
  });

export type Options = z.infer<typeof optionsSchema>;

const quick: Options = {
  dataset: "mnist",
  images: 60_000,
  halve: true,
  steps: 20,
  samples: 400,
  dimensions: 64,
  fittedImages: 10_000,
  strengths: [2, 4, 7.5],
  thresholds: [0.9, 0.95, 0.98, 0.999],
  fewerSteps: [11, 12, 13, 14, 15, 17],
  trajectories: 200,
  ridge: 1e-4,
  searchDimensions: 32,
  searchStrength: 2,
  searchIterations: 120,
  costWeight: 2e-3,
  network: "mlp",
  learnedDimensions: 32,
  width: 256,
  blocks: 3,
  trainSteps: 2000,
  noiseTrainSteps: 1000,
  batchSize: 256,
  learningRate: 2e-3,
  dropLabels: 0.15,
  learnedStrength: 2,
  learnedSteps: [20],
  learnedSamples: 400,
  learnedSavings: 0.8,
  learnedTrajectories: [200],
  searchLearned: false,
  judgeSteps: 1000,
  atOnce: 400,
};

const smoke: Options = {
  ...quick,
  dataset: "digits",
  images: 1400,
  halve: false,
  steps: 6,
  samples: 16,
  dimensions: 8,
  fittedImages: 1000,
  strengths: [2, 4],
  thresholds: [0.95],
  fewerSteps: [5],
  trajectories: 10,
  searchDimensions: 4,
  searchIterations: 12,
  width: 16,
  blocks: 1,
  learnedDimensions: 6,
  trainSteps: 40,
  noiseTrainSteps: 40,
  batchSize: 32,
  learnedSteps: [6],
  learnedSamples: 16,
  learnedTrajectories: [10],
  judgeSteps: 40,
};

const full: Options = {
  ...quick,
  network: "unet",
  halve: false,
  width: 64,
  thresholds: [0.9, 0.95, 0.98, 0.995, 0.998, 0.999],
  trainSteps: 40_000,
  noiseTrainSteps: 20_000,
  learningRate: 5e-4,
  learnedSteps: [20, 50],
  learnedSamples: 5000,
  learnedTrajectories: [200, 2000],
  searchLearned: true,
  judgeSteps: 6000,
  atOnce: 100,
};

export const presets = {
  smoke: { options: smoke, seeds: [0], minutes: 0.2 },
  quick: { options: quick, seeds: [0, 1, 2], minutes: 3 },
  full: { options: full, seeds: [0, 1, 2], minutes: 40_000 },
} as const;
