/** What can be set in the experiment. */
import { z } from "zod";

const wholeNumber = z.int().min(1);
const positive = z.number().gt(0);

const fields = z.object({
  regression: z
    .array(z.string())
    .describe("tables of the catalogue with a number to predict, which decide the claims"),
  classification: z
    .array(z.string())
    .describe("tables of the catalogue with two classes, reported beside them"),
  mostFeatures: wholeNumber.describe(
    "columns of a classification table that are used, from the first",
  ),
  depths: z
    .array(wholeNumber)
    .min(1)
    .describe("hidden layers of the networks that are explained: 2, 4 and 7 in the paper"),
  units: wholeNumber.describe("units of a hidden layer"),
  training: z
    .enum(["adam", "sgd"])
    .describe(
      "adam: full batches at 0.005; sgd: as in the paper, batches of 64 at 0.5 with a cosine of 200 epochs",
    ),
  epochs: wholeNumber.describe("epochs of the training; a full batch is one"),
  points: wholeNumber.describe("test rows that are explained"),
  samples: wholeNumber.describe("perturbations a point, for tables of at most 12 features"),
  wideSamples: wholeNumber.describe("the same for wider tables"),
  grid: z
    .enum(["paper", "small"])
    .describe("settings of Adam to choose from in every fit: the paper's eight, or two"),
  fitEpochs: wholeNumber.describe("epochs of every fit"),
  sigma: positive.describe("deviation of noise"),
  sigmas: z
    .array(positive)
    .min(2)
    .describe("deviations towards Vanilla Gradients, falling; the last stands for the limit"),
  alphas: z
    .array(z.number().min(0).lt(1))
    .min(2)
    .describe("least scales towards Gradient x Input, rising; the last stands for the limit"),
  draws: wholeNumber.describe("draws of noise in the perturbation test"),
  lossSamples: wholeNumber.describe(
    "fresh perturbations for the losses of all explanations in all neighbourhoods",
  ),
});

export const optionsSchema = fields
  .refine(({ regression, classification }) => regression.length + classification.length > 0, {
    message: "name at least one table",
    path: ["regression"],
  })
  .refine(({ sigma, sigmas }) => sigmas.includes(sigma), {
    message: "must be one of `sigmas`: the fit with this noise is SmoothGrad",
    path: ["sigma"],
  })
  .refine(({ alphas }) => alphas.includes(0), {
    message: "0 must be among them: the fit from there is Integrated Gradients",
    path: ["alphas"],
  });

export type Options = z.infer<typeof optionsSchema>;

export const samplesFor = (features: number, { samples, wideSamples }: Options): number =>
  features > 12 ? wideSamples : samples;
