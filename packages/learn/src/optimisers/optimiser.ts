/** What an optimiser is, and how optimisers are put one after the other. */

import {
  add,
  type LeafOf,
  lift,
  type MapLeaves,
  type NDArray,
  Tensor,
  type TensorTree,
  treeFlatten,
  treeLeaves,
} from "@etude/tensor";
import { fail } from "../errors.ts";
import { liftLeaves, mapTensors } from "./trees.ts";

/** The state for these parameters: arrays outside of traced functions, tensors inside. */
export type InitialState<P, S> = Tensor extends LeafOf<P> ? S : MapLeaves<S, NDArray>;

/**
 * A gradient transformation: gradients in, updates to be *added* to the parameters out, with a state
 * that is carried from step to step. Both functions are pure. `init` works on arrays and inside
 * traced functions, `update` is traced; all of the state are tensors, so it can be jitted, carried by
 * `scan`, batched by `vmap`, differentiated and saved like parameters.
 *
 * @example
 * const optimiser = adam(1e-3);
 * const step = jit((params: Params, state: TensorTree, x: Tensor, y: Tensor) => {
 *   const [value, gradients] = valueAndGrad(loss)(params, x, y);
 *   const next = optimiser.update(gradients, state, params);
 *   return { params: applyUpdates(params, next.updates), state: next.state, value };
 * });
 * let state = optimiser.init(params); // arrays in, arrays out
 */
export interface Optimiser<S = TensorTree> {
  /** The state before the first step; only shapes and dtypes matter, unless the rule says otherwise. */
  init<P>(params: P): InitialState<P, S>;
  /**
   * One step. `gradients` and `params` have the same structure, shapes and dtypes.
   *
   * @throws {LearnError} if they do not, or if the state belongs to other parameters
   */
  update<P>(gradients: P, state: S, params: P): { updates: P; state: S };
}

/** An optimiser's rule in terms of trees that are known to fit, all of whose leaves are tensors. */
export interface Rule<S> {
  init(params: TensorTree): S;
  update(gradients: TensorTree, state: S, params: TensorTree): { updates: TensorTree; state: S };
}

/**
 * An {@link Optimiser} from its rule: for writing one's own.
 *
 * @example
 * const signDescent = (rate: number) => transformation<Stateless>({
 *   init: () => ({}),
 *   update: (gradients, state) => ({
 *     updates: mapTensors((g) => g.sign().mul(-rate), gradients),
 *     state,
 *   }),
 * });
 */
export function transformation<S>(rule: Rule<S>): Optimiser<S> {
  return {
    init: <P>(params: P) => {
      const symbolic = treeLeaves(params).some((leaf) => leaf instanceof Tensor);
      const state = rule.init(params as TensorTree);
      return (symbolic ? liftLeaves(state) : state) as InitialState<P, S>;
    },
    update: <P>(gradients: P, state: S, params: P) => {
      checkFit(gradients, params);
      const result = rule.update(
        liftLeaves(gradients as TensorTree),
        liftLeaves(state),
        liftLeaves(params as TensorTree),
      );
      return { updates: result.updates as P, state: result.state };
    },
  };
}

function checkFit(gradients: unknown, params: unknown): void {
  const [given, givenTree] = treeFlatten(gradients);
  const [expected, expectedTree] = treeFlatten(params);
  if (givenTree.key !== expectedTree.key) {
    fail(
      `optimiser: the gradients [${givenTree.paths.join(", ")}] are no gradients of the parameters ` +
        `[${expectedTree.paths.join(", ")}]: their trees differ`,
    );
  }
  given.forEach((leaf, i) => {
    const [a, b] = [lift(leaf), lift(expected[i])];
    if (a.shape.join() === b.shape.join() && a.dtype === b.dtype) return;
    fail(
      `optimiser: the gradient of ${expectedTree.paths[i] || "the parameter"} is ${a.dtype}[${a.shape.join(", ")}], ` +
        `the parameter ${b.dtype}[${b.shape.join(", ")}]`,
    );
  });
}

/** Parameters with updates added: the last line of a step. */
export const applyUpdates = <P>(params: P, updates: P): P =>
  mapTensors((p, u) => add(p, u), params, updates);

/**
 * Optimisers one after the other: the updates of each are the gradients of the next. The state is the
 * list of their states. Without parts it is the identity, which is gradient *ascent* of rate 1.
 *
 * @example chain(clipByGlobalNorm(1), scaleByAdam(), addDecayedWeights(1e-2), scaleByLearningRate(1e-3))
 */
export function chain(...parts: readonly Optimiser[]): Optimiser {
  return transformation<TensorTree>({
    init: (params) => listed(parts.map((part) => part.init(params))),
    update: (gradients, states, params) => {
      let updates = gradients;
      const next = parts.map((part, i) => {
        const result = part.update(updates, states[i] as TensorTree, params);
        updates = result.updates;
        return result.state;
      });
      return { updates, state: listed(next) };
    },
  });
}

/** A list of trees is a tree as well. */
const listed = (trees: readonly unknown[]): TensorTree => trees as unknown as TensorTree;
