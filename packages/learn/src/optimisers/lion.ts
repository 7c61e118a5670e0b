/** Lion: only the sign of the momentum. */
import type { TensorTree } from "@etude/tensor";
import { type LearningRate, scaleByLearningRate } from "./learningRate.ts";
import { checkDecay } from "./moments.ts";
import { chain, type Optimiser, transformation } from "./optimiser.ts";
import { mapTensors, zerosLike } from "./trees.ts";
import { addDecayedWeights, type ParameterFilter } from "./weightDecay.ts";

export interface LionOptions {
  /** Weight of the momentum in the direction, beta_1: 0.9. */
  firstDecay?: number;
  /** Decay of the momentum, beta_2: 0.99. */
  secondDecay?: number;
  /** Decoupled, times the rate: 0. */
  weightDecay?: number;
  decayFilter?: ParameterFilter;
}

export type LionState = { momentum: TensorTree };

/** The direction of Lion; see {@link lion}. */
export function scaleByLion(options: LionOptions = {}): Optimiser<LionState> {
  const { firstDecay = 0.9, secondDecay = 0.99 } = options;
  checkDecay("lion", "firstDecay", firstDecay);
  checkDecay("lion", "secondDecay", secondDecay);
  const mixed = (momentum: TensorTree, gradients: TensorTree, decay: number) =>
    mapTensors((m, g) => m.mul(decay).add(g.mul(1 - decay)), momentum, gradients);
  return transformation<LionState>({
    init: (params) => ({ momentum: zerosLike(params) }),
    update: (gradients, { momentum }) => ({
      updates: mapTensors((c) => c.sign(), mixed(momentum, gradients, firstDecay)),
      state: { momentum: mixed(momentum, gradients, secondDecay) },
    }),
  });
}

/**
 * Lion: every entry moves by exactly the rate.
 *
 *     u <- sign(beta_1 m + (1 - beta_1) g)
 *     m <- beta_2 m + (1 - beta_2) g
 *     p <- p - rate (u + weightDecay p)
 *
 * Half the state of Adam. Take a third to a tenth of Adam's rate, and a weight decay larger by the
 * same factor; it likes large batches.
 *
 * Chen et al., "Symbolic Discovery of Optimization Algorithms", NeurIPS 2023, arXiv:2302.06675,
 * algorithm 2.
 *
 * @example lion(1e-4, { weightDecay: 1 })
 */
export function lion(rate: LearningRate, options: LionOptions = {}): Optimiser {
  return chain(
    scaleByLion(options),
    addDecayedWeights(options.weightDecay ?? 0, options.decayFilter),
    scaleByLearningRate(rate),
  );
}
