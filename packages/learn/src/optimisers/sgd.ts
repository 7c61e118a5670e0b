/** Gradient descent, with or without momentum. */
import type { TensorTree } from "@etude/tensor";
import { fail } from "../errors.ts";
import { type LearningRate, scaleByLearningRate } from "./learningRate.ts";
import { checkDecay } from "./moments.ts";
import { chain, type Optimiser, transformation } from "./optimiser.ts";
import { mapTensors, zerosLike } from "./trees.ts";
import { addDecayedWeights, type ParameterFilter } from "./weightDecay.ts";

export type TraceState = { trace: TensorTree };

/**
 * A decaying sum of the gradients, which is momentum.
 *
 *     v <- decay v + g
 *     u <- v                  heavy ball
 *     u <- g + decay v        with `nesterov`
 *
 * Note the sum: with decay 0.9 steps become ten times as long as without.
 *
 * Polyak, "Some methods of speeding up the convergence of iteration methods", 1964; Sutskever et al.,
 * "On the importance of initialization and momentum in deep learning", ICML 2013 (the form of
 * Nesterov's method that takes the gradient at the parameters).
 */
export function trace(decay: number, options: { nesterov?: boolean } = {}): Optimiser<TraceState> {
  checkDecay("trace", "decay", decay);
  return transformation<TraceState>({
    init: (params) => ({ trace: zerosLike(params) }),
    update: (gradients, state) => {
      const next = mapTensors((v, g) => v.mul(decay).add(g), state.trace, gradients);
      const updates = options.nesterov
        ? mapTensors((v, g) => v.mul(decay).add(g), next, gradients)
        : next;
      return { updates, state: { trace: next } };
    },
  });
}

export interface SgdOptions {
  /** Decay of the velocity; 0, the default, is plain gradient descent. */
  momentum?: number;
  /** Look ahead: the velocity is applied once more. */
  nesterov?: boolean;
  /** Coupled: `weightDecay` times the parameters joins the gradient. */
  weightDecay?: number;
  decayFilter?: ParameterFilter;
}

/**
 * Stochastic gradient descent.
 *
 *     g <- g + weightDecay p
 *     v <- momentum v + g
 *     p <- p - rate v                    p <- p - rate (g + momentum v) with `nesterov`
 *
 * With momentum 0.9 and a falling rate it remains the strongest choice for convolutional networks on
 * images; it wants its rate tuned. The same as PyTorch's SGD without dampening.
 *
 * @example
 * sgd(0.1, { momentum: 0.9, nesterov: true, weightDecay: 5e-4 })
 * sgd(cosineSchedule(0.1, 10_000), { momentum: 0.9 })
 */
export function sgd(rate: LearningRate, options: SgdOptions = {}): Optimiser {
  const { momentum = 0, nesterov = false, weightDecay = 0, decayFilter } = options;
  checkDecay("sgd", "momentum", momentum);
  if (nesterov && momentum === 0) fail("sgd: nesterov needs a momentum, such as 0.9");
  return chain(
    addDecayedWeights(weightDecay, decayFilter),
    momentum > 0 ? trace(momentum, { nesterov }) : chain(),
    scaleByLearningRate(rate),
  );
}
