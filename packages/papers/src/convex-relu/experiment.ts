/** The claims, measured: a certified optimum, two digits, and two digits under attack. */
import { z } from "zod";
import type { RunContext } from "../contract/context.ts";
import { progress, type Running } from "../contract/events.ts";
import type { Experiment } from "../contract/experiment.ts";
import { claims } from "./claims.ts";
import {
  type AdmmCheckpoint,
  admmCheckpoints,
  descentStudy,
  rbcdStudy,
  routeDifference,
  sampledStudy,
  type Trained,
} from "./digitsStudy.ts";
import { pairMethods, pairStudy } from "./pairStudy.ts";
import { type TwoClasses, twoClasses } from "./pairs.ts";
import {
  type Attacked,
  adversaries,
  backpropStudy,
  type ConvexAttacked,
  type ConvexTraining,
  convexStudy,
} from "./robustStudy.ts";
import { summarise } from "./summary.ts";
import {
  type ToyOptimum,
  type ToyRuns,
  toyDescents,
  toyOptimum,
  toyResiduals,
} from "./toyStudy.ts";

const pair = z.object({
  dataset: z.string().describe("An image set of the catalogue"),
  classes: z.tuple([z.int().min(0), z.int().min(0)]).describe("Numbers of the two classes"),
  train: z.int().min(2).describe("Images to train on; the others are the test"),
  patterns: z.int().min(1).describe("Sampled patterns"),
  beta: z.number().positive().describe("Weight decay"),
  rho: z.number().positive().describe("ADMM's penalty"),
  gammaRatio: z.number().positive().describe("ADMM's dual step over rho"),
  baseStep: z.number().positive().describe("First trial of a step length"),
  threshold: z.number().positive().describe("Mean decrease at which a u-update ends"),
  thresholdDecay: z.number().positive().describe("Factor of the threshold an iteration"),
  blockSize: z.int().min(1).describe("Patterns moved at once"),
  iterations: z.int().min(1).describe("ADMM iterations"),
  neurons: z.int().min(1).describe("Neurons of the sampled convex program"),
  steps: z.int().min(1).describe("Steps of Adam"),
});

const options = z.object({
  betas: z.array(z.number().positive()).min(1).describe("Weight decays of the five-point problem"),
  starts: z.int().min(1).describe("Random starts of each descent on the five-point problem"),
  toySteps: z.int().min(1).describe("Steps of those descents"),
  toyResiduals: z.int().min(1).describe("ADMM iterations over which the residual is followed"),
  train: z.int().min(2).max(356).describe("Digits 3 and 8 to train on, of 357"),
  patterns: z.int().min(1).describe("Sampled patterns for the digits"),
  beta: z.number().positive().describe("Weight decay for the digits"),
  rho: z.number().positive().describe("ADMM's penalty for the digits"),
  iterations: z
    .array(z.int().min(1))
    .min(1)
    .describe("ADMM iterations after which the digits' network is looked at, growing"),
  routePatterns: z
    .int()
    .min(1)
    .max(8)
    .describe("Patterns over which both factorisations are compared"),
  neurons: z.array(z.int().min(1)).describe("Numbers of neurons of the sampled convex program"),
  descentSteps: z.int().min(1).describe("Steps of gradient descent and Adam on the digits"),
  rbcdIterations: z.int().min(1).describe("ADMM iterations with block coordinate descent"),
  eps: z.number().min(0).describe("Largest perturbation of a pixel, of a range from 0 to 1"),
  robustBeta: z.number().positive().describe("Weight decay beside the mean hinge loss"),
  robustSteps: z.int().min(1).describe("Steps of Adam of robust trainings"),
  pairs: z.array(pair).describe("Further pairs of classes, for ADMM-RBCD"),
});
export type Options = z.infer<typeof options>;

export interface Result {
  readonly toy: readonly (ToyOptimum & { readonly runs: ToyRuns })[];
  /** |(u - v, G u - s)| after each iteration, at beta = rho = 0.1. */
  readonly residuals: readonly number[];
  readonly admm: readonly AdmmCheckpoint[];
  /** Lower bound over the sampled patterns, and over all networks, at the last checkpoint. */
  readonly dual: number;
  readonly globalDual: number;
  readonly routeDifference: number;
  readonly trained: readonly Trained[];
  readonly rbcd: Trained & { readonly convex: number; readonly dual: number };
  readonly convex: Readonly<Record<ConvexTraining, ConvexAttacked>>;
  readonly backprop: readonly Attacked[];
  readonly pairs: readonly { readonly label: string; readonly trained: readonly Trained[] }[];
}

const quick: Options = {
  betas: [1e-3, 1e-2, 1e-1],
  starts: 10,
  toySteps: 6000,
  toyResiduals: 800,
  train: 240,
  patterns: 48,
  beta: 0.1,
  rho: 0.1,
  iterations: [5, 10, 20, 300, 3000],
  routePatterns: 4,
  neurons: [100, 400, 1600],
  descentSteps: 3000,
  rbcdIterations: 30,
  eps: 0.12,
  robustBeta: 1e-4,
  robustSteps: 4000,
  pairs: [],
};

const smoke: Options = {
  ...quick,
  betas: [1e-1],
  starts: 2,
  toySteps: 200,
  toyResiduals: 60,
  train: 80,
  patterns: 6,
  iterations: [5, 20, 40],
  routePatterns: 1,
  neurons: [20],
  descentSteps: 100,
  rbcdIterations: 3,
  robustSteps: 60,
};

/** Settings of the first author's script for 12 000 images of Fashion-MNIST and 10 000 of CIFAR-10. */
const fashion = {
  dataset: "fashion-mnist",
  classes: [0, 6] as [number, number],
  train: 12_000,
  patterns: 72,
  beta: 1e-4,
  rho: 0.02,
  gammaRatio: 0.2,
  baseStep: 3e-6,
  threshold: 0.7,
  thresholdDecay: 1,
  blockSize: 3,
  iterations: 35,
  neurons: 1000,
  steps: 1000,
};
const full: Options = {
  ...quick,
  pairs: [
    { ...fashion, train: 10_000 },
    { ...fashion, dataset: "mnist", classes: [2, 8], train: 10_000, patterns: 24 },
    { ...fashion, dataset: "mnist", classes: [2, 8], train: 10_000, patterns: 120 },
    {
      ...fashion,
      dataset: "cifar10",
      classes: [2, 8],
      train: 8000,
      beta: 2e-4,
      patterns: 120,
      rho: 0.1,
      gammaRatio: 0.25,
      baseStep: 2e-6,
      threshold: 0.85,
      thresholdDecay: 0.95,
      blockSize: 4,
      iterations: 30,
    },
  ],
};

export const experiment: Experiment<Options, Result> = {
  description:
    "Five points, all patterns: ADMM's optimum with its dual bound, beside gradient descent and Adam from random starts. Digits 3 and 8: ADMM over sampled patterns, sampled convex programs and back-propagation at the same weight decay; then convex and back-propagated training under attack.",
  options,
  presets: {
    smoke: { options: smoke, seeds: [0, 1], minutes: 0.2 },
    quick: { options: quick, seeds: [0, 1, 2, 3, 4], minutes: 1.3 },
    full: { options: full, seeds: [0, 1, 2, 3, 4], minutes: 150 },
  },
  data: ({ pairs }) => [...new Set(["digits", ...pairs.map(({ dataset }) => dataset)])],
  run,
  claims,
  summarise,
};

async function* run(options: Options, context: RunContext): Running<Result> {
  const { seed, data, step } = context;
  const total = 10 + options.pairs.length;
  let done = 0;
  const next = (label: string) => progress(done++, total, label);

  yield next("five points: the optimum");
  const optima = yield* step("toy-optimum", () => inTurn(options.betas, toyOptimum));
  const residuals = yield* step("toy-residuals", () => toyResiduals(options.toyResiduals));
  yield next("five points: descent");
  const settings = { starts: options.starts, steps: options.toySteps, seed };
  const runs = yield* step("toy-descent", () =>
    inTurn(options.betas, (beta) => toyDescents(beta, settings)),
  );

  const samples = twoClasses(await data.images("digits"), [3, 8], options.train, seed);
  yield next("digits: ADMM");
  const admm = yield* step("admm", () =>
    admmCheckpoints(samples, options, options.iterations, seed),
  );
  for (const { iteration, network } of admm.checkpoints)
    yield {
      type: "metric",
      name: "objective of the network, by iteration",
      step: iteration,
      value: network,
    };
  const difference = yield* step("factorisations", () =>
    routeDifference(samples, options, { patterns: options.routePatterns, iterations: 50 }, seed),
  );
  yield next("digits: sampled convex programs");
  const sampled = yield* step("sampled", () =>
    inTurn(options.neurons, (neurons) => sampledStudy(samples, options.beta, neurons, seed)),
  );
  yield next("digits: back-propagation");
  const descended = yield* step("descent", () =>
    inTurn(["gradient", "adam"] as const, (rule) =>
      descentStudy(samples, options, rule, options.descentSteps, seed),
    ),
  );
  yield next("digits: block coordinate descent");
  const rbcd = yield* step("rbcd", () => rbcdStudy(samples, options, options.rbcdIterations, seed));

  const robust = { eps: options.eps, beta: options.robustBeta, steps: options.robustSteps };
  yield next("under attack: convex training");
  const convexly = (training: ConvexTraining) =>
    step(`convex-${training}`, () => convexStudy(samples, robust, training, seed));
  const standard = yield* convexly("standard");
  yield next("under attack: convex robust training");
  const convex = {
    standard,
    robust: yield* convexly("robust"),
    asSampled: yield* convexly("asSampled"),
  };
  yield next("under attack: back-propagation");
  const backprop: Attacked[] = [];
  for (const adversary of adversaries) {
    backprop.push(
      yield* step(`backprop-${adversary}`, () => backpropStudy(samples, robust, adversary, seed)),
    );
  }
  const pairs = yield* runPairs(options, context, next);
  return {
    toy: optima.map((optimum, i) => ({ ...optimum, runs: runs[i] })),
    residuals,
    admm: admm.checkpoints,
    dual: admm.dual,
    globalDual: admm.globalDual,
    routeDifference: difference,
    trained: [...sampled, ...descended],
    rbcd,
    convex,
    backprop,
    pairs,
  };
}

async function* runPairs(
  { pairs }: Options,
  { seed, data, step }: RunContext,
  next: (label: string) => ReturnType<typeof progress>,
): Running<Result["pairs"]> {
  const results: Result["pairs"][number][] = [];
  for (const settings of pairs) {
    const { dataset, classes, train, patterns } = settings;
    const label = `${dataset} ${classes.join(" and ")}, ${patterns} patterns`;
    yield next(label);
    const images = await data.images(dataset, { part: "all" });
    const samples: TwoClasses = twoClasses(images, classes, train, seed);
    const trained: Trained[] = [];
    for (const method of pairMethods) {
      trained.push(
        yield* step(`${label}: ${method}`, () => pairStudy(samples, settings, method, seed)),
      );
    }
    results.push({ label, trained });
  }
  return results;
}

/** One after the other: the machine has no cores to spare for more. */
async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
