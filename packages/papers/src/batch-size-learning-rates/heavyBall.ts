/**
 * Training by v <- beta v - eta g, w <- w + v, with eta and beta given at run time: they may change
 * between epochs, or differ between networks trained side by side, and nothing is compiled anew. The
 * velocity is in units of the weights, so it stays what it is when eta changes.
 */
import { batches } from "@etude/data";
import { applyUpdates, mapTensors } from "@etude/learn";
import {
  type ArrayTree,
  array,
  jit,
  NDArray,
  scan,
  type Tensor,
  type TensorTree,
  treeFlatten,
  treeUnflatten,
  valueAndGrad,
  vmap,
  zeros,
} from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { type Examples, type Loss, type Model, rowsOf } from "./curvature.ts";
import type { Coefficients } from "./polyak.ts";

export interface Moving<T = ArrayTree> {
  readonly params: T;
  readonly velocity: T;
}

/** Weights at rest. */
export function atRest(params: ArrayTree): Moving {
  const [leaves, structure] = treeFlatten(params);
  const still = leaves.map((leaf) => {
    const { shape, dtype } = leaf as NDArray;
    return zeros(shape, dtype);
  });
  return { params, velocity: treeUnflatten(structure, still) as ArrayTree };
}

export interface Quality {
  /** Loss of the training examples; not finite where training diverged. */
  readonly trainLoss: number;
  /** Share of the test examples that get their own class. */
  readonly testAccuracy: number;
}

export interface HeavyBall {
  /** Steps over batches of rows [steps * batchSize]; the mean of the losses seen before each step. */
  advance(
    from: Moving,
    examples: Examples,
    order: Int32Array,
    batchSize: number,
    coefficients: Coefficients,
  ): Promise<Moving & { readonly loss: number }>;
  /** The same steps from one start for several coefficients, side by side: how good each is in the end. */
  grid(
    start: ArrayTree,
    examples: Examples,
    order: Int32Array,
    batchSize: number,
    coefficients: readonly Coefficients[],
    test: Examples,
  ): Promise<Quality[]>;
  quality(params: ArrayTree, train: Examples, test: Examples): Promise<Quality>;
}

/**
 * @param model logits of a batch
 * @param loss mean over the batch
 */
export function compileHeavyBall(model: Model, loss: Loss): HeavyBall {
  type Carry = Moving<TensorTree>;
  type Parts = { readonly [part in "train" | "test"]: { inputs: Tensor; targets: Tensor } };
  const steps = (
    from: Carry,
    x: Tensor,
    y: Tensor,
    order: Tensor,
    rate: Tensor,
    momentum: Tensor,
  ): [Carry, Tensor] =>
    scan(
      ({ params, velocity }: Carry, rows: Tensor): [Carry, Tensor] => {
        const onBatch = (p: TensorTree): Tensor => loss(p, x.gather(rows), y.gather(rows));
        const [value, gradients] = valueAndGrad(onBatch)(params);
        const next = mapTensors(
          (v, g) => v.mul(momentum.astype(v.dtype)).sub(g.mul(rate.astype(g.dtype))),
          velocity,
          gradients,
        );
        return [{ params: applyUpdates(params, next), velocity: next }, value];
      },
      from,
      order,
    );
  const advance = jit((...given: Parameters<typeof steps>) => {
    const [carry, losses] = steps(...given);
    return { ...carry, loss: losses.mean() };
  });
  const judged = (params: TensorTree, { train, test }: Parts) => ({
    trainLoss: loss(params, train.inputs, train.targets),
    testAccuracy: model(params, test.inputs)
      .argmax(-1)
      .equal(test.targets)
      .astype("float32")
      .mean(),
  });
  const quality = jit(judged);
  const grid = jit((from: Carry, parts: Parts, order: Tensor, rates: Tensor, momenta: Tensor) =>
    vmap((rate: Tensor, momentum: Tensor) => {
      const { inputs, targets } = parts.train;
      return judged(steps(from, inputs, targets, order, rate, momentum)[0].params, parts);
    })(rates, momenta),
  );
  return {
    advance: async ({ params, velocity }, examples, order, batchSize, coefficients) => {
      const after = await advance(
        { params, velocity },
        examples.inputs,
        examples.targets,
        asBatches(order, batchSize),
        coefficients.learningRate,
        coefficients.momentum,
      );
      return { params: after.params, velocity: after.velocity, loss: after.loss.item() };
    },
    grid: async (start, train, order, batchSize, coefficients, test) => {
      const { trainLoss, testAccuracy } = await grid(
        atRest(start),
        { train: arraysOf(train), test: arraysOf(test) },
        asBatches(order, batchSize),
        array(coefficients.map(({ learningRate }) => learningRate)),
        array(coefficients.map(({ momentum }) => momentum)),
      );
      return coefficients.map((_, i) => ({
        trainLoss: trainLoss.data[i],
        testAccuracy: testAccuracy.data[i],
      }));
    },
    quality: async (params, train, test) => {
      const found = await quality(params, { train: arraysOf(train), test: arraysOf(test) });
      return { trainLoss: found.trainLoss.item(), testAccuracy: found.testAccuracy.item() };
    },
  };
}

/** Without what else a data set has, which a compiled function could not take. */
const arraysOf = ({ inputs, targets }: Examples): Examples => ({ inputs, targets });

function asBatches(order: Int32Array, batchSize: number): NDArray {
  const steps = order.length / batchSize;
  if (!Number.isInteger(steps) || steps < 1)
    throw new UsageError(`${order.length} rows are not made of batches of ${batchSize}`);
  return new NDArray(order, [steps, batchSize], "int32");
}

/** The rows of an epoch in random order, cut to whole batches. */
export function epochOrder(
  examples: Examples,
  batchSize: number,
  seed: number,
  epoch: number,
): Int32Array {
  const parts = batches(rowsOf(examples), batchSize, { seed, epoch, dropLast: true });
  const order = new Int32Array(parts.length * batchSize);
  parts.forEach((rows, i) => {
    order.set(rows, i * batchSize);
  });
  return order;
}
