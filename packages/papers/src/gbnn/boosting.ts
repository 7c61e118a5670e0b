/** The training of the network, one part after the other (section 3.3 of the paper's method). */

import { gatherRows } from "@etude/data";
import { array, jit, type NDArray, random, type Tensor } from "@etude/tensor";
import {
  type Activation,
  completeConfig,
  type GbnnConfig,
  type GbnnSettings,
  rowsPerPart,
} from "./config.ts";
import {
  boostingLoss,
  initialConstant,
  type LineSearch,
  newtonStep,
  pseudoResiduals,
  type Task,
} from "./losses.ts";
import { fitPart } from "./part.ts";
import { initialShallow, type Shallow, shallowOutput } from "./shallow.ts";
import { checkExamples, classesOf, encodeTargets, outputsOf } from "./targets.ts";

export interface GbnnPart extends Shallow<NDArray> {
  /** eta rho: what the outputs of the part are multiplied with. */
  readonly step: number;
}

/** F(x) = F_0 + sum_t step_t h_t(x). */
export interface GbnnModel {
  readonly task: Task;
  /** The labels, sorted; of two the second is the one that +1 stands for. */
  readonly classes?: readonly number[];
  readonly activation: Activation;
  readonly features: number;
  /** F_0: [K]. */
  readonly init: NDArray;
  readonly parts: readonly GbnnPart[];
  /** Mean loss over all training examples after each part. */
  readonly trainLoss: readonly number[];
}

/** A part that has just joined the sum. */
export interface Boosted {
  /** Its number, from 1, and how many there will be. */
  readonly part: number;
  readonly parts: number;
  readonly loss: number;
  readonly step: number;
}

/** Where the residuals are all smaller the training examples are fitted, and boosting ends early. */
const fitted = 1e-10;

/** What the sum of the parts so far says of all training examples. */
function standing(task: Task, targets: Tensor, scores: Tensor) {
  const residuals = pseudoResiduals(task, targets, scores);
  const loss = boostingLoss(task, targets, scores).mean();
  return { scores, residuals, loss, largest: residuals.abs().max() };
}

const begin = jit((task: Task, targets: Tensor) => {
  const init = initialConstant(task, targets);
  const scores = init.expandDims(0).broadcastTo(targets.shape);
  return { init, ...standing(task, targets, scores) };
});

interface Rules {
  readonly task: Task;
  readonly lineSearch: LineSearch;
  readonly activation: Activation;
}

/** A fitted part joins the sum: line search over all examples, whichever the part was fitted to. */
const advance = jit(
  (
    { task, lineSearch, activation }: Rules,
    part: Shallow<Tensor>,
    x: Tensor,
    targets: Tensor,
    scores: Tensor,
    residuals: Tensor,
    learningRate: Tensor,
  ) => {
    const outputs = shallowOutput(part, x, activation);
    const step = learningRate.mul(newtonStep(task, targets, residuals, outputs, lineSearch));
    return { step, ...standing(task, targets, scores.add(outputs.mul(step))) };
  },
);

/**
 * Gradient boosting of a network with one hidden layer: every part is fitted to the residuals of the
 * sum so far, on a fresh subsample, and joins it with one Newton step times the learning rate.
 *
 * Yields after every part; ends with the model. Everything is computed in the dtype of `x`.
 *
 * @param x [N, d], best standardised: a logistic unit far in its tail acts like an exponential
 * @param y [N]: numbers for regression, else labels (any numbers)
 * @throws DataError for examples nothing can be learnt from, UsageError for settings without sense
 *
 * Emami, Martínez-Muñoz, "Sequential Training of Neural Networks with Gradient Boosting", IEEE Access
 * 11 (2023), algorithm 1.
 */
export async function* boost(
  x: NDArray,
  y: NDArray,
  task: Task,
  config: GbnnConfig,
): AsyncGenerator<Boosted, GbnnModel, void> {
  const settings = completeConfig(config);
  checkExamples(x, y);
  const classes = classesOf(task, y);
  const [rows, features] = x.shape;
  const dtype = x.dtype === "float32" ? "float32" : "float64";
  const targets = encodeTargets(task, y, classes, dtype);
  const sizes = [features, settings.unitsPerStep, outputsOf(task, classes)] as const;
  const { activation, lineSearch, parts } = settings;
  const learningRate = array(new Float64Array([settings.learningRate]), { shape: [], dtype });
  const generator = random.generator(settings.seed);

  const { init, ...first } = await begin(task, targets);
  let now = first;
  const members: GbnnPart[] = [];
  const trainLoss: number[] = [];
  while (members.length < parts && now.largest.item() >= fitted) {
    const seen = subsample(settings, rows, generator);
    const start = initialShallow(generator, sizes, activation, dtype);
    const [seenX, seenResiduals] =
      seen === undefined
        ? [x, now.residuals]
        : [gatherRows(x, seen), gatherRows(now.residuals, seen)];
    const part = await fitPart(start, seenX, seenResiduals, settings, generator);
    const { step, ...next } = await advance(
      { task, lineSearch, activation },
      part,
      x,
      targets,
      now.scores,
      now.residuals,
      learningRate,
    );
    now = next;
    members.push({ ...part, step: step.item() });
    trainLoss.push(now.loss.item());
    yield { part: members.length, parts, loss: now.loss.item(), step: step.item() };
  }
  return {
    task,
    ...(classes && { classes }),
    activation,
    features,
    init,
    parts: members,
    trainLoss,
  };
}

/** The examples one part is fitted to; undefined for all of them. */
function subsample(
  settings: GbnnSettings,
  rows: number,
  generator: random.Generator,
): Int32Array | undefined {
  const size = rowsPerPart(settings, rows);
  return size === rows ? undefined : generator.sample(rows, size);
}

/**
 * The whole training; see {@link boost}, which can be watched and stopped between two parts.
 *
 * @example
 * const model = await fitGbnn(x, y, "binary", { learningRate: 0.1, seed: 1 });
 * const labels = await predict(model, x);
 */
export async function fitGbnn(
  x: NDArray,
  y: NDArray,
  task: Task,
  config: GbnnConfig,
  onPart?: (boosted: Boosted) => void,
): Promise<GbnnModel> {
  const boosting = boost(x, y, task, config);
  for (;;) {
    const next = await boosting.next();
    if (next.done) return next.value;
    onPart?.(next.value);
  }
}
