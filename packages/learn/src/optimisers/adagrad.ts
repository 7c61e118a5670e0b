/** Adagrad and Adadelta: rates from the squares of all gradients, or of the late ones and the updates. */
import type { TensorTree } from "@etude/tensor";
import { type LearningRate, scaleByLearningRate } from "./learningRate.ts";
import { checkDecay, squared } from "./moments.ts";
import { chain, type Optimiser, transformation } from "./optimiser.ts";
import { filledLike, mapTensors, zerosLike } from "./trees.ts";
import { addDecayedWeights, type ParameterFilter } from "./weightDecay.ts";

interface Decayed {
  /** Coupled: `weightDecay` times the parameters joins the gradient. */
  weightDecay?: number;
  decayFilter?: ParameterFilter;
}

export interface AdagradOptions extends Decayed {
  /** What the sums of squares start at: 0. */
  initialAccumulator?: number;
  /** Added to the root: 1e-10. */
  epsilon?: number;
}

export type AdagradState = { sum: TensorTree };

/** The direction of Adagrad; see {@link adagrad}. */
export function scaleByAdagrad(options: AdagradOptions = {}): Optimiser<AdagradState> {
  const { initialAccumulator = 0, epsilon = 1e-10 } = options;
  return transformation<AdagradState>({
    init: (params) => ({ sum: filledLike(params, initialAccumulator) }),
    update: (gradients, state) => {
      const sum = mapTensors((s, g) => s.add(squared(g)), state.sum, gradients);
      const updates = mapTensors((g, s) => g.div(s.sqrt().add(epsilon)), gradients, sum);
      return { updates, state: { sum } };
    },
  });
}

/**
 * Adagrad: the rate of an entry falls with the root of the sum of its squared gradients.
 *
 *     s <- s + g^2
 *     p <- p - rate g / (sqrt(s) + epsilon)
 *
 * For convex problems with sparse features, where rare ones deserve long steps. In long runs its
 * rates fall too far.
 *
 * Duchi, Hazan, Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic
 * Optimization", JMLR 12 (2011), the diagonal form of figure 1.
 *
 * @example adagrad(0.1)
 */
export function adagrad(rate: LearningRate, options: AdagradOptions = {}): Optimiser {
  return chain(
    addDecayedWeights(options.weightDecay ?? 0, options.decayFilter),
    scaleByAdagrad(options),
    scaleByLearningRate(rate),
  );
}

export interface AdadeltaOptions extends Decayed {
  /** Decay of both averages: 0.9. */
  decay?: number;
  /** Added under both roots: 1e-6. It sets the length of the first steps. */
  epsilon?: number;
}

export type AdadeltaState = { gradientSquare: TensorTree; updateSquare: TensorTree };

/** The direction of Adadelta; see {@link adadelta}. */
export function scaleByAdadelta(options: AdadeltaOptions = {}): Optimiser<AdadeltaState> {
  const { decay = 0.9, epsilon = 1e-6 } = options;
  checkDecay("adadelta", "decay", decay);
  return transformation<AdadeltaState>({
    init: (params) => ({ gradientSquare: zerosLike(params), updateSquare: zerosLike(params) }),
    update: (gradients, state) => {
      const average = (old: TensorTree, values: TensorTree) =>
        mapTensors((v, x) => v.mul(decay).add(squared(x).mul(1 - decay)), old, values);
      const gradientSquare = average(state.gradientSquare, gradients);
      const updates = mapTensors(
        (g, v, d) => d.add(epsilon).div(v.add(epsilon)).sqrt().mul(g),
        gradients,
        gradientSquare,
        state.updateSquare,
      );
      const updateSquare = average(state.updateSquare, updates);
      return { updates, state: { gradientSquare, updateSquare } };
    },
  });
}

/**
 * Adadelta: steps in the units of the parameters, from the sizes of the steps before.
 *
 *     v <- decay v + (1 - decay) g^2
 *     u <- sqrt(d + epsilon) / sqrt(v + epsilon) g
 *     d <- decay d + (1 - decay) u^2
 *     p <- p - rate u
 *
 * Its rate is 1 and rarely needs another value; its beginning is slow.
 *
 * Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012, arXiv:1212.5701, algorithm 1.
 */
export function adadelta(rate: LearningRate = 1, options: AdadeltaOptions = {}): Optimiser {
  return chain(
    addDecayedWeights(options.weightDecay ?? 0, options.decayFilter),
    scaleByAdadelta(options),
    scaleByLearningRate(rate),
  );
}
