/** LAMB: Adam with steps in proportion to each layer's weights. */
import { where } from "@etude/tensor";
import { type AdamOptions, scaleByAdam } from "./adam.ts";
import { type LearningRate, scaleByLearningRate } from "./learningRate.ts";
import { chain, type Optimiser, transformation } from "./optimiser.ts";
import { mapTensors, type Stateless } from "./trees.ts";
import { addDecayedWeights, type ParameterFilter } from "./weightDecay.ts";

/**
 * Scale the update of every parameter so that its norm is that of the parameter.
 *
 *     u <- u |p| / |u|, and u where either norm is 0
 *
 * After momentum it is LARS (You, Gitman, Ginsburg, "Large Batch Training of Convolutional Networks",
 * 2017, arXiv:1708.03888), after Adam it is {@link lamb}.
 */
export function scaleByTrustRatio(): Optimiser<Stateless> {
  return transformation<Stateless>({
    init: () => ({}),
    update: (gradients, state, params) => ({
      updates: mapTensors(
        (u, p) => {
          const [updateNorm, norm] = [u.norm(), p.norm()];
          const known = updateNorm.greater(0).and(norm.greater(0));
          return u.mul(where(known, norm.div(where(known, updateNorm, 1)), 1));
        },
        gradients,
        params,
      ),
      state,
    }),
  });
}

/**
 * LAMB.
 *
 *     u <- m^ / (sqrt(v^) + epsilon) + weightDecay p          m^, v^ of Adam
 *     p <- p - rate |p| / |u| u                               for each parameter of the tree
 *
 * For very large batches, where one rate does not suit all layers.
 *
 * You et al., "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes", ICLR 2020,
 * arXiv:1904.00962, algorithm 2 with phi the identity.
 *
 * @example lamb(warmupCosineSchedule({ peak: 2e-3, warmup: 500, steps: 10_000 }), { weightDecay: 0.01 })
 */
export function lamb(
  rate: LearningRate,
  options: AdamOptions & { weightDecay?: number; decayFilter?: ParameterFilter } = {},
): Optimiser {
  return chain(
    scaleByAdam({ epsilon: 1e-6, ...options }),
    addDecayedWeights(options.weightDecay ?? 0, options.decayFilter),
    scaleByTrustRatio(),
    scaleByLearningRate(rate),
  );
}
