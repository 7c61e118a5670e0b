/** What can be set when the method is used on a table. */
import { z } from "zod";

const wholeNumber = z.int().min(1);

export const methods = ["admm", "sampled"] as const;
export const useLosses = ["squared", "logistic"] as const;

export const optionsSchema = z.object({
  target: z.string().optional().describe("the column to predict: two classes, or numbers"),
  task: z
    .enum(["regression", "binary"])
    .optional()
    .describe("what it holds; read off its values where it is not given"),
  exclude: z.array(z.string()).default([]).describe("columns to leave out, such as identifiers"),
  method: z
    .enum(methods)
    .default("admm")
    .describe(
      "admm: the convex program over activation patterns; sampled: random hidden units and a lasso, faster and with a worse objective",
    ),
  loss: z
    .enum(useLosses)
    .default("squared")
    .describe("squared, on -1 and 1 for classes; or logistic, which gives probabilities"),
  beta: z
    .number()
    .gt(0)
    .optional()
    .describe(
      "weight decay beside a loss summed over the rows; chosen on part of the training rows where it is not given",
    ),
  patterns: wholeNumber.default(48).describe("activation patterns to sample"),
  startFrom: z
    .enum(["random", "network"])
    .default("network")
    .describe(
      "network: beside the sampled patterns take those of a network trained by Adam, so that the optimum over all of them is no worse than that network; random: sampled ones only, as in the paper",
    ),
  neurons: wholeNumber.default(400).describe("hidden units of the method sampled"),
  iterations: wholeNumber.default(1000).describe("iterations of ADMM at most"),
  certify: z
    .boolean()
    .default(false)
    .describe("whether to bound how far from the optimum the network can be"),
  eps: z
    .number()
    .min(0)
    .default(0)
    .describe(
      "train against perturbations of every column of numbers by so many of its standard deviations; 0 trains without",
    ),
  maxRows: z
    .int()
    .min(10)
    .default(4000)
    .describe("at most so many rows to train on, drawn at random"),
  testFraction: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.25)
    .describe("share of the rows that is held out for the report"),
  baselines: z.boolean().default(true).describe("whether to train other models to compare with"),
});

export type UseOptions = z.infer<typeof optionsSchema>;
