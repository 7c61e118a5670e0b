/** What can be set when the method is used on a table. */
import { z } from "zod";
import { tasks } from "../losses.ts";

const wholeNumber = z.int().min(1);
const share = z.number().gt(0).lt(1);

export const optionsSchema = z.object({
  target: z.string().optional().describe("the column to predict"),
  task: z
    .enum(tasks)
    .optional()
    .describe("what it holds; read off its values where it is not given"),
  exclude: z.array(z.string()).default([]).describe("columns to leave out, such as identifiers"),
  units: z
    .int()
    .min(0)
    .optional()
    .describe(
      "hidden units to train at most (200); with a model: how many of its units to use (all)",
    ),
  unitsPerStep: wholeNumber
    .optional()
    .describe("units of one part: 1, or 2 for more than two classes"),
  learningRates: z
    .array(z.number().gt(0))
    .min(1)
    .default([0.025, 0.1, 0.5])
    .describe("learning rates to choose from on the validation part"),
  subsample: z
    .number()
    .gt(0)
    .max(1)
    .default(0.5)
    .describe("share of the training rows a part is fitted to, drawn anew for each part"),
  maxRows: z
    .int()
    .min(2)
    .default(10_000)
    .describe("at most so many rows for one part, and for each of the networks compared with"),
  maxIter: wholeNumber.default(200).describe("iterations of L-BFGS, epochs of Adam and SGD"),
  testFraction: share.default(0.2).describe("share of the rows that is held out for the report"),
  validationFraction: share
    .default(0.2)
    .describe("share of the other rows that decides on the learning rate and the number of units"),
  baselines: z
    .boolean()
    .default(true)
    .describe("whether to train networks as a whole to compare with"),
});

export type UseOptions = z.infer<typeof optionsSchema>;
