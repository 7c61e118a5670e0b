/** What can be set in a verification, and its presets. */
import { z } from "zod";
import type { Preset, PresetName } from "../../contract/experiment.ts";

/** The trained models; each is compared with the gradient descent of its depth. */
export const partNames = [
  "one",
  "two",
  "five",
  "two own",
  "five own",
  "softmax",
  "sine",
  "copying",
] as const;
export type PartName = (typeof partNames)[number];

/** Parts that are layers of attention on pairs of a linear task. */
export type LinearPart = Exclude<PartName, "sine" | "copying">;

const whole = z.int().min(1);
const positive = z.number().gt(0);

export const optionsSchema = z.object({
  parts: z
    .array(z.enum(partNames))
    .min(1)
    .describe(
      "what is trained: layers of linear attention with shared weights or with their own, one of softmax attention with two heads, one on learned features of sine tasks, two on inputs and targets in separate tokens",
    ),
  inputSize: whole.describe("numbers in an input"),
  contextLength: whole.describe("pairs in a context"),
  inputRange: positive.describe("inputs are uniform on half of this to either side of 0"),
  weightScale: positive.describe("standard deviation of the hidden weights"),
  batch: whole.describe("fresh tasks of a training step"),
  oneSteps: whole.describe("training steps of one layer, linear or softmax"),
  sharedSteps: whole.describe("training steps of two or five layers with shared weights"),
  ownSteps: whole.describe("training steps of layers with weights of their own"),
  sineSteps: whole.describe("training steps of both models of the sine tasks"),
  copyingSteps: whole.describe("training steps on separate tokens"),
  starts: whole.describe(
    "starts that are tried for layers of attention; the one with the least training loss is trained on",
  ),
  startSteps: whole.describe("training steps of each of them"),
  plusSteps: whole.describe("training steps of the step sizes and gammas of GD++"),
  plusRate: positive.describe("learning rate of those"),
  scanTasks: whole.describe("tasks on which the step size of gradient descent is chosen"),
  tasks: whole.describe("tasks on which all models are judged"),
  shiftTasks: whole.describe("tasks for each range and scale other than those of training"),
  measurements: whole.describe("how often models are compared during training"),
  iterations: whole.describe("how often the trained layer is applied over and over"),
});

export type Options = z.infer<typeof optionsSchema>;

const quick: Options = {
  parts: ["one", "two", "softmax"],
  inputSize: 10,
  contextLength: 10,
  inputRange: 1,
  weightScale: 1,
  batch: 512,
  oneSteps: 2000,
  sharedSteps: 4000,
  ownSteps: 8000,
  sineSteps: 5000,
  copyingSteps: 5000,
  starts: 3,
  startSteps: 400,
  plusSteps: 1500,
  plusRate: 0.02,
  scanTasks: 10_000,
  tasks: 20_000,
  shiftTasks: 10_000,
  measurements: 20,
  iterations: 50,
};

const smoke: Options = {
  ...quick,
  parts: ["one", "two", "sine", "copying"],
  inputSize: 3,
  contextLength: 4,
  batch: 16,
  oneSteps: 6,
  sharedSteps: 4,
  ownSteps: 4,
  sineSteps: 4,
  copyingSteps: 4,
  starts: 2,
  startSteps: 2,
  plusSteps: 4,
  scanTasks: 50,
  tasks: 60,
  shiftTasks: 20,
  measurements: 2,
  iterations: 3,
};

/** The batches and steps of the official code, and a single start as there. */
const full: Options = {
  ...quick,
  parts: [...partNames],
  batch: 2048,
  oneSteps: 5000,
  sharedSteps: 5000,
  ownSteps: 50_000,
  sineSteps: 20_000,
  copyingSteps: 10_000,
  starts: 1,
  plusSteps: 2000,
  tasks: 100_000,
};

export const presets: Readonly<Record<PresetName, Preset<Options>>> = {
  smoke: { options: smoke, seeds: [0], minutes: 0.2 },
  quick: { options: quick, seeds: [0, 1, 2], minutes: 2 },
  full: { options: full, seeds: [0, 1, 2, 3, 4], minutes: 600 },
};

export interface Architecture {
  readonly layers: number;
  readonly shared: boolean;
  readonly softmax: boolean;
  readonly heads: number;
}

const architectures: Readonly<Record<LinearPart, Architecture>> = {
  one: { layers: 1, shared: true, softmax: false, heads: 1 },
  two: { layers: 2, shared: true, softmax: false, heads: 1 },
  five: { layers: 5, shared: true, softmax: false, heads: 1 },
  "two own": { layers: 2, shared: false, softmax: false, heads: 1 },
  "five own": { layers: 5, shared: false, softmax: false, heads: 1 },
  softmax: { layers: 1, shared: true, softmax: true, heads: 2 },
};

export const architectureOf = (part: LinearPart): Architecture => architectures[part];

export const isLinear = (part: PartName): part is LinearPart =>
  part !== "sine" && part !== "copying";

export const isDeep = (part: LinearPart): boolean => architectures[part].layers > 1;

/** Steps, rate and clip of a part's training (section 3.6). */
export function scheduleOf(
  part: LinearPart,
  options: Options,
): { steps: number; learningRate: number; clipNorm: number } {
  const { layers, shared } = architectures[part];
  return {
    steps: !shared ? options.ownSteps : layers === 1 ? options.oneSteps : options.sharedSteps,
    learningRate: layers > 3 ? 5e-4 : 1e-3,
    clipNorm: layers > 2 ? 10 : 0.001,
  };
}
