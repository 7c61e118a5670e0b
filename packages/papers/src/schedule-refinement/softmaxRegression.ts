/**
 * Many runs of softmax regression side by side: all schedules times all peak rates see the same
 * batches, so a step of all of them is one product of matrices.
 */
import { compileMinimizer, type Optimiser, scaleByAdam, softmaxCrossEntropy } from "@etude/learn";
import { grad, jit, type NDArray, scan, type Tensor, type TensorTree, zeros } from "@etude/tensor";
import type { NormKind } from "./refine.ts";
import type { Examples } from "./tables.ts";

export type Method = "sgd" | "adam";

/** The norm that belongs to a method (4), (6). */
export const normOf: Readonly<Record<Method, NormKind>> = { sgd: "l2", adam: "l1" };

/** Which examples each step sees, and how much each counts; rows of weights add up to 1. */
export interface Batches {
  /** int32 [steps, size] */
  readonly rows: NDArray;
  /** float32 [steps, size] */
  readonly weights: NDArray;
}

export interface Sweep {
  /** Mean loss over all examples at the last iterate, [runs]; not finite where a run diverged. */
  readonly losses: NDArray;
  /** Norms of the mini-batch gradients, l2 for SGD and l1 for Adam, [steps, runs]. */
  readonly norms: NDArray;
}

/** Runs of given learning rates [steps, runs], each from zero. */
export type Runner = (
  { inputs, targets }: Examples,
  batches: Batches,
  rates: NDArray,
) => Promise<Sweep>;

/** Compiled once for each combination of shapes. */
export function compileRuns(method: Method): Runner {
  const direction: Optimiser | undefined =
    method === "adam" ? scaleByAdam({ firstDecay: 0.9, secondDecay: 0.95 }) : undefined;
  const run = jit(
    (weights: Tensor, x: Tensor, y: Tensor, rows: Tensor, shares: Tensor, rates: Tensor) => {
      const [, runs] = weights.shape;
      type Carry = { weights: Tensor; state: TensorTree };
      // Runs share no parameter, so the gradient of the sum of their losses holds that of each.
      const batchLoss = (w: Tensor, row: Tensor, share: Tensor) =>
        lossesOf(w, x.gather(row), y.gather(row)).mul(share.expandDims(-1)).sum();
      const step = (
        { weights: w, state }: Carry,
        [row, share, rate]: readonly [Tensor, Tensor, Tensor],
      ): [Carry, Tensor] => {
        const g = grad(batchLoss)(w, row, share);
        const norm = method === "sgd" ? g.mul(g).sum([0, 2]).sqrt() : g.abs().sum([0, 2]);
        const next = direction?.update({ g }, state, { g: w });
        const move = (next?.updates.g ?? g).mul(rate.reshape([runs, 1]));
        return [{ weights: w.sub(move), state: next?.state ?? state }, norm];
      };
      const start: Carry = {
        weights,
        state: (direction?.init({ g: weights }) ?? {}) as TensorTree,
      };
      const [last, norms] = scan(step, start, [rows, shares, rates] as const);
      return { losses: lossesOf(last.weights, x, y).mean(0), norms };
    },
  );
  return async ({ inputs, targets, classes }, { rows, weights }, rates) => {
    const start = zeros([inputs.shape[1], rates.shape[1], classes]);
    const { losses, norms } = await run(start, inputs, targets, rows, weights, rates);
    return { losses, norms };
  };
}

/** Cross entropies [n, runs] of examples [n, features] for weights [features, runs, classes]. */
function lossesOf(weights: Tensor, x: Tensor, y: Tensor): Tensor {
  const [features, runs, classes] = weights.shape;
  const logits = x.matmul(weights.reshape([features, runs * classes]));
  const [n] = y.shape;
  return softmaxCrossEntropy(
    logits.reshape([n, runs, classes]),
    y.expandDims(-1).broadcastTo([n, runs]),
  );
}

/** The least mean loss any weights reach, in float64. */
export function compileOptimum(): (examples: Examples) => Promise<number> {
  const fit = compileMinimizer((weights: Tensor, x: Tensor, y: Tensor) =>
    softmaxCrossEntropy(x.matmul(weights), y).mean(),
  );
  return async ({ inputs, targets, classes }) => {
    const { value } = await fit(zeros([inputs.shape[1], classes]), [inputs, targets], {
      dtype: "float64",
      gradientTolerance: 1e-7,
      maxIterations: 2000,
    });
    return value;
  };
}
