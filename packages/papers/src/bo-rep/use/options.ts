/** What can be set when the method is used on one's own data. */
import { z } from "zod";

const wholeNumber = z.int().min(1);
const share = z.number().gt(0).lt(1);
const rates = z.array(z.number().positive()).min(1);

export const taskNames = ["representation", "hyperparameters", "cleaning"] as const;
export const baselineNames = ["SOBA", "MA-SOBA", "StocBiO", "TTSA"] as const;

export const optionsSchema = z.object({
  task: z
    .enum(taskNames)
    .default("representation")
    .describe(
      "what the upper level learns: an encoder; the strength of penalties; or a weight for each row, to find wrong labels",
    ),
  target: z.string().optional().describe("column of the classes to predict; needed for a table"),
  text: z
    .string()
    .optional()
    .describe("column of texts to learn from; without it the other columns are used"),
  exclude: z.array(z.string()).default([]).describe("columns to leave out, such as identifiers"),
  trusted: z
    .string()
    .optional()
    .describe(
      "cleaning: a column that says whose label is certainly right (1, true, yes); those rows are the upper part",
    ),
  classifier: z
    .enum(["linear", "recurrent"])
    .default("linear")
    .describe(
      "hyperparameters and cleaning: the lower model; recurrent is for texts, and as in the paper not convex",
    ),
  penalties: z
    .enum(["each", "one"])
    .default("each")
    .describe("hyperparameters: a penalty for each column or word, or one for all"),
  baselines: z
    .array(z.enum(baselineNames))
    .default([...baselineNames])
    .describe("methods to compare with, at equal oracle calls"),
  ablations: z
    .boolean()
    .default(false)
    .describe("also compare with BO-REP without refinement, period, or normalisation"),
  keep: z
    .enum(["best", "BO-REP"])
    .default("best")
    .describe("whose model is written: that of the least validation loss, or BO-REP's"),
  calls: z
    .int()
    .min(200)
    .max(1_000_000)
    .default(2000)
    .describe("calls to oracles (gradients and products on a batch) that each method may make"),
  stepSizes: rates
    .optional()
    .describe("lengths of BO-REP's steps to choose from; by the task where it is not given"),
  baselineRates: rates.optional().describe("rates of the other methods to choose from"),
  lowerRate: z
    .number()
    .positive()
    .optional()
    .describe("rate of the lower steps; one over the largest curvature where it is not given"),
  linearRate: z
    .number()
    .positive()
    .optional()
    .describe("rate of the linear system; as the lower rate where it is not given"),
  momentum: z.number().min(0).lt(1).default(0.9).describe("beta of the averaged hypergradients"),
  period: wholeNumber.default(2).describe("I: outer steps between lower updates of BO-REP"),
  lowerSteps: wholeNumber.default(3).describe("N: steps of a lower update"),
  ballRadius: z
    .number()
    .positive()
    .optional()
    .describe("how far a lower update of BO-REP may move; no limit where it is not given"),
  refineSteps: wholeNumber.default(50).describe("steps of the refinement"),
  refine: z
    .enum(["sgd", "epoch"])
    .default("sgd")
    .describe("refinement by plain steps, or in epochs with shrinking rate and ball"),
  batchSize: wholeNumber.default(64).describe("rows of a batch"),
  ridge: z
    .number()
    .positive()
    .default(1e-2)
    .describe("weight decay that keeps the lower level convex"),
  units: wholeNumber.default(32).describe("length of the representation"),
  layers: wholeNumber.default(1).describe("layers of the encoder, or of the recurrent classifier"),
  words: z.int().min(10).default(2000).describe("texts: words of the vocabulary"),
  length: z.int().min(2).default(40).describe("texts: words that are read"),
  width: wholeNumber.default(24).describe("texts: length of a word vector"),
  upperFraction: share
    .default(0.4)
    .describe("share of the rows for the upper level, where no row is trusted"),
  testFraction: share.default(0.2).describe("share of the rows that is held out for the report"),
});

export type UseOptions = z.infer<typeof optionsSchema>;
