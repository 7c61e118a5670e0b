/** A large batch in pieces. */

import { type Tensor, type TensorTree, where } from "@etude/tensor";
import { fail } from "../errors.ts";
import { type Optimiser, transformation } from "./optimiser.ts";
import { initialCount, mapTensors, zerosLike } from "./trees.ts";

export type AccumulationState = { count: Tensor; mean: TensorTree; inner: TensorTree };

/**
 * Gather the gradients of `everyK` calls and step with their mean: the same as one call with a batch
 * `everyK` times as large if the loss is a mean over the batch, in the memory of a small one.
 *
 *     a <- a + (g - a) / (i + 1),   i = 0 ... everyK - 1
 *     at i = everyK - 1:  u <- inner(a), a <- 0;   before:  u <- 0
 *
 * The inner state, its schedules included, moves on at every `everyK`-th call only.
 *
 * @example accumulateGradients(adamw(3e-4), 4)
 */
export function accumulateGradients(
  inner: Optimiser,
  everyK: number,
): Optimiser<AccumulationState> {
  if (!Number.isInteger(everyK) || everyK < 1)
    fail(`accumulateGradients: everyK must be a whole number >= 1, got ${everyK}`);
  return transformation<AccumulationState>({
    init: (params) => ({
      count: initialCount(),
      mean: zerosLike(params),
      inner: inner.init(params) as TensorTree,
    }),
    update: (gradients, state, params) => {
      const share = (leaf: Tensor) => state.count.add(1).astype(leaf.dtype).reciprocal();
      const mean = mapTensors((a, g) => a.add(g.sub(a).mul(share(a))), state.mean, gradients);
      const last = state.count.equal(everyK - 1);
      const step = inner.update(mean, state.inner, params);
      // Selected, not multiplied with 0 and 1: a step that is not taken may hold infinities.
      const choose = <T>(then: T, otherwise: T): T =>
        mapTensors((a, b) => where(last, a, b), then, otherwise);
      return {
        updates: mapTensors((u) => where(last, u, 0), step.updates),
        state: {
          count: where(last, 0, state.count.add(1)),
          mean: mapTensors((a) => where(last, 0, a), mean),
          inner: choose(step.state, state.inner),
        },
      };
    },
  });
}
