/**
 * Training by steps: SGD with Nesterov momentum, many steps in one compiled call. A subset is trained
 * on for as many steps as the whole data set would be, so that it is not punished with fewer updates.
 */
import { applyUpdates, type Schedule, sgd, softmaxCrossEntropy } from "@etude/learn";
import {
  type ArrayTree,
  evaluate,
  iota,
  jit,
  NDArray,
  random,
  scan,
  type Tensor,
  type TensorTree,
  valueAndGrad,
} from "@etude/tensor";
import { cropAndFlip } from "./augmentation.ts";
import type { Classifier, Weights } from "./classifier.ts";
import { rowsOf } from "./rows.ts";

export interface Recipe {
  /** The learning rate by steps done. */
  readonly rate: Schedule;
  readonly momentum: number;
  /** Of all parameters, added to the gradient. */
  readonly weightDecay: number;
  /** Random crops and mirror images. */
  readonly augment: boolean;
}

export interface Examples {
  /** float32 [N, ...] */
  readonly inputs: NDArray;
  /** int32 [N] */
  readonly labels: NDArray;
}

/** Weights with the optimiser's memory. */
export interface TrainState extends Weights<ArrayTree> {
  readonly optimiser: ArrayTree;
}

export interface Trainer {
  /** Fresh weights. The same seed gives the same. */
  start(seed: number): Promise<TrainState>;
  /** Given weights, with an optimiser that has done no step. */
  from(weights: Weights<ArrayTree>): TrainState;
  /**
   * A step on every batch.
   *
   * @param batches row numbers of `examples`, int32 [steps, batch]: see {@link batchOrder}
   * @param seed of the augmentation
   * @returns what the forward pass of each step got right, before its update, in the order of `batches`
   */
  advance(
    state: TrainState,
    examples: Examples,
    batches: NDArray,
    seed?: number,
  ): Promise<{ state: TrainState; correct: Uint8Array; losses: Float64Array }>;
}

/** Steps in one compiled call: a quarter of a second of work, so that a run can be stopped and watched. */
const stepsAtOnce = 100;

/** A trainer for one network and recipe; compiled once for each number of rows and of steps. */
export function compileTrainer(classifier: Classifier, recipe: Recipe): Trainer {
  const { rate, momentum, weightDecay, augment } = recipe;
  const optimiser = sgd(rate, { momentum, nesterov: momentum > 0, weightDecay });
  // Arrays in, arrays out, which the type of a recursive tree cannot say.
  const fresh = (params: ArrayTree) => optimiser.init(params) as unknown as ArrayTree;
  type Carry = { params: TensorTree; state: TensorTree; optimiser: TensorTree };
  type Batch = { rows: Tensor; number: Tensor };

  const steps = jit((carry: Carry, x: Tensor, y: Tensor, order: Tensor, key: Tensor) => {
    const step = ({ params, state, ...held }: Carry, { rows, number }: Batch) => {
      const images = x.gather(rows);
      const inputs = augment ? cropAndFlip(images, random.foldIn(key, number)) : images;
      const labels = y.gather(rows);
      const loss = (candidate: TensorTree): [Tensor, [Tensor, TensorTree]] => {
        const [logits, next] = classifier.apply(candidate, state, inputs, true);
        const correct = logits.argmax(-1).equal(labels).astype("float32");
        return [softmaxCrossEntropy(logits, labels).mean(), [correct, next]];
      };
      const [[value, [correct, next]], gradients] = valueAndGrad(loss, { hasAux: true })(params);
      const { updates, state: optimiserState } = optimiser.update(
        gradients,
        held.optimiser,
        params,
      );
      const after = {
        params: applyUpdates(params, updates),
        state: next,
        optimiser: optimiserState,
      };
      return [after as Carry, { value, correct }] as [Carry, { value: Tensor; correct: Tensor }];
    };
    const numbers = iota(order.shape[0]).astype("uint32");
    return scan(step, carry, { rows: order, number: numbers });
  });

  return {
    start: async (seed) => {
      const weights = (await evaluate(classifier.init(random.key(seed)))) as Weights<ArrayTree>;
      return { ...weights, optimiser: fresh(weights.params) };
    },
    from: ({ params, state }) => ({ params, state, optimiser: fresh(params) }),
    advance: async (start, { inputs, labels }, batches, seed = 0) => {
      const [total, size] = batches.shape;
      const correct = new Uint8Array(batches.size);
      const losses = new Float64Array(total);
      const keys = random.generator(seed);
      let carry = { params: start.params, state: start.state, optimiser: start.optimiser };
      for (let done = 0; done < total; done += stepsAtOnce) {
        const key = new NDArray(Uint32Array.from(keys.fork(done).state().key), [2], "uint32");
        const order = rowsOf(batches, done, stepsAtOnce);
        const [next, seen] = await steps(carry, inputs, labels, order, key);
        carry = next;
        correct.set(seen.correct.data, done * size);
        losses.set(seen.value.data, done);
      }
      return { state: carry, correct, losses };
    },
  };
}

/**
 * The order of the data: the rows shuffled anew in every epoch and cut into batches, the remainder of
 * an epoch dropped, for a number of steps that need not be whole epochs.
 *
 * @param rows the examples to train on, a subset for instance
 * @returns row numbers int32 [steps, min(batchSize, number of rows)]
 */
export function batchOrder(
  rows: Int32Array,
  batchSize: number,
  steps: number,
  seed: number,
): NDArray {
  const size = Math.min(batchSize, rows.length);
  const perEpoch = Math.floor(rows.length / size);
  const generator = random.generator(seed);
  const order = new Int32Array(steps * size);
  let epoch: Int32Array = new Int32Array();
  for (let step = 0; step < steps; step++) {
    const batch = step % perEpoch;
    if (batch === 0) epoch = generator.fork(step / perEpoch).permutation(rows.length);
    for (let i = 0; i < size; i++) order[step * size + i] = rows[epoch[batch * size + i]];
  }
  return new NDArray(order, [steps, size], "int32");
}

export const allRows = (count: number): Int32Array =>
  Int32Array.from({ length: count }, (_, i) => i);

/**
 * Two networks from one: the same weights to begin with, the same recipe to the end, another order of
 * the data (and other augmentation) each. What they have in common is what the parent has decided.
 *
 * @param train the rest of the training from given weights, by a seed
 */
export async function spawnChildren<W>(
  parent: W,
  seeds: readonly [number, number],
  train: (parent: W, seed: number) => Promise<W>,
): Promise<[W, W]> {
  return [await train(parent, seeds[0]), await train(parent, seeds[1])];
}

/**
 * A function that gives weights which were not trained (a point between two networks) the running
 * statistics that data have under them, by passing batches [batches, size, ...] through in training
 * mode. What the statistics were before decays by a tenth with every batch: give fifty or more.
 */
export function compileStatistics(classifier: Classifier) {
  const pass = jit((params: TensorTree, state: TensorTree, batches: Tensor) => {
    const step = (held: TensorTree, x: Tensor): [TensorTree, null] => [
      classifier.apply(params, held, x, true)[1],
      null,
    ];
    return scan(step, state, batches)[0];
  });
  return ({ params, state }: Weights<ArrayTree>, batches: NDArray): Promise<ArrayTree> =>
    pass(params, state, batches);
}
