/** Adam with the largest gradient in place of the root of the mean square. */
import type { TensorTree } from "@etude/tensor";
import { type LearningRate, scaleByLearningRate } from "./learningRate.ts";
import { type Average, averaged, checkDecay, emptyAverage } from "./moments.ts";
import { chain, type Optimiser, transformation } from "./optimiser.ts";
import { mapTensors, zerosLike } from "./trees.ts";
import { addDecayedWeights, type ParameterFilter } from "./weightDecay.ts";

export interface AdamaxOptions {
  /** Decay of the average of the gradients, beta_1: 0.9. */
  firstDecay?: number;
  /** Decay of the largest gradient, beta_2: 0.999. */
  secondDecay?: number;
  /** Added to the size of each gradient: 1e-8. */
  epsilon?: number;
  /** Coupled: `weightDecay` times the parameters joins the gradient. */
  weightDecay?: number;
  decayFilter?: ParameterFilter;
}

export type AdamaxState = { first: Average; largest: TensorTree };

/** The direction of Adamax; see {@link adamax}. */
export function scaleByAdamax(options: AdamaxOptions = {}): Optimiser<AdamaxState> {
  const { firstDecay = 0.9, secondDecay = 0.999, epsilon = 1e-8 } = options;
  checkDecay("adamax", "firstDecay", firstDecay);
  checkDecay("adamax", "secondDecay", secondDecay);
  return transformation<AdamaxState>({
    init: (params) => ({ first: emptyAverage(params), largest: zerosLike(params) }),
    update: (gradients, state) => {
      const first = averaged(state.first, gradients, firstDecay);
      const largest = mapTensors(
        (u, g) => u.mul(secondDecay).maximum(g.abs().add(epsilon)),
        state.largest,
        gradients,
      );
      const factor = first.weight.reciprocal();
      const updates = mapTensors(
        (m, u) => m.mul(factor.astype(m.dtype)).div(u),
        first.mean,
        largest,
      );
      return { updates, state: { first, largest } };
    },
  });
}

/**
 * Adamax: Adam with the infinity norm.
 *
 *     m <- beta_1 m + (1 - beta_1) g
 *     u <- max(beta_2 u, |g| + epsilon)
 *     p <- p - rate / (1 - beta_1^t) m / u
 *
 * Steps are at most about the rate. Steadier than Adam where gradients are sparse (embeddings).
 *
 * Kingma, Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, arXiv:1412.6980, algorithm 2.
 *
 * @example adamax(2e-3)
 */
export function adamax(rate: LearningRate, options: AdamaxOptions = {}): Optimiser {
  return chain(
    addDecayedWeights(options.weightDecay ?? 0, options.decayFilter),
    scaleByAdamax(options),
    scaleByLearningRate(rate),
  );
}
