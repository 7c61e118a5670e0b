/** What can be set when the method is used. */
import { z } from "zod";

const whole = z.int().min(1);
const positive = z.number().gt(0);

export const models = ["linear", "softmax", "features", "separate"] as const;

export const optionsSchema = z.object({
  model: z
    .enum(models)
    .default("linear")
    .describe(
      "linear attention; softmax attention; features: one layer of linear attention behind a learned network, for tasks that are not linear; separate: inputs and targets in tokens of their own, softmax before linear",
    ),
  layers: whole.optional().describe("layers of attention: 1, or 2 with separate tokens"),
  shared: z
    .boolean()
    .default(true)
    .describe("whether all layers have the same weights; with separate tokens they never do"),
  heads: whole.optional().describe("heads of each layer: 1, or 2 of softmax attention"),
  contextLength: whole.default(10).describe("pairs of a context"),

  family: z
    .enum(["linear", "sine"])
    .default("linear")
    .describe("without a table: linear tasks, or sines of one input"),
  inputSize: whole.default(10).describe("without a table: numbers in an input of a linear task"),
  inputRange: positive
    .default(1)
    .describe("without a table: inputs of linear tasks lie within half of this around 0"),
  weightScale: positive
    .default(1)
    .describe("without a table: standard deviation of the weights of linear tasks"),

  task: z
    .string()
    .optional()
    .describe("the column of the table that says to which task a row belongs"),
  target: z.string().optional().describe("the column to predict from the others"),
  exclude: z.array(z.string()).default([]).describe("columns to leave out"),
  intercept: z
    .boolean()
    .default(true)
    .describe("whether inputs get a constant besides, so that every task may have its own level"),
  heldOut: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.25)
    .describe("share of the tasks of the table that is judged on instead of trained on"),

  steps: whole.default(2000).describe("training steps; more layers need more"),
  starts: whole
    .default(3)
    .describe("starts that are tried for a while; the one with the least loss is trained on"),
  batch: whole.default(512).describe("tasks of a step"),
  learningRate: positive
    .optional()
    .describe("of Adam: 0.001, or 0.0005 for more than three layers"),
  evaluationTasks: whole.default(4000).describe("tasks to judge on, at most"),
  measurements: whole.default(20).describe("how often models are compared during training"),
});

export type UseOptions = z.infer<typeof optionsSchema>;
