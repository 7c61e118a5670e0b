/** Gradients over the root of the running mean of their squares. */
import type { TensorTree } from "@etude/tensor";
import { type LearningRate, scaleByLearningRate } from "./learningRate.ts";
import { checkDecay, squared } from "./moments.ts";
import { chain, type Optimiser, transformation } from "./optimiser.ts";
import { trace } from "./sgd.ts";
import { mapTensors, type Stateless, zerosLike } from "./trees.ts";
import { addDecayedWeights, type ParameterFilter } from "./weightDecay.ts";

export interface RmsOptions {
  /** Decay of the averages: 0.99. */
  decay?: number;
  /** Added to the root: 1e-8. */
  epsilon?: number;
  /** Divide by the standard deviation instead: the mean's square is taken off under the root. */
  centred?: boolean;
}

/** `mean` stays empty unless centred. */
export type RmsState = { square: TensorTree; mean: TensorTree | Stateless };

/** The direction of RMSProp; see {@link rmsprop}. */
export function scaleByRms(options: RmsOptions = {}): Optimiser<RmsState> {
  const { decay = 0.99, epsilon = 1e-8, centred = false } = options;
  checkDecay("rmsprop", "decay", decay);
  return transformation<RmsState>({
    init: (params) => ({ square: zerosLike(params), mean: centred ? zerosLike(params) : {} }),
    update: (gradients, state) => {
      const square = mapTensors(
        (v, g) => v.mul(decay).add(squared(g).mul(1 - decay)),
        state.square,
        gradients,
      );
      const mean = centred
        ? mapTensors((m, g) => m.mul(decay).add(g.mul(1 - decay)), state.mean, gradients)
        : {};
      // Rounding can make the variance of a constant gradient negative.
      const spread = centred
        ? mapTensors((v, m) => v.sub(squared(m)).relu(), square, mean)
        : square;
      const updates = mapTensors((g, v) => g.div(v.sqrt().add(epsilon)), gradients, spread);
      return { updates, state: { square, mean } };
    },
  });
}

export interface RmspropOptions extends RmsOptions {
  /** Momentum on the scaled gradients: 0. */
  momentum?: number;
  /** Coupled: `weightDecay` times the parameters joins the gradient. */
  weightDecay?: number;
  decayFilter?: ParameterFilter;
}

/**
 * RMSProp.
 *
 *     v <- decay v + (1 - decay) g^2
 *     m <- decay m + (1 - decay) g                        centred; m = 0 otherwise
 *     b <- momentum b + g / (sqrt(v - m^2) + epsilon)
 *     p <- p - rate b
 *
 * For recurrent networks and reinforcement learning. The averages start at zero and are not
 * corrected, so the first steps are long, about rate / sqrt(1 - decay). The same as PyTorch's.
 *
 * Tieleman, Hinton, "Lecture 6.5", Neural Networks for Machine Learning, 2012; centred: Graves,
 * "Generating Sequences With Recurrent Neural Networks", 2013, arXiv:1308.0850, equations 38 to 41.
 *
 * @example rmsprop(1e-3, { centred: true, momentum: 0.9 })
 */
export function rmsprop(rate: LearningRate, options: RmspropOptions = {}): Optimiser {
  const { momentum = 0, weightDecay = 0, decayFilter } = options;
  return chain(
    addDecayedWeights(weightDecay, decayFilter),
    scaleByRms(options),
    momentum > 0 ? trace(momentum) : chain(),
    scaleByLearningRate(rate),
  );
}
