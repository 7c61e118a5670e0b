/**
 * What is measured, each as one compiled function of a model's parameters, points and a key: for all
 * points and all their perturbations one call. Compiled once for all seeds.
 */
import type { MlpParams } from "@etude/learn";
import { jit, type NDArray, random, stack, type Tensor, vmap } from "@etude/tensor";
import { type AdamGrid, paperGrid } from "../adamFit.ts";
import { approximations } from "../approximations.ts";
import { limeRegression } from "../lime.ts";
import { type Instance, type MethodName, methodNames, methods } from "../methods.ts";
import { explanationLosses } from "../noFreeLunch.ts";
import { perturbationTests } from "../perturbationTest.ts";
import { gradientsAt } from "../scalarFunction.ts";
import type { Task } from "./data.ts";
import { scoreOf, type Trained } from "./models.ts";
import { type Options, samplesFor } from "./options.ts";

type Call<R> = (params: Trained, x: NDArray, key: NDArray) => Promise<R>;

/** Functions compiled so far, by what they were made for. */
const held = new Map<string, unknown>();

function once<F>(name: string, options: Options, task: Task, make: () => F): F {
  const key = JSON.stringify([name, options, task]);
  const known = held.get(key) ?? make();
  held.set(key, known);
  return known as F;
}

/** Attributions by every method's own formula: [8, m, d]. */
export const compiledDirect = (options: Options, task: Task): Call<NDArray> =>
  once("direct", options, task, () =>
    jit((params: MlpParams, x: Tensor, key: Tensor) => {
      const samples = samplesFor(x.shape[1], options);
      const keys = random.split(key, methodNames.length);
      return stack(
        methodNames.map((name, i) =>
          methods[name].direct(scoreOf(params, task), x, {
            sigma: options.sigma,
            samples,
            key: keys[i],
          }),
        ),
      );
    }),
  );

/**
 * Weights by the framework's route: [m, d].
 *
 * @param name of the problem, each its own
 */
export const compiledFit = (
  name: string,
  { neighbourhood, loss, model }: Instance,
  solver: "exact" | "adam",
  options: Options,
  task: Task,
): Call<NDArray> =>
  once(`${name}/${solver}`, options, task, () =>
    jit((params: MlpParams, x: Tensor, key: Tensor) => {
      const samples = samplesFor(x.shape[1], options);
      const grid = gridOf(options);
      const f = scoreOf(params, task);
      return approximations(f, x, neighbourhood, { loss, model, solver, samples, grid, key })
        .weights;
    }),
  );

/** Two settings in place of eight: both rates, with the decay that ends lower. */
const smallGrid: AdamGrid = { ...paperGrid, decays: [0.1], milestones: [[30, 40]] };

/** Milestones move with the number of epochs. */
function gridOf({ grid, fitEpochs }: Options): AdamGrid {
  const { milestones, ...rest } = grid === "paper" ? paperGrid : smallGrid;
  const share = fitEpochs / rest.epochs;
  return {
    ...rest,
    epochs: fitEpochs,
    milestones: milestones.map((steps) => steps.map((step) => Math.round(step * share))),
  };
}

/** Change of the score with k = 1 ... d features perturbed, for each method: four times [m, 8, d]. */
export const compiledTests = (
  options: Options,
  task: Task,
): ((params: Trained, x: NDArray, attributions: NDArray, key: NDArray) => Promise<Tests>) =>
  once("tests", options, task, () =>
    jit((params: MlpParams, x: Tensor, attributions: Tensor, key: Tensor) => {
      const f = scoreOf(params, task);
      const sizes = Array.from({ length: x.shape[1] }, (_, i) => i + 1);
      const noise = { sigma: options.sigma, draws: options.draws };
      const ofPoints = attributions.moveAxis(1, 0);
      const test = (side: "bottom" | "top", kind: "binary" | typeof noise) =>
        perturbationTests(f, x, ofPoints, { side, noise: kind, sizes, key });
      return {
        bottomContinuous: test("bottom", noise),
        bottomBinary: test("bottom", "binary"),
        topContinuous: test("top", noise),
        topBinary: test("top", "binary"),
      };
    }),
  );

export type Tests = Readonly<Record<TestName, NDArray>>;
export const testNames = [
  "bottomContinuous",
  "bottomBinary",
  "topContinuous",
  "topBinary",
] as const;
export type TestName = (typeof testNames)[number];

/** The loss of every method's explanation in one neighbourhood, for every point: [m, 8]. */
export const compiledLosses = (
  column: MethodName,
  options: Options,
  task: Task,
): ((params: Trained, x: NDArray, attributions: NDArray, key: NDArray) => Promise<NDArray>) =>
  once(`losses/${column}`, options, task, () =>
    jit((params: MlpParams, x: Tensor, attributions: Tensor, key: Tensor) => {
      const f = scoreOf(params, task);
      const instance = instanceOf(column, options);
      return vmap(
        (x0: Tensor, rows: Tensor, own: Tensor) =>
          explanationLosses(f, x0, rows, instance, { samples: options.lossSamples, key: own }),
        { inAxes: [0, 1, 0] },
      )(x, attributions, random.splitKeys(key, x.shape[0]));
    }),
  );

/** A method in the framework, with the limits that the options say. */
export const instanceOf = (name: MethodName, { sigma, sigmas, alphas }: Options): Instance =>
  methods[name].instance({
    sigma,
    smallSigma: sigmas[sigmas.length - 1],
    largeAlpha: alphas[alphas.length - 1],
  });

/** How sure LIME is, and how flat the score: effective samples [m] and gradients [m, d]. */
export const compiledChecks = (
  options: Options,
  task: Task,
): Call<{ effectiveSamples: NDArray; gradients: NDArray }> =>
  once("checks", options, task, () =>
    jit((params: MlpParams, x: Tensor, key: Tensor) => {
      const f = scoreOf(params, task);
      const samples = samplesFor(x.shape[1], options);
      return {
        effectiveSamples: vmap(
          (x0: Tensor, own: Tensor) =>
            limeRegression(f, x0, { samples, key: own }).effectiveSamples,
        )(x, random.splitKeys(key, x.shape[0])),
        gradients: gradientsAt(f, x),
      };
    }),
  );
