/** What can be set in the experiment. */
import { z } from "zod";

const wholeNumber = z.int().min(1);
const share = z.number().gt(0).lt(1);

export const optionsSchema = z.object({
  tables: z
    .array(z.string())
    .min(1)
    .describe("tables of the catalogue, by name; classification and regression may mix"),
  counterExamples: z
    .array(z.string())
    .describe(
      "tables where the squared error, which has no line search, is expected to run away; of those among `tables` the network is judged that is cut where validation says",
    ),
  units: wholeNumber.describe("hidden units of every network"),
  unitsPerStep: z
    .array(wholeNumber)
    .min(1)
    .describe("units of one part (J) to choose from, for regression and two classes"),
  unitsPerStepMulticlass: z
    .array(wholeNumber)
    .min(1)
    .describe("units of one part (J) to choose from, for more than two classes"),
  subsamples: z
    .array(z.number().gt(0).max(1))
    .min(1)
    .describe("shares of the examples a part is fitted to, to choose from"),
  learningRates: z.array(z.number().gt(0)).min(1).describe("learning rates to choose from"),
  outerFolds: z
    .int()
    .min(0)
    .describe(
      "0: every seed divides a table anew; k: seed s tests on fold s of k, so that seeds 0 to k-1 are a cross-validation",
    ),
  testFraction: share.describe("share of a table that is the test part, without outer folds"),
  innerFolds: z
    .int()
    .min(0)
    .describe(
      "0: settings are chosen on a validation part of the training part, with half of the units; k: by cross-validation with k folds and all units",
    ),
  validationFraction: share.describe("share of the training part that is the validation part"),
  maxIter: wholeNumber.describe("iterations of L-BFGS, epochs of Adam and SGD"),
  deepHidden: z
    .array(wholeNumber)
    .describe("hidden layers of one more baseline, trained by Adam; none if empty"),
  overSizing: z
    .array(z.number().min(1))
    .describe("how many times larger networks are trained too, boosted and by L-BFGS"),
  headImages: z
    .int()
    .min(0)
    .describe(
      "images of Fashion-MNIST for a convolutional network whose last layer is then replaced; 0 for none",
    ),
  headEpochs: wholeNumber.describe("epochs of that network"),
});

export type Options = z.infer<typeof optionsSchema>;
