/** Products with the Hessian and the Gauss-Newton matrix of a loss, each one compiled call. */

import { gatherRows } from "@etude/data";
import {
  type ArrayTree,
  array,
  concat,
  hvp,
  jit,
  lift,
  linearize,
  NDArray,
  type Tensor,
  type TensorTree,
  treeFlatten,
  treeUnflatten,
  vjp,
  vmap,
} from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import type { Product } from "./product.ts";

/** The mean loss of a batch. */
export type Loss = (params: TensorTree, x: Tensor, y: Tensor) => Tensor;

/** Outputs of a batch, [B, ...]. */
export type Model = (params: TensorTree, x: Tensor) => Tensor;

/** The mean loss of a batch's outputs; convex, such as the cross entropy of logits. */
export type LossOnOutputs = (outputs: Tensor, y: Tensor) => Tensor;

export interface Examples {
  /** [N, ...] */
  readonly inputs: NDArray;
  /** [N] or [N, k] */
  readonly targets: NDArray;
}

/** A matrix of second derivatives that depends on parameters and examples. */
export interface Curvature {
  /** The matrix of the mean loss of these examples, taken `rowsAtOnce` (4096) at a time. */
  of(params: ArrayTree, examples: Examples, rowsAtOnce?: number): Product;
  /**
   * The matrices of several batches times one vector, in one call: batch i has the rows
   * [i batchSize, (i + 1) batchSize) of `order`.
   */
  ofBatches(
    params: ArrayTree,
    examples: Examples,
    order: Int32Array,
    batchSize: number,
  ): (vector: Float64Array) => Promise<Float64Array[]>;
}

/**
 * The Hessian: forward mode over reverse mode.
 *
 * @param loss mean over the batch; what is added to it, such as weight decay, is part of the matrix
 */
export const hessianVectorProduct = (loss: Loss): Curvature =>
  compiledCurvature((params, vector, x, y) => hvp(loss)(params, vector, x, y) as TensorTree);

/**
 * The generalised Gauss-Newton matrix J^T H J, with J the Jacobian of the outputs and H the Hessian of
 * the loss in the outputs: positive semi-definite where the loss is convex.
 */
export const ggnVectorProduct = (model: Model, loss: LossOnOutputs): Curvature =>
  compiledCurvature((params, vector, x, y) => {
    const outputs = (p: TensorTree): Tensor => model(p, x);
    const [at, push] = linearize(outputs, params);
    const curved = hvp((out: Tensor) => loss(out, y))(at, push(vector) as Tensor);
    const [, pull] = vjp(outputs, params);
    return pull(curved)[0] as TensorTree;
  });

type TreeProduct = (params: TensorTree, vector: TensorTree, x: Tensor, y: Tensor) => TensorTree;

function compiledCurvature(product: TreeProduct): Curvature {
  const flatProduct = (params: TensorTree, flat: Tensor, x: Tensor, y: Tensor): Tensor =>
    flatten(product(params, unflatten(params, flat), x, y));
  const whole = jit(flatProduct);
  const batched = jit((params: TensorTree, flat: Tensor, x: Tensor, y: Tensor, rows: Tensor) =>
    vmap((chosen: Tensor) => flatProduct(params, flat, x.gather(chosen), y.gather(chosen)))(rows),
  );

  return {
    of: (params, examples, rowsAtOnce = 4096) => {
      const parts = partsOf(examples, rowsAtOnce);
      const total = rowsOf(examples);
      return {
        size: parameterCount(params),
        apply: async (vector) => {
          const flat = array(vector, { dtype: "float64" });
          const sum = new Float64Array(vector.length);
          for (const { inputs, targets } of parts) {
            const { data } = await whole(params, flat, inputs, targets);
            const share = targets.shape[0] / total;
            for (let i = 0; i < sum.length; i++) sum[i] += share * data[i];
          }
          return sum;
        },
      };
    },
    ofBatches: (params, { inputs, targets }, order, batchSize) => {
      const count = order.length / batchSize;
      if (!Number.isInteger(count))
        throw new UsageError(`${order.length} rows are not made of batches of ${batchSize}`);
      const size = parameterCount(params);
      // So many at once that their results fill about 32 MB.
      const atOnce = Math.max(1, Math.min(count, Math.floor(4e6 / size)));
      return async (vector) => {
        const flat = array(vector, { dtype: "float64" });
        const results: Float64Array[] = [];
        for (let from = 0; from < count; from += atOnce) {
          const until = Math.min(from + atOnce, count);
          const rows = new NDArray(
            order.slice(from * batchSize, until * batchSize),
            [until - from, batchSize],
            "int32",
          );
          const { data } = await batched(params, flat, inputs, targets, rows);
          for (let i = 0; i < until - from; i++)
            results.push(Float64Array.from(data.subarray(i * size, (i + 1) * size)));
        }
        return results;
      };
    },
  };
}

export const rowsOf = ({ targets }: Examples): number => targets.shape[0];

/** The examples of these rows. */
export const examplesAt = ({ inputs, targets }: Examples, rows: ArrayLike<number>): Examples => ({
  inputs: gatherRows(inputs, rows),
  targets: gatherRows(targets, rows),
});

function partsOf(examples: Examples, rowsAtOnce: number): Examples[] {
  const rows = rowsOf(examples);
  if (rows === 0) throw new UsageError("there are no examples to take the curvature of");
  if (rows <= rowsAtOnce) return [examples];
  return Array.from({ length: Math.ceil(rows / rowsAtOnce) }, (_, part) => {
    const from = part * rowsAtOnce;
    const length = Math.min(rowsAtOnce, rows - from);
    return examplesAt(
      examples,
      Int32Array.from({ length }, (_, i) => from + i),
    );
  });
}

export function parameterCount(params: ArrayTree): number {
  const [leaves] = treeFlatten(params);
  return leaves.reduce<number>((sum, leaf) => sum + (typeof leaf === "number" ? 1 : leaf.size), 0);
}

/** All leaves as one float64 vector, in the order of the tree. */
export function flatten(tree: TensorTree): Tensor {
  const [leaves] = treeFlatten(tree);
  return concat(leaves.map((leaf) => lift(leaf).reshape([-1]).astype("float64")));
}

/** A vector in the tree and the dtypes of `like`. */
export function unflatten(like: TensorTree, flat: Tensor): TensorTree {
  const [leaves, structure] = treeFlatten(like);
  let start = 0;
  const parts = leaves.map((leaf) => {
    const { shape, size, dtype } = lift(leaf);
    start += size;
    return flat
      .slice([start - size, start])
      .reshape(shape)
      .astype(dtype);
  });
  return treeUnflatten(structure, parts) as TensorTree;
}
