/** Networks that take a time and a class: how they look to training and sampling. */
import { mapTensors } from "@etude/learn";
import {
  type ArrayTree,
  evaluate,
  full,
  lift,
  random,
  type Tensor,
  type TensorLike,
  type TensorTree,
} from "@etude/tensor";
import { classesOf, type Predict } from "./model.ts";

/**
 * A network with its configuration fixed. Class number `classes` stands for the empty condition: it is
 * what labels are replaced by where training drops them.
 */
export interface ConditionalNet {
  readonly classes: number;
  /** Shape of one sample, without the batch. */
  readonly shape: readonly number[];
  init(key: TensorLike): TensorTree;
  /** x [B, ...shape], t [B], labels int32 [B] of 0 ... classes; a prediction like x. */
  apply(params: TensorTree, x: Tensor, t: Tensor, labels: Tensor): Tensor;
}

/** A network with these parameters as a model to sample from; no condition is class `classes`. */
export const predictWith =
  (net: ConditionalNet, params: ArrayTree): Predict =>
  (x, t, condition) => {
    const labels =
      condition === null ? lift(full([x.shape[0]], net.classes, "int32")) : classesOf(condition);
    const tensors = mapTensors((leaf) => leaf, params as unknown as TensorTree);
    return net.apply(tensors, x, t, labels);
  };

/** The parameters a network starts from. */
export const freshWeights = async (net: ConditionalNet, seed: number): Promise<ArrayTree> =>
  (await evaluate(net.init(random.key(seed)))) as unknown as ArrayTree;
