/** Gradients kept within bounds. */

import { lift, type Tensor, type TensorTree, treeLeaves } from "@etude/tensor";
import { fail } from "../errors.ts";
import { type Optimiser, transformation } from "./optimiser.ts";
import { mapTensors, precisionOf, type Stateless } from "./trees.ts";

/**
 * The Euclidean norm of all leaves of a tree as one vector; 0 for a tree without leaves.
 *
 * @example const gradientNorm = globalNorm(gradients); // something to plot
 */
export function globalNorm(tree: unknown): Tensor {
  const precision = precisionOf(tree as TensorTree);
  const squares = treeLeaves(tree).map((leaf) => {
    const x = lift(leaf);
    return x.mul(x).sum().astype(precision);
  });
  return squares.reduce((sum, next) => sum.add(next), lift(0, precision)).sqrt();
}

/**
 * Scale all gradients together so that their global norm is at most `limit`.
 *
 *     u <- g min(1, limit / |g|)
 *
 * The direction stays. Keeps a rare large gradient (recurrent networks, attention) from throwing the
 * parameters far away. A gradient with NaN or infinity stays that way: it is not hidden.
 *
 * Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", ICML 2013,
 * algorithm 1.
 *
 * @example chain(clipByGlobalNorm(1), adam(1e-3))
 */
export function clipByGlobalNorm(limit: number): Optimiser<Stateless> {
  checkLimit("clipByGlobalNorm", limit);
  return transformation<Stateless>({
    init: () => ({}),
    update: (gradients, state) => {
      const norm = globalNorm(gradients);
      // At norm 0 the quotient is infinite, and the minimum 1.
      const factor = lift(limit, norm.dtype).div(norm).minimum(1);
      const updates = mapTensors((g) => g.mul(factor.astype(g.dtype)), gradients);
      return { updates, state };
    },
  });
}

/**
 * Every entry of the gradients kept in [-limit, limit], each for itself: the direction changes.
 *
 *     u <- max(-limit, min(limit, g))
 */
export function clipByValue(limit: number): Optimiser<Stateless> {
  checkLimit("clipByValue", limit);
  return transformation<Stateless>({
    init: () => ({}),
    update: (gradients, state) => ({
      updates: mapTensors((g) => g.minimum(limit).maximum(-limit), gradients),
      state,
    }),
  });
}

function checkLimit(name: string, limit: number): void {
  if (!(limit > 0)) fail(`${name}: the limit must be positive, got ${limit}`);
}
