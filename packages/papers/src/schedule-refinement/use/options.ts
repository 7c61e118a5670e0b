/** What can be set when a log is refined. */
import { z } from "zod";
import { filterKinds } from "../refine.ts";

export const optimisers = ["sgd", "adam"] as const;
export const methods = ["closed", "numerical"] as const;

export const optionsSchema = z.strictObject({
  optimiser: z
    .enum(optimisers)
    .optional()
    .describe(
      "what the run was trained with: sgd (with or without momentum), or adam for all that scale each coordinate; needed unless the column is named as l1 norms, which are adam's",
    ),
  column: z.string().optional().describe("the column of the norms; recognised by its name"),
  stepColumn: z
    .string()
    .optional()
    .describe("the column of the steps; recognised by its name, and rows are counted without it"),
  smoothing: z
    .number()
    .min(0)
    .lt(1)
    .default(0.1)
    .describe("tau: the share of the run that the filter of the norms sees at once"),
  filter: z
    .enum(filterKinds)
    .default("median")
    .describe(
      "median, as in the paper; mean for batches so small that most of their gradients nearly vanish",
    ),
  trim: z
    .int()
    .min(0)
    .default(0)
    .describe("records to leave out at both ends, such as a first step out of the ordinary"),
  method: z
    .enum(methods)
    .default("closed")
    .describe("closed: the formula; numerical: the schedule with the least bound, by descent"),
  length: z
    .int()
    .min(2)
    .max(1_000_000)
    .optional()
    .describe("steps of the next run; as many as the log covers where it is not given"),
  peak: z
    .number()
    .positive()
    .optional()
    .describe("a peak learning rate: the files then have the rates too"),
});

export type UseOptions = z.infer<typeof optionsSchema>;
