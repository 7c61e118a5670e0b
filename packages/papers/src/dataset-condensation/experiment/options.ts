/** What the experiment can be told. */
import { z } from "zod";
import { methods } from "../settings.ts";

const count = (least: number) => z.int().min(least);
const positive = z.number().gt(0);

const fields = z.object({
  dataset: z.string().describe("Images of the catalogue that come in a training and a test part"),
  classes: z
    .array(count(0))
    .describe("Classes to tell apart, by their numbers in the data set; none for all"),
  pool: count(1).describe("Side of the blocks of pixels that are averaged to one"),
  trainExamples: count(10).describe("The first so many training images of these classes"),
  testExamples: count(10).describe("The first so many test images of these classes"),
  network: z
    .enum(["perceptron", "convolutional"])
    .describe("What gradients are matched for, and what is trained on the result"),
  hidden: z.array(count(1)).describe("Units of the hidden layers of the perceptron"),
  width: count(1).describe("Channels of the convolutional network"),
  depth: count(1).describe("Blocks of the convolutional network"),
  methods: z
    .array(z.enum(methods))
    .describe("Methods compared beside random images; DC and DCC must be among them"),
  ipc: count(1).describe("Synthetic images per class"),
  outerLoops: count(1).describe("Fresh networks that gradients are matched for"),
  innerLoops: count(1).describe("Matching steps with each of them"),
  netEpochs: count(0).describe("Epochs of training on the synthetic images between two steps"),
  outerWarmup: count(0).describe("Fresh networks before all steps are contrastive"),
  innerWarmup: count(0).describe("Class-wise steps with each of those"),
  lrImage: positive.describe("Learning rate of the synthetic images"),
  lrNet: positive.describe("Learning rate of the networks, in matching and in evaluation"),
  batchReal: count(1).describe("Real images of a class in a matching step"),
  evalNetworks: count(1).describe("Fresh networks trained on each set"),
  evalEpochs: count(1).describe("Epochs of their training; with augmentation 1000 are usual"),
  evaluateAt: z
    .array(count(0))
    .describe("Numbers of outer loops after which a set is also evaluated"),
  fullEpochs: count(1).describe("Epochs of the network trained on all images, for comparison"),
  margin: z.number().describe("Points by which DCC has to beat DC"),
  furtherIpc: count(0).describe("Another number of images per class; 0 for none"),
  furtherOuterLoops: count(1).describe("Fresh networks for these; a quarter of them is warm-up"),
  furtherInnerLoops: count(1).describe("Matching steps with each of these"),
  furtherNetEpochs: count(0).describe("Epochs of training between two of these steps"),
  judgeFurther: z.boolean().describe("Whether DCC has to beat DC by the margin there too"),
  velocityEpochs: count(0).describe(
    "Epochs over which the velocity of the tangent kernel is followed; 0 for none",
  ),
  velocityStarts: count(1).describe("Initial weights it is averaged over, for each seed"),
  probe: count(2).describe("Test images the kernel is taken on"),
  betas: z
    .array(z.number().min(0))
    .describe("Strengths of a common signal added to handwritten digits; none to leave this out"),
  judgedBeta: z.number().min(0).describe("The strength that is judged; one of betas"),
  clutterTrain: count(10).describe("Training digits"),
  clutterTest: count(10).describe("Test digits"),
  clutterOuterLoops: count(1).describe("Fresh networks for digits; a quarter of them is warm-up"),
  replaySteps: count(0).describe("Tasks of equally many classes, learnt in turn; 0 for none"),
  replayOuterLoops: count(1).describe("Fresh networks for each task; a quarter of them is warm-up"),
  replayNetworks: count(1).describe("Networks trained on the memory after each task"),
});

export type Options = z.infer<typeof fields>;

export const optionsSchema = fields.superRefine((options, { addIssue }) => {
  const refuse = (name: keyof Options, message: string) =>
    addIssue({ code: "custom", path: [name], message });
  const { innerLoops, innerWarmup, outerLoops, outerWarmup, betas, judgedBeta } = options;
  if (outerWarmup > outerLoops)
    refuse("outerWarmup", `must not be above the ${outerLoops} outerLoops`);
  if (innerWarmup > innerLoops)
    refuse("innerWarmup", `must not be above the ${innerLoops} innerLoops`);
  for (const method of ["DC", "DCC"] as const)
    if (!options.methods.includes(method)) refuse("methods", `${method} must be among them`);
  if (betas.length > 0 && !betas.includes(judgedBeta))
    refuse("judgedBeta", `must be one of betas, ${betas.join(", ")}`);
  if (options.classes.length === 1) refuse("classes", "one class leaves nothing to tell apart");
});

/** Garments for the upper body: T-shirt, pullover, dress, coat, shirt. They share most of their pixels. */
const upperBody = [0, 2, 3, 4, 6];

export const quick: Options = {
  dataset: "fashion-mnist",
  classes: upperBody,
  pool: 2,
  trainExamples: 12_000,
  testExamples: 5000,
  network: "perceptron",
  hidden: [64, 64],
  width: 32,
  depth: 2,
  methods: ["DC", "DCC"],
  ipc: 1,
  outerLoops: 120,
  innerLoops: 5,
  netEpochs: 5,
  outerWarmup: 30,
  innerWarmup: 5,
  lrImage: 0.1,
  lrNet: 0.01,
  batchReal: 64,
  evalNetworks: 4,
  evalEpochs: 300,
  evaluateAt: [30, 60],
  fullEpochs: 20,
  margin: 5,
  furtherIpc: 10,
  furtherOuterLoops: 40,
  furtherInnerLoops: 10,
  furtherNetEpochs: 10,
  judgeFurther: false,
  velocityEpochs: 50,
  velocityStarts: 1,
  probe: 64,
  betas: [0, 0.2, 0.35, 0.5],
  judgedBeta: 0.35,
  clutterTrain: 12_000,
  clutterTest: 4000,
  clutterOuterLoops: 80,
  replaySteps: 5,
  replayOuterLoops: 60,
  replayNetworks: 3,
};

/** The whole path in seconds. */
export const smoke: Options = {
  ...quick,
  trainExamples: 300,
  testExamples: 100,
  hidden: [8],
  outerLoops: 4,
  outerWarmup: 2,
  innerLoops: 2,
  innerWarmup: 2,
  netEpochs: 1,
  batchReal: 8,
  evalNetworks: 1,
  evalEpochs: 10,
  evaluateAt: [2],
  fullEpochs: 1,
  furtherIpc: 2,
  furtherOuterLoops: 2,
  furtherInnerLoops: 2,
  furtherNetEpochs: 1,
  velocityEpochs: 4,
  probe: 6,
  betas: [0.35],
  clutterTrain: 300,
  clutterTest: 100,
  clutterOuterLoops: 2,
  replaySteps: 2,
  replayOuterLoops: 2,
  replayNetworks: 1,
};

/** The official settings on CIFAR-10: hours on a graphics card. */
export const full: Options = {
  ...quick,
  dataset: "cifar10",
  classes: [],
  pool: 1,
  trainExamples: 50_000,
  testExamples: 10_000,
  network: "convolutional",
  hidden: [],
  width: 128,
  depth: 3,
  methods: ["DC", "DCC", "DSA", "DSAC"],
  outerLoops: 1000,
  innerLoops: 10,
  netEpochs: 5,
  outerWarmup: 250,
  innerWarmup: 10,
  batchReal: 256,
  evalNetworks: 20,
  evaluateAt: [500],
  fullEpochs: 30,
  margin: 2,
  furtherIpc: 10,
  furtherOuterLoops: 1000,
  furtherInnerLoops: 10,
  furtherNetEpochs: 50,
  judgeFurther: true,
  velocityEpochs: 0,
  betas: [],
  replaySteps: 5,
  replayOuterLoops: 1000,
};
