/** How good a set is to learn from: fresh networks trained on it, tested on real images. */

import { gatherRows } from "@etude/data";
import { sgd } from "@etude/learn";
import { type ArrayTree, jit, NDArray, type Tensor, type TensorTree } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { digitStrength } from "./augmentation.ts";
import { keyOf, type Labelled } from "./labelled.ts";
import type { Network } from "./networks.ts";
import { type BatchAugmentation, type Learner, trainEpochs } from "./training.ts";

export interface EvaluationOptions {
  /** Fresh networks; 20 by default. */
  readonly networks?: number;
  /** 300 by default, 1000 with augmentation; one more is done, as in the official code. */
  readonly epochs?: number;
  /** 0.01 by default, a tenth of it in the second half. */
  readonly rate?: number;
  /** 256 by default. */
  readonly batchSize?: number;
  readonly augmentation?: BatchAugmentation;
  readonly seed: number;
}

/** Parameters and running statistics. */
export interface Trained {
  readonly params: ArrayTree;
  readonly state: ArrayTree;
}

export interface Evaluator {
  /** A fresh network, trained. The same seed gives the same. */
  train(images: NDArray, labels: Int32Array, seed: number): Promise<Trained>;
  /** The share of examples that are classified right. */
  accuracy(network: Trained, test: Labelled): Promise<number>;
  /** Logits [n, classes]. */
  logits(network: Trained, x: NDArray): Promise<NDArray>;
}

/** Steps of one call: a second of work or so, to be stopped between. */
const multiplications = 1e10;

/**
 * The training of the evaluation: SGD with momentum 0.9 and weight decay 5e-4; epochs 0 to E; after
 * epoch E / 2 + 1 the rate falls to a tenth and the momentum is forgotten.
 */
export function compileEvaluator(
  net: Network,
  options: Omit<EvaluationOptions, "networks" | "seed"> = {},
): Evaluator {
  const { rate = 0.01, batchSize = 256, augmentation } = options;
  const { epochs = augmentation === undefined ? 300 : 1000 } = options;
  const optimiserOf = (factor: number) => sgd(rate * factor, { momentum: 0.9, weightDecay: 5e-4 });
  const begin = jit((key: Tensor) => {
    const params = net.init(key);
    return { params, state: net.initState(), memory: optimiserOf(1).init(params) };
  });
  const phases = [1, 0.1].map((factor) => {
    const optimiser = optimiserOf(factor);
    return {
      fresh: jit(({ params, state }: Learner) => ({
        params,
        state,
        memory: optimiser.init(params),
      })),
      advance: jit((learner: Learner, images: Tensor, labels: Tensor, keys: Tensor) =>
        trainEpochs(net, learner, images, labels, keys, {
          optimiser,
          batchSize,
          ...(augmentation && { augmentation }),
        }),
      ),
    };
  });
  const forward = jit(
    (params: TensorTree, state: TensorTree, x: Tensor) => net.apply(params, state, x, false)[0],
  );
  const early = Math.min(Math.floor(epochs / 2) + 2, epochs + 1);
  const logits: Evaluator["logits"] = async ({ params, state }, x) => {
    const n = x.shape[0];
    const values = new Float32Array(n * net.classes);
    for (let from = 0; from < n; from += testBatch) {
      const rows = Int32Array.from({ length: Math.min(testBatch, n - from) }, (_, i) => from + i);
      const part = await forward(params, state, gatherRows(x, rows));
      values.set(part.data, from * net.classes);
    }
    return new NDArray(values, [n, net.classes], "float32");
  };
  return {
    async train(images, labels, seed) {
      checkSet(net, images, labels);
      const y = new NDArray(labels, [labels.length], "int32");
      const most = Math.max(1, Math.floor(multiplications / (3 * net.cost * labels.length)));
      let learner = await begin(keyOf(seed, "evaluation", 0));
      let done = 0;
      for (const [phase, length] of [early, epochs + 1 - early].entries()) {
        learner = await phases[phase].fresh(learner);
        const parts = Math.ceil(length / Math.min(most, 500));
        for (let part = 0; part < parts; part++) {
          const count =
            Math.floor(((part + 1) * length) / parts) - Math.floor((part * length) / parts);
          const keys = keysFrom(seed, done, count);
          learner = await phases[phase].advance(learner, images, y, keys);
          done += count;
        }
      }
      const { params, state } = learner as unknown as Trained;
      return { params, state };
    },
    logits,
    async accuracy(network, { x, y }) {
      const { data } = await logits(network, x);
      const right = y.reduce(
        (sum, label, i) => sum + Number(highest(data, i, net.classes) === label),
        0,
      );
      return right / y.length;
    },
  };
}

const testBatch = 1000;

function keysFrom(seed: number, from: number, count: number): NDArray {
  const keys = new Uint32Array(2 * count);
  for (let i = 0; i < count; i++) keys.set(keyOf(seed, "evaluation", 1, from + i).data, 2 * i);
  return new NDArray(keys, [count, 2], "uint32");
}

function highest(logits: ArrayLike<number>, row: number, classes: number): number {
  let best = 0;
  for (let c = 1; c < classes; c++)
    if (logits[row * classes + c] > logits[row * classes + best]) best = c;
  return best;
}

function checkSet(net: Network, images: NDArray, labels: Int32Array): void {
  if (images.shape[0] !== labels.length || images.shape.slice(1).join() !== net.inputs.join())
    throw new UsageError(
      `the network takes [n, ${net.inputs.join(", ")}]; the set is [${images.shape.join(", ")}] with ${labels.length} labels`,
    );
  const wrong = labels.findIndex((label) => label < 0 || label >= net.classes);
  if (wrong >= 0)
    throw new UsageError(
      `image ${wrong}, from 0, has class ${labels[wrong]}; classes are 0 to ${net.classes - 1}`,
    );
}

export interface Accuracies {
  /** One a network. */
  readonly accuracies: number[];
  readonly mean: number;
  /** Over networks, of the population as NumPy's; 0 with one. */
  readonly std: number;
}

/**
 * The test accuracy of fresh networks trained on a set; none of them took part in making it.
 *
 * @param images [n, ...], standardised as the test images are
 * @throws UsageError for labels or shapes that do not fit the network
 */
export async function evaluateCondensed(
  images: NDArray,
  labels: Int32Array,
  net: Network,
  test: Labelled,
  options: EvaluationOptions,
): Promise<Accuracies> {
  return evaluateWith(compileEvaluator(net, options), images, labels, test, options);
}

/** {@link evaluateCondensed} with a training that is compiled already. */
export async function evaluateWith(
  evaluator: Evaluator,
  images: NDArray,
  labels: Int32Array,
  test: Labelled,
  { networks = 20, seed }: Pick<EvaluationOptions, "networks" | "seed">,
): Promise<Accuracies> {
  const accuracies: number[] = [];
  for (let i = 0; i < networks; i++) {
    const network = await evaluator.train(images, labels, 1000 * seed + i);
    accuracies.push(await evaluator.accuracy(network, test));
  }
  const mean = accuracies.reduce((sum, value) => sum + value, 0) / networks;
  const variance = accuracies.reduce((sum, value) => sum + (value - mean) ** 2, 0) / networks;
  return { accuracies, mean, std: Math.sqrt(variance) };
}

/** The evaluation of DC on handwritten digits: each image is shifted, scaled or turned. */
export const digitTraining: BatchAugmentation = {
  ops: ["crop", "scale", "rotate"],
  strength: digitStrength,
  shared: false,
};

/** That of DC for networks with batch normalisation: shifts, and noise that keeps values apart. */
export const batchNormTraining: BatchAugmentation = {
  ops: ["crop"],
  strength: digitStrength,
  shared: false,
  noise: 0.001,
};

/** The evaluation of DSA: an operation a batch, strength of its own for each image. */
export const dsaTraining = (ops: BatchAugmentation["ops"]): BatchAugmentation => ({
  ops,
  shared: true,
});
