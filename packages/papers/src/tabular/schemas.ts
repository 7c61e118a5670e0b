/** Encodings of a table as they are read back from a file. */
import { z } from "zod";

const names = z.array(z.string()).readonly();

/** Of a `TabularEncoder`. */
export const encoderSchema = z.object({
  numeric: z
    .array(
      z.object({
        name: z.string(),
        mean: z.number(),
        scale: z.number(),
        fill: z.number(),
        indicator: z.boolean(),
      }),
    )
    .readonly(),
  categorical: z
    .array(z.object({ name: z.string(), categories: names, missing: z.boolean() }))
    .readonly(),
  inputNames: names,
  warnings: names,
});

export const regressionTargetSchema = z.object({
  column: z.string(),
  task: z.literal("regression"),
  mean: z.number(),
  scale: z.number(),
});

export const binaryTargetSchema = z.object({
  column: z.string(),
  task: z.literal("binary"),
  classes: names,
});

export const multiclassTargetSchema = z.object({
  column: z.string(),
  task: z.literal("multiclass"),
  classes: names,
});

/** Of a `TargetEncoder`. */
export const targetSchema = z.discriminatedUnion("task", [
  regressionTargetSchema,
  binaryTargetSchema,
  multiclassTargetSchema,
]);
