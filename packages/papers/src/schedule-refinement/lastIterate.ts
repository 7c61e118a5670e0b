/** An online learner turned into a method whose last iterate has the learner's guarantee (1). */

import {
  applyUpdates,
  type CountState,
  type Optimiser,
  scaleBySchedule,
  tabulated,
  transformation,
} from "@etude/learn";
import type { TensorTree } from "@etude/tensor";
import { checkWeights } from "./arguments.ts";

/** `point`: z_t of the learner. */
export type LastIterateState = {
  learner: TensorTree;
  point: TensorTree;
  scale: CountState;
};

/**
 * Follow an online learner by shrinking steps:
 *
 *     z_{t+1} = z_t + u_t,   u_t the learner's update for w_t g_t, g_t taken at x_t
 *     x_{t+1} = x_t + (w_{t+1} + ... + w_T) / (w_1 + ... + w_T) (z_{t+1} - z_t)                  (1)
 *
 * Then E[f(x_T) - f*] <= E[sum_t w_t <g_t, z_t - x*>] / (w_1 + ... + w_T) for convex f: what the
 * learner's regret bounds, for the last iterate. With gradient descent of rate 1 as the learner this
 * is SGD with the rates of `ratesFromWeights` (2).
 *
 * After T steps nothing moves any more.
 *
 * @param learner sees gradients that are multiplied by the weights already
 * @param weights w_1 ... w_T
 *
 * @example
 * const optimiser = lastIterate(adagrad(0.1), optimalWeights(norms, 1));
 */
export function lastIterate(
  learner: Optimiser,
  weights: ArrayLike<number>,
): Optimiser<LastIterateState> {
  const w = checkWeights(weights);
  const weighting = scaleBySchedule(tabulated(w));
  const shares = scaleBySchedule(tabulated(tailShares(w)));
  return transformation<LastIterateState>({
    init: (params) => ({
      learner: learner.init(params) as TensorTree,
      point: params,
      scale: shares.init(params) as CountState,
    }),
    update: (gradients, state) => {
      const weighted = weighting.update(gradients, state.scale, gradients);
      const step = learner.update(weighted.updates, state.learner, state.point);
      const { updates, state: scale } = shares.update(step.updates, state.scale, gradients);
      return {
        updates,
        state: {
          learner: step.state,
          point: applyUpdates(state.point, step.updates),
          scale,
        },
      };
    },
  });
}

/** (w_{t+1} + ... + w_T) / (w_1 + ... + w_T), added up from the end. */
function tailShares(weights: Float64Array): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let tail = 0;
  const shares = new Float64Array(weights.length);
  for (let t = weights.length - 1; t >= 0; t--) {
    shares[t] = tail / total;
    tail += weights[t];
  }
  return shares;
}
