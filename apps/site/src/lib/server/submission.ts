/** What somebody with a token may ask this site's machines for. */
import { z } from "zod";

const option = z.string().min(1).max(100);

export const submissionSchema = z.strictObject({
  paper: z.string().min(1).max(100),
  preset: z.enum(["smoke", "quick", "full"]).default("quick"),
  seeds: z
    .array(
      z
        .int()
        .min(0)
        .max(2 ** 32 - 1),
    )
    .min(1)
    .max(1000)
    .optional()
    .describe("those of the preset where absent"),
  set: z.record(option, z.json()).default({}).describe("options that are not the preset's"),
  grid: z
    .record(option, z.array(z.json()).min(1).max(100))
    .default({})
    .describe("options with the values to try, each with each"),
  priority: z.int().min(-100).max(0).default(0),
  minutes: z.int().min(1).max(240).default(60).describe("of an attempt at a job, at most"),
  megabytes: z.int().min(128).max(16_384).default(4096).describe("of memory for a job, at most"),
});
