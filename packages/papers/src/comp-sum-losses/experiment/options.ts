/** What can be set in the experiment. */
import { z } from "zod";
import { attackObjectives } from "../attacks.ts";
import { networkKinds } from "../networks.ts";

const wholeNumber = z.int().min(1);
const positive = z.number().gt(0);
const tau = z.number().min(0);

export const optionsSchema = z.object({
  draws: wholeNumber.describe(
    "random pairs of a distribution over classes and scores, for each number of classes, on which the bounds are checked",
  ),
  classes: z.array(z.int().min(2)).min(1).describe("numbers of classes the bounds are checked for"),
  taus: z.array(tau).min(1).describe("losses (tau) the bounds are checked for"),

  images: z.string().describe("images of the catalogue on which losses are compared"),
  imageNetwork: z.enum(networkKinds).describe("the network of that comparison"),
  trainImages: z.int().min(2).describe("images to train on"),
  validationImages: wholeNumber.describe("further images, on which learning rates are chosen"),
  testImages: wholeNumber.describe("images to test on"),
  choiceTaus: z.array(tau).min(1).describe("losses (tau) to compare; 1 is cross entropy"),
  learningRates: z
    .array(positive)
    .min(1)
    .describe("learning rates to choose from on the validation part, for each loss"),
  commonRate: positive.describe("the one of these rates at which all losses are compared as well"),
  choiceEpochs: wholeNumber.describe("epochs of each of these trainings"),
  choiceBatch: wholeNumber.describe("examples in a batch of these trainings"),

  robustImages: z.string().describe("images of the catalogue for adversarial training"),
  robustNetwork: z.enum(networkKinds).describe("the network of adversarial training"),
  testFraction: z
    .number()
    .gt(0)
    .lt(1)
    .describe("share of these images that is held out, where they come without a test part"),
  radius: positive.describe("how much the attacker may change every pixel (linf), of 1"),
  robustEpochs: wholeNumber.describe("epochs of each adversarial training"),
  robustBatch: wholeNumber.describe("examples in a batch of these trainings"),
  robustRate: positive.describe("their learning rate"),
  nus: z
    .array(positive)
    .min(1)
    .describe("weights nu of the smooth term, at rho = 1, from the start on"),
  rampedNus: z
    .array(positive)
    .describe(
      "weights nu raised over the first half of the training, at half of the learning rate",
    ),
  betas: z.array(positive).min(1).describe("weights beta of TRADES"),
  attackSteps: wholeNumber.describe("steps of the attack while training"),
  averaging: z
    .number()
    .min(0)
    .lt(1)
    .describe("decay of the average of the parameters in adversarial training; 0 for none"),
  testAttacks: z
    .array(z.enum(attackObjectives))
    .min(1)
    .describe("what the attacks of the evaluation make large; the worst counts"),
  testSteps: wholeNumber.describe("steps of the attacks of the evaluation"),
  restarts: wholeNumber.describe("random starts of each of them"),

  hidden: z.array(wholeNumber).describe('hidden layers of the network "mlp"'),
  weightDecay: z.number().min(0).describe("weight of the squared weights in all trainings"),
});

export type Options = z.infer<typeof optionsSchema>;
