/** What can be set when a model is explained. */
import { z } from "zod";
import { perturbationKinds } from "../methods.ts";

const wholeNumber = z.int().min(1);
const positive = z.number().gt(0);

export const optionsSchema = z.object({
  perturbation: z
    .enum(perturbationKinds)
    .optional()
    .describe(
      "what you care about: continuous (inputs change a little), removal (inputs are missing) or scaling (all shrink together); recommendations for all three where it is not given",
    ),
  columns: z
    .array(z.string())
    .default([])
    .describe("columns the model takes, in its order; all columns of numbers where not given"),
  exclude: z.array(z.string()).default([]).describe("columns the model does not take"),
  output: z
    .string()
    .optional()
    .describe("the model's output to explain; the first that holds floats where not given"),
  target: z
    .int()
    .min(0)
    .optional()
    .describe(
      "the class whose score is explained, counted from 0; for each row the one predicted where not given",
    ),
  scores: z
    .enum(["raw", "sigmoid", "softmax"])
    .default("raw")
    .describe("what to make of the model's output before it is explained: raw for nothing"),
  rows: wholeNumber.default(20).describe("rows or images that are explained, from the first"),
  samples: wholeNumber
    .optional()
    .describe("perturbations a row; at least 1000 and 50 a feature where not given"),
  sigma: positive
    .default(0.1)
    .describe("deviation of noise, in deviations of a column; for images in units of brightness"),
  kernelWidth: positive
    .optional()
    .describe(
      "of LIME's kernel, in the same units: 1; for images half of the removed image is one width",
    ),
  baseline: z
    .enum(["mean", "zero"])
    .optional()
    .describe(
      "what a removed feature becomes: the mean of the data (tables) or zero, black (images)",
    ),
  standardise: z
    .boolean()
    .default(true)
    .describe("measure noise and distances of tables in deviations of the columns"),
  patch: wholeNumber
    .optional()
    .describe(
      "side of the square patches of pixels that are one feature; a seventh of an image where not given",
    ),
});

export type UseOptions = z.infer<typeof optionsSchema>;
