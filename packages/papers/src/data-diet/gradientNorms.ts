/** GraNd: the norm of the gradient that one example gives, over all parameters of a network. */
import { softmaxCrossEntropy } from "@etude/learn";
import {
  grad,
  jit,
  type MapLeaves,
  type NDArray,
  type Tensor,
  treeLeaves,
  vmap,
} from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { labelsFrom, rowsOf } from "./rows.ts";
import { checkLabels } from "./scores.ts";

/** Logits [N, C] of a network in inference mode; `state` holds what is not trained, such as running statistics. */
export type Apply<P, S = Record<string, never>> = (params: P, x: Tensor, state: S) => Tensor;

export interface GradientNormOptions<S> {
  /**
   * Examples at once, 32 by default. The gradients of a batch are held side by side, so it takes
   * `batchSize` times the memory of the parameters; the scores do not depend on it.
   */
  readonly batchSize?: number;
  readonly state?: MapLeaves<S, NDArray>;
}

export type GradientNorms<P, S> = (
  params: MapLeaves<P, NDArray>,
  x: NDArray,
  labels: ArrayLike<number>,
  options?: GradientNormOptions<S>,
) => Promise<Float64Array>;

/**
 * A function that gives the GraNd score of every example, compiled once for all networks of one
 * architecture:
 *
 *     chi(x, y) = |grad_w l(p(w, x), y)|_2      (definition 3.1 for one w; average it over runs)
 *
 * with the cross entropy l and all parameters w in one vector. By eq. 3, leaving the example out of a
 * training batch changes the instantaneous decrease of any other example's loss by at most a constant
 * times this norm.
 */
export function compileGradientNorms<P, S = Record<string, never>>(
  apply: Apply<P, S>,
): GradientNorms<P, S> {
  const norms = jit((params: P, x: Tensor, labels: Tensor, state: S) => {
    const loss = (candidate: P, one: Tensor, label: Tensor): Tensor =>
      softmaxCrossEntropy(apply(candidate, one.expandDims(0), state), label.expandDims(0)).sum();
    const gradients = vmap(grad(loss), { inAxes: [null, 0, 0] })(params as never, x, labels);
    const squares = treeLeaves(gradients).map((leaf) => sumOfSquares(leaf as Tensor));
    return squares.reduce((total, square) => total.add(square)).sqrt();
  });
  return async (params, x, labels, { batchSize = 32, state } = {}) => {
    checkBatchSize(batchSize);
    checkLabels("grand", labels, x.shape[0], Number.POSITIVE_INFINITY);
    const scores = new Float64Array(x.shape[0]);
    for (let from = 0; from < scores.length; from += batchSize) {
      const inputs = rowsOf(x, from, batchSize);
      const targets = labelsFrom(labels, from, batchSize);
      const held = (state ?? {}) as MapLeaves<S, NDArray>;
      scores.set((await norms(params as never, inputs, targets, held as never)).data, from);
    }
    return scores;
  };
}

/** [N, ...] to [N] */
const sumOfSquares = (leaf: Tensor): Tensor => {
  const flat = leaf.reshape([leaf.shape[0], -1]);
  return flat.mul(flat).sum(-1);
};

function checkBatchSize(batchSize: number): void {
  if (!(Number.isInteger(batchSize) && batchSize >= 1))
    throw new UsageError(`batchSize must be a whole number from 1, got ${batchSize}`);
}

/**
 * GraNd scores of examples by one network: see {@link compileGradientNorms}, which to call directly
 * for several networks, as every call here compiles.
 *
 * @param apply gives logits
 * @param x [N, ...]
 * @param labels [N], classes from 0
 * @returns [N]
 */
export const grandScores = <P, S = Record<string, never>>(
  apply: Apply<P, S>,
  params: MapLeaves<P, NDArray>,
  x: NDArray,
  labels: ArrayLike<number>,
  options: GradientNormOptions<S> = {},
): Promise<Float64Array> => compileGradientNorms(apply)(params, x, labels, options);
