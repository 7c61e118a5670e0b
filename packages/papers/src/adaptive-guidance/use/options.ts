/** What can be set when the method is used. */
import { z } from "zod";
import { predictionKinds } from "../../diffusion/index.ts";

const count = (least: number, most: number) => z.int().min(least).max(most);

export const schedules = ["flow", "linear", "scaled-linear", "cosine"] as const;

export const optionsSchema = z.object({
  steps: count(2, 10_000).optional().describe("steps of the sampler; 20, or those of the policy"),
  strength: z
    .number()
    .min(0)
    .optional()
    .describe("guidance strength s, 1 is no guidance; 3, or that of the policy"),
  samples: count(1, 100_000).default(40).describe("samples to compare policies with, or to draw"),
  saving: z
    .number()
    .gt(0)
    .lt(0.5)
    .default(0.25)
    .describe("share of the evaluations that adaptive guidance is to save"),
  threshold: z
    .number()
    .gt(-1)
    .max(1)
    .optional()
    .describe("alignment at which guidance stops, instead of a saving to aim at"),
  firstCheck: z
    .int()
    .min(0)
    .optional()
    .describe(
      "first step at which it may stop; 0, or a quarter of the steps for noise predictions",
    ),
  atTrigger: z
    .enum(["guided", "conditional"])
    .default("guided")
    .describe("what the step that reaches the threshold still takes"),
  thresholds: z
    .array(z.number().gt(-1).max(1))
    .default([0.9, 0.95, 0.98, 0.99, 0.995, 0.999])
    .describe("further thresholds for the table"),
  trajectories: count(2, 100_000)
    .default(100)
    .describe("fully guided trajectories LinearAG is fitted on"),
  ridge: z
    .number()
    .min(0)
    .default(1e-4)
    .describe("relative ridge of that fit; 0 is the paper's, which may drift away"),
  search: z.boolean().default(false).describe("search a policy by gradient descent as well"),
  searchIterations: count(1, 100_000).default(120).describe("steps of that search"),
  costWeight: z.number().min(0).default(2e-3).describe("price of an evaluation in that search"),
  atOnce: count(1, 100_000).default(100).describe("samples that go through the model together"),
  network: z
    .enum(["mlp", "unet", "gaussian"])
    .default("mlp")
    .describe(
      "model for your images: dense on principal components, a U-net on pixels, or a Gaussian a class, which needs no training",
    ),
  size: count(4, 512).default(16).describe("longest side of your images in the model"),
  components: count(1, 4096)
    .default(32)
    .describe("principal components that mlp and gaussian work on"),
  width: count(8, 4096).default(128).describe("units of a layer of mlp, or first channels of unet"),
  blocks: count(1, 64).default(3).describe("residual blocks of mlp, or resolutions of unet"),
  trainSteps: count(1, 10_000_000).default(2000).describe("training steps"),
  batchSize: count(1, 100_000).default(128).describe("images of a training step"),
  learningRate: z.number().positive().default(2e-3).describe("of Adam at first"),
  dropLabels: z.number().gt(0).lt(1).default(0.15).describe("share of labels dropped in training"),
  predicts: z
    .enum(predictionKinds)
    .optional()
    .describe("what your model predicts; velocity, or what the file says"),
  schedule: z
    .enum(schedules)
    .optional()
    .describe(
      "noise of your model: flow (t from 1 to 0) or the betas of a diffusion model; flow, or what the file says",
    ),
  times: count(2, 1_000_000).default(1000).describe("number of times of a schedule of betas"),
  timeScale: z
    .number()
    .positive()
    .default(1)
    .describe("what times are multiplied with for your model"),
  sampler: z
    .enum(["ddim", "ddpm"])
    .default("ddim")
    .describe("on your model; ddim on flow is Euler's method"),
  classes: count(1, 1_000_000)
    .optional()
    .describe("classes of your model, 0 to classes - 1, where it takes class numbers"),
  empty: z
    .int()
    .optional()
    .describe("class number that stands for no condition; the one after the last"),
  shape: z
    .array(z.int().min(1))
    .optional()
    .describe("shape of one sample of your model, where its file leaves it open: 4,32,32"),
});

export type UseOptions = z.infer<typeof optionsSchema>;
