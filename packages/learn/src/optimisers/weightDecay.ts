/** Weight decay, and which parameters it is for. */

import type { Tensor } from "@etude/tensor";
import { fail } from "../errors.ts";
import { type Optimiser, transformation } from "./optimiser.ts";
import { mapWithPath, type Stateless } from "./trees.ts";

/**
 * Chooses parameters by their place in the tree and by themselves, while tracing.
 *
 * @example (path, { rank }) => rank > 1 && !path.startsWith("embedding")
 */
export type ParameterFilter = (path: string, parameter: Tensor) => boolean;

/**
 * Add the parameters, times `decay`, to the gradients.
 *
 *     u <- g + decay p
 *
 * Where it stands in a chain decides what it means. *Coupled*, first in the chain, it is the gradient
 * of the penalty decay/2 |p|^2 and goes through the moments and the preconditioner like the rest of
 * the gradient (the L2 regularisation of `sgd`, `adam`, `rmsprop` ... here, as in PyTorch).
 * *Decoupled*, after the preconditioner and before the learning rate, it shrinks every parameter by
 * rate times decay whatever its gradients (`adamw`, `lion`, `lamb`): Loshchilov and Hutter,
 * "Decoupled Weight Decay Regularization", ICLR 2019, arXiv:1711.05101. For plain gradient descent
 * both are the same.
 *
 * @param filter which parameters decay; all by default. Biases and the gains of normalisation are
 *   usually left out: `(_, { rank }) => rank > 1`
 */
export function addDecayedWeights(decay: number, filter?: ParameterFilter): Optimiser<Stateless> {
  if (!(decay >= 0)) fail(`weight decay: ${decay} is not a number >= 0`);
  return transformation<Stateless>({
    init: () => ({}),
    update: (gradients, state, params) => ({
      updates: mapWithPath(
        (path, p, g) =>
          decay > 0 && (filter === undefined || filter(path, p)) ? g.add(p.mul(decay)) : g,
        params,
        gradients,
      ),
      state,
    }),
  });
}
