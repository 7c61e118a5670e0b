/** What can be set when the losses are tried on the user's data. */
import { z } from "zod";
import { networkKinds } from "../networks.ts";

const wholeNumber = z.int().min(1);
const positive = z.number().gt(0);
const share = z.number().gt(0).lt(1);

export const optionsSchema = z.object({
  target: z.string().optional().describe("the column to predict, for a table"),
  exclude: z.array(z.string()).default([]).describe("columns to leave out, such as identifiers"),
  taus: z
    .array(z.number().min(0))
    .min(1)
    .default([0, 0.5, 1, 1.5, 2])
    .describe("losses to train on: 0 sum-exponential, 1 cross entropy, 2 mean absolute error"),
  nus: z
    .array(positive)
    .default([0.25])
    .describe("weights of the smooth adversarial term to train with, for every tau"),
  rho: positive.default(1).describe("width of the margins in the smooth adversarial loss"),
  betas: z
    .array(positive)
    .default([3])
    .describe("weights of TRADES, another robust training, to compare with; empty for none"),
  norm: z.enum(["linf", "l2"]).default("linf").describe("how the size of a change is measured"),
  radius: positive
    .optional()
    .describe(
      "largest change of an example: of standardised columns (0.1), or of pixels from 0 to 1 (8/255)",
    ),
  network: z
    .enum(networkKinds)
    .optional()
    .describe("the classifier, without --model: conv for square images, else mlp"),
  hidden: z.array(wholeNumber).default([64, 64]).describe('hidden layers of the network "mlp"'),
  learningRates: z
    .array(positive)
    .min(1)
    .default([0.1, 0.03, 0.01])
    .describe("learning rates to choose from on the validation part, for every loss"),
  epochs: wholeNumber.default(30).describe("passes over the training part"),
  batchSize: wholeNumber.default(64).describe("examples in a batch"),
  weightDecay: z.number().min(0).default(1e-4).describe("weight of the squared weights"),
  rampShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe("part of the training over which nu is raised; 0 for all of it from the start"),
  attackSteps: wholeNumber.default(10).describe("steps of the attack while training"),
  testSteps: wholeNumber.default(40).describe("steps of the attacks of the report"),
  restarts: wholeNumber.default(2).describe("random starts of the attacks of the report"),
  robustWeight: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe("share of robust accuracy in what is chosen as best; the rest is clean accuracy"),
  testFraction: share
    .default(0.2)
    .describe("share of the examples held out for the report, without --test"),
  validationFraction: share
    .default(0.2)
    .describe("share of the others that decides on learning rates and on the best"),
});

export type UseOptions = z.infer<typeof optionsSchema>;
