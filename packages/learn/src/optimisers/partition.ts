/** Different rules for different parameters. */

import { type Leaf, type Tensor, type TensorTree, treeFlatten, treeUnflatten } from "@etude/tensor";
import { fail } from "../errors.ts";
import { chain, type Optimiser, transformation } from "./optimiser.ts";
import { type Stateless, zerosLike } from "./trees.ts";
import type { ParameterFilter } from "./weightDecay.ts";

/**
 * Different optimisers for different parameters: `label` names, for every leaf of the tree, the
 * optimiser that it goes to. An optimiser sees its parameters as a list, and only those (a global norm
 * is the norm of that part).
 *
 * @example
 * partition({ body: sgd(1e-3), head: adam(1e-2), frozen: setToZero() },
 *   (path) => path.startsWith("head") ? "head" : path.startsWith("embedding") ? "frozen" : "body")
 */
export function partition<Label extends string>(
  optimisers: Readonly<Record<Label, Optimiser>>,
  label: (path: string, parameter: Tensor) => Label,
): Optimiser {
  const names = Object.keys(optimisers) as Label[];
  /** Positions of the leaves that belong to each optimiser. */
  const positions = (params: TensorTree): Map<Label, number[]> => {
    const [leaves, { paths }] = treeFlatten(params);
    const chosen = new Map<Label, number[]>(names.map((name) => [name, []]));
    leaves.forEach((leaf, i) => {
      const name = label(paths[i], leaf as Tensor);
      const list = chosen.get(name);
      if (list === undefined)
        fail(
          `partition: parameter ${paths[i]} is labelled "${name}"; there are ${names.join(", ")}`,
        );
      list.push(i);
    });
    return chosen;
  };
  const pick = (leaves: readonly Leaf[], places: readonly number[] = []): TensorTree =>
    places.map((place) => leaves[place]) as unknown as TensorTree;

  return transformation<TensorTree>({
    init: (params) => {
      const places = positions(params);
      const [leaves] = treeFlatten(params);
      return Object.fromEntries(
        names.map((name) => [
          name,
          optimisers[name].init(pick(leaves, places.get(name))) as TensorTree,
        ]),
      );
    },
    update: (gradients, states, params) => {
      const places = positions(params);
      const [gradientLeaves, structure] = treeFlatten(gradients);
      const [paramLeaves] = treeFlatten(params);
      const updates = [...gradientLeaves];
      const next = names.map((name) => {
        const own = places.get(name) ?? [];
        const result = optimisers[name].update(
          pick(gradientLeaves, own),
          states[name] as TensorTree,
          pick(paramLeaves, own),
        );
        treeFlatten(result.updates)[0].forEach((update, i) => {
          updates[own[i]] = update;
        });
        return [name, result.state] as const;
      });
      return {
        updates: treeUnflatten(structure, updates) as TensorTree,
        state: Object.fromEntries(next),
      };
    },
  });
}

/** Apply an optimiser to the chosen parameters only; the gradients of the others pass through. */
export const masked = (inner: Optimiser, filter: ParameterFilter): Optimiser =>
  partition({ chosen: inner, others: chain() }, (path, parameter) =>
    filter(path, parameter) ? "chosen" : "others",
  );

/** No update at all: for the frozen part of a {@link partition}. */
export const setToZero = (): Optimiser<Stateless> =>
  transformation<Stateless>({
    init: () => ({}),
    update: (gradients, state) => ({ updates: zerosLike(gradients), state }),
  });
