/** The paper's claims: the bounds in closed form, the choice of a loss, adversarial training. */

import { progress } from "../contract/events.ts";
import type { Experiment } from "../contract/experiment.ts";
import { type ChoiceResult, measureChoice } from "./experiment/choice.ts";
import { claims } from "./experiment/claims.ts";
import { type LineResult, measureLine } from "./experiment/line.ts";
import { type Options, optionsSchema } from "./experiment/options.ts";
import { measureRobust, type RobustResult, recipes } from "./experiment/robust.ts";
import { summarise } from "./experiment/summary.ts";
import {
  measureOptima,
  measureTightness,
  type Optimum,
  type Searched,
  searchBounds,
  type Tightness,
} from "./experiment/theory.ts";

/** What one seed measured. */
export interface Result {
  readonly searched: readonly Searched[];
  readonly tightness: readonly Tightness[];
  readonly optima: readonly Optimum[];
  readonly line: readonly LineResult[];
  readonly choice: readonly ChoiceResult[];
  readonly robust: readonly RobustResult[];
}

const quick: Options = {
  draws: 20_000,
  classes: [2, 4, 10],
  taus: [0, 0.5, 1, 1.5, 1.8, 2, 3],

  images: "fashion-mnist",
  imageNetwork: "mlp",
  trainImages: 6000,
  validationImages: 2000,
  testImages: 5000,
  choiceTaus: [0, 0.5, 1, 1.5, 2],
  learningRates: [0.1, 0.03, 0.01, 0.003, 0.001],
  commonRate: 0.1,
  choiceEpochs: 10,
  choiceBatch: 128,

  robustImages: "digits",
  robustNetwork: "mlp",
  testFraction: 0.3,
  radius: 0.15,
  robustEpochs: 40,
  robustBatch: 64,
  robustRate: 0.1,
  nus: [0.05, 0.1, 0.25, 0.5, 1],
  rampedNus: [0.5, 1],
  betas: [1, 3, 6],
  attackSteps: 10,
  averaging: 0,
  testAttacks: ["margin", "crossEntropy"],
  testSteps: 40,
  restarts: 2,

  hidden: [128, 128],
  weightDecay: 1e-4,
};

const smoke: Options = {
  ...quick,
  draws: 300,
  classes: [3],
  taus: [0, 1, 1.5, 2],
  images: "digits",
  trainImages: 400,
  validationImages: 100,
  testImages: 200,
  choiceTaus: [0, 1, 1.5, 2],
  learningRates: [0.1, 0.01],
  choiceEpochs: 4,
  choiceBatch: 32,
  robustEpochs: 4,
  nus: [0.25],
  rampedNus: [0.5],
  betas: [3],
  attackSteps: 3,
  testSteps: 5,
  restarts: 1,
  hidden: [32],
};

/** The paper's data and schedule; its networks are larger still, and normalise batches. */
const full: Options = {
  ...quick,
  images: "cifar10",
  imageNetwork: "resNet",
  trainImages: 45_000,
  validationImages: 5000,
  testImages: 10_000,
  choiceEpochs: 200,
  choiceBatch: 1024,
  robustImages: "cifar10",
  robustNetwork: "resNet",
  radius: 8 / 255,
  robustEpochs: 100,
  robustBatch: 128,
  nus: [0.1, 0.25, 0.5, 1],
  rampedNus: [1],
  betas: [6],
  averaging: 0.995,
  testAttacks: ["margin", "crossEntropy", "logitRatio"],
  restarts: 5,
};

export const experiment: Experiment<Options, Result> = {
  description:
    "The bounds on random distributions and on a linear model; networks on images trained on every loss of the family, each at its best learning rate and at a common one; adversarial training by the smooth loss beside standard, PGD and TRADES training, under PGD with restarts.",
  options: optionsSchema,
  presets: {
    smoke: { options: smoke, seeds: [0], minutes: 0.1 },
    quick: { options: quick, seeds: [0, 1, 2], minutes: 2 },
    full: { options: full, seeds: [0, 1, 2], minutes: 60_000 },
  },
  data: ({ images, robustImages }) => [...new Set([images, robustImages])],

  async *run(options, context) {
    const { classes, taus, draws } = options;
    const { seed, step } = context;
    const methods = recipes(options).length;
    const total = 4 + options.choiceTaus.length + methods;

    yield progress(0, total, "random distributions and scores");
    const searched = yield* step("bounds", async () => {
      const each: Searched[][] = [];
      for (const n of classes) each.push(await searchBounds(n, taus, draws, seed));
      return each.flat();
    });
    yield progress(1, total, "where the bounds are attained");
    const tightness = yield* step("tightness", () => measureTightness(classes, taus));
    yield progress(2, total, "least conditional losses");
    const optima = yield* step("optima", () => measureOptima(classes, taus, seed));
    yield progress(3, total, "a linear model");
    const line = yield* step("line", () => measureLine(taus, seed));

    const choice = yield* measureChoice(options, context, 4, total);
    const robust = yield* measureRobust(options, context, total - methods, total);
    return { searched, tightness, optima, line, choice, robust };
  },
  claims,
  summarise,
};
