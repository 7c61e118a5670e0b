/** What can be set when the method is used on one's own images. */
import { z } from "zod";
import { gradMetrics } from "../gradientDistance.ts";
import { methods } from "../settings.ts";

const count = (least: number) => z.int().min(least).max(1_000_000);

export const optionsSchema = z.object({
  ipc: count(1)
    .default(1)
    .describe("Synthetic images per class; loop counts are known for 1, 10, 20, 30, 40 and 50"),
  methods: z
    .array(z.enum(methods))
    .min(1)
    .default(["DC", "DCC"])
    .describe(
      "DC: gradients agree class by class; DCC: in their sum, which is better where classes look alike; DSA and DSAC: the same with augmentation",
    ),
  outerLoops: count(1)
    .default(200)
    .describe("Fresh networks that gradients are matched for; the paper takes 1000"),
  innerLoops: count(1).optional().describe("Matching steps with each network; known by --ipc"),
  netEpochs: count(0)
    .optional()
    .describe("Epochs of training on the synthetic images between two steps; known by --ipc"),
  outerWarmup: count(0)
    .optional()
    .describe("Networks before DCC matches the sum from the first step on; a quarter by default"),
  innerWarmup: count(0)
    .optional()
    .describe("Class-wise steps with each of those networks; 10 by default, or all"),
  lrImage: z.number().positive().default(0.1).describe("Learning rate of the synthetic images"),
  lrNet: z.number().positive().default(0.01).describe("Learning rate of the networks"),
  batchReal: count(1).default(128).describe("Real images of a class in a matching step"),
  init: z
    .enum(["real", "noise"])
    .default("real")
    .describe("Begin with real images drawn at random, or with noise"),
  metric: z
    .enum(gradMetrics)
    .default("layerwiseCosine")
    .describe("How gradients are compared; the paper sums cosines over the units of every layer"),
  mirror: z
    .boolean()
    .default(true)
    .describe("Whether a mirrored image keeps its class; not so for digits. For DSA and DSAC"),
  network: z
    .enum(["perceptron", "convolutional"])
    .default("perceptron")
    .describe("The convolutional one is better for photographs, and many times slower"),
  hidden: z.array(count(1)).default([128, 128]).describe("Units of the perceptron's hidden layers"),
  width: count(1).default(32).describe("Channels of the convolutional network"),
  depth: z.int().min(1).max(8).default(2).describe("Its blocks, each of which halves the images"),
  size: z
    .int()
    .min(4)
    .max(512)
    .default(32)
    .describe("Longest side; larger images are averaged down"),
  testFraction: z
    .number()
    .min(0.01)
    .max(0.9)
    .default(0.2)
    .describe("Share of the images held out to measure accuracy"),
  evalNetworks: count(1).default(5).describe("Fresh networks trained on each set"),
  evalEpochs: count(1)
    .default(300)
    .describe("Epochs of their training; 10/3 of that with augmentation"),
  fullEpochs: count(0)
    .default(20)
    .describe("Epochs of a network on all training images, for comparison; 0 to leave it out"),
});
export type UseOptions = z.infer<typeof optionsSchema>;
