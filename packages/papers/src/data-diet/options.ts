/** What the experiment can be told. */
import { z } from "zod";

const count = (least: number) => z.int().min(least);
const share = z.number().gt(0).max(1);

const fields = z.object({
  dataset: z.string().describe("Images of the catalogue that come in a training and a test part"),
  trainExamples: count(100).describe("The first so many training images"),
  testExamples: count(10).describe("The first so many test images"),
  network: z
    .enum(["dense", "residual"])
    .describe("Dense layers, or a residual network with batch normalisation"),
  hidden: z.array(count(1)).describe("Units of the hidden layers of the dense network"),
  depth: count(8).describe("Layers of the residual network: 6 n + 2, 18 or 50"),
  width: count(1).describe("Channels of its first stage"),
  augment: z.boolean().describe("Random crops and mirror images while training"),
  batchSize: count(2).describe("Examples in a batch"),
  learningRate: z.number().positive().describe("At first, everywhere but for mode connectivity"),
  decay: z
    .enum(["cosine", "staircase"])
    .describe(
      "Of the learning rate: to 0 along a cosine, or a fifth at 30, 60 and 80 % of the steps",
    ),
  weightDecay: z.number().min(0).describe("Of all parameters"),
  scoreRuns: count(1).describe("Independent runs that scores are averaged over"),
  scoreEpochs: count(1).describe("Epochs before examples are scored"),
  forgettingEpochs: count(1).describe("Epochs of the run that counts forgetting"),
  finalSteps: count(1).describe("Steps of training on every subset"),
  keep: z
    .array(share)
    .min(1)
    .describe("Shares of the data kept by every score; the claims are about the first"),
  curve: z.array(share).describe("Further shares, kept by EL2N and at random only"),
  kernelGroup: count(0).describe(
    "Examples of a group whose tangent kernel is followed; 0 for none",
  ),
  noiseExamples: count(100).describe("Training images for label noise and mode connectivity"),
  validationExamples: count(10).describe("Training images after them that choose the window"),
  noise: share.describe("Share of the labels that is corrupted"),
  noiseKind: z
    .enum(["fresh", "permuted"])
    .describe("Labels drawn anew from all classes, or permuted among themselves"),
  noiseRuns: count(1).describe("Runs that scores of noisy data are averaged over"),
  noiseSteps: count(1).describe("Steps of training on every window"),
  window: share.describe("Share of the noisy data that is trained on"),
  drops: z
    .array(z.number().min(0).max(100))
    .min(2)
    .describe("Per cent of the highest scores left out above the window; 0 must be among them"),
  parentSteps: z
    .array(count(0))
    .min(2)
    .describe("Steps after which two children are made, ascending from 0"),
  childSteps: count(1).describe("Steps of a child"),
  childRate: z.number().positive().describe("Learning rate of parents and children"),
  groupSize: count(1).describe("Examples of a group whose barrier is measured"),
  points: count(2).describe("Points on the path between two children"),
});

export type Options = z.infer<typeof fields>;

export const optionsSchema = fields.superRefine((options, { addIssue }) => {
  const refuse = (name: keyof Options, message: string) =>
    addIssue({ code: "custom", path: [name], message });
  const { noiseExamples, trainExamples, drops, window, parentSteps, groupSize } = options;
  if (noiseExamples > trainExamples)
    refuse("noiseExamples", `must not be above the ${trainExamples} of trainExamples`);
  if (!drops.includes(0)) refuse("drops", "0 must be among them");
  if (Math.max(...drops) / 100 + window > 1)
    refuse(
      "drops",
      `${Math.max(...drops)} % above a window of ${100 * window} % do not fit into 100 %`,
    );
  if (parentSteps[0] !== 0 || parentSteps.some((steps, i) => i > 0 && steps <= parentSteps[i - 1]))
    refuse("parentSteps", "must ascend from 0");
  if (groupSize > noiseExamples)
    refuse("groupSize", `must not be above the ${noiseExamples} examples`);
});

const common = {
  dataset: "mnist",
  network: "dense",
  depth: 8,
  width: 16,
  augment: false,
  batchSize: 128,
  learningRate: 0.1,
  decay: "cosine",
  weightDecay: 5e-4,
  noise: 0.1,
  noiseKind: "fresh",
  window: 0.4,
  drops: [0, 5, 10, 15, 25],
  childRate: 0.05,
} as const satisfies Partial<Options>;

/** The whole path in seconds. */
export const smoke: Options = {
  ...common,
  drops: [...common.drops],
  trainExamples: 600,
  testExamples: 300,
  hidden: [16],
  batchSize: 32,
  scoreRuns: 2,
  scoreEpochs: 2,
  forgettingEpochs: 3,
  finalSteps: 40,
  keep: [0.5],
  curve: [0.2],
  kernelGroup: 10,
  noiseExamples: 400,
  validationExamples: 100,
  noiseRuns: 1,
  noiseSteps: 20,
  parentSteps: [0, 10],
  childSteps: 20,
  groupSize: 40,
  points: 3,
};

/** Half as wide as two hidden layers of 256 and 128 would be, to decide the claims in a few minutes. */
export const quick: Options = {
  ...common,
  drops: [...common.drops],
  trainExamples: 20_000,
  testExamples: 10_000,
  hidden: [128, 64],
  scoreRuns: 5,
  scoreEpochs: 2,
  forgettingEpochs: 10,
  finalSteps: 1248,
  keep: [0.5, 0.3],
  curve: [0.1, 0.2, 0.7],
  kernelGroup: 100,
  noiseExamples: 12_800,
  validationExamples: 2000,
  noiseRuns: 3,
  noiseSteps: 600,
  parentSteps: [0, 25, 100, 300],
  childSteps: 500,
  groupSize: 500,
  points: 11,
};

/** The paper's network and recipe on CIFAR-10, shortened to 30 epochs. */
export const full: Options = {
  ...common,
  drops: [0, 5, 10, 15, 25, 40, 60],
  dataset: "cifar10",
  trainExamples: 50_000,
  testExamples: 10_000,
  network: "residual",
  hidden: [],
  depth: 18,
  width: 64,
  augment: true,
  decay: "staircase",
  scoreRuns: 10,
  scoreEpochs: 3,
  forgettingEpochs: 30,
  finalSteps: 11_700,
  keep: [0.5, 0.3],
  curve: [0.1, 0.2, 0.7],
  kernelGroup: 0,
  noiseExamples: 45_000,
  validationExamples: 5000,
  noiseKind: "permuted",
  noiseRuns: 10,
  noiseSteps: 11_700,
  parentSteps: [0, 390, 780, 1950, 3900, 7800],
  childSteps: 11_700,
  childRate: 0.1,
  groupSize: 1000,
  points: 30,
};
