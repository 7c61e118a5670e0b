/** Vectorisation for users. */
import { fail, showShape } from "../errors.ts";
import { lift, parameter, type Tensor } from "../graph.ts";
import { moveAxis, repeatBatch } from "../ops/layout.ts";
import { normalizeAxis, withoutAxes } from "../shape.ts";
import { isLeaf, type LeafArgs, type MapLeaves, treeFlatten, treeUnflatten } from "../tree.ts";
import { batchOutputs } from "./batch.ts";

/** An axis for a whole subtree, null for "the same for all", or a tree of these. */
export type AxisTree = number | null | readonly AxisTree[] | { readonly [key: string]: AxisTree };

export interface VmapOptions {
  /** Where each argument has its batch axis: one for all, or a list with one entry an argument. */
  inAxes?: number | null | readonly AxisTree[];
  /** Where the results get it. */
  outAxes?: AxisTree;
}

/** The axis of every leaf, from one given for whole subtrees. */
function axesOf(operation: string, axes: AxisTree, tree: unknown): (number | null)[] {
  if (axes === null || typeof axes === "number") return treeFlatten(tree)[0].map(() => axes);
  if (isLeaf(tree) || typeof tree !== "object" || tree === null)
    fail(`${operation}: the axes have more structure than the value`);
  const keys = Object.keys(tree).sort();
  const named = axes as Readonly<Record<string, AxisTree>>;
  const list = Array.isArray(tree) ? tree.map((_, i) => String(i)) : keys;
  const missing = list.find((key) => named[key] === undefined);
  if (missing !== undefined || Object.keys(axes).length !== list.length) {
    fail(`${operation}: axes {${Object.keys(axes)}} where the value has {${list}}`);
  }
  return list.flatMap((key) =>
    axesOf(operation, named[key], (tree as Record<string, unknown>)[key]),
  );
}

/**
 * A function of one example as a function of a batch of them. The batch axis is the leading one of
 * every argument and result unless `inAxes` and `outAxes` say otherwise; null marks an argument that
 * all examples share.
 *
 * @example vmap(grad(loss), { inAxes: [null, 0, 0] })(params, xs, ys) // per-example gradients
 */
export function vmap<A extends unknown[], R>(
  f: (...args: A) => R,
  options: VmapOptions = {},
): (...args: LeafArgs<A>) => MapLeaves<R, Tensor> {
  return (...args) => {
    const { inAxes = 0, outAxes = 0 } = options;
    const [leaves, structure] = treeFlatten(args);
    const tensors = leaves.map((leaf) => lift(leaf));
    const inputAxes = axesOf("vmap: inAxes", inAxes, args);
    const axes = inputAxes.map((axis, i) => {
      if (axis === null) return null;
      if (tensors[i].rank === 0) {
        fail(
          `vmap: argument ${structure.paths[i]} is a scalar and has no axis ${axis}; say null in inAxes to share it`,
        );
      }
      return normalizeAxis("vmap", axis, tensors[i].rank);
    });
    const sizes = tensors.flatMap((tensor, i) => (axes[i] === null ? [] : [tensor.shape[axes[i]]]));
    if (sizes.length === 0) fail("vmap: no argument has a batch axis");
    const [size] = sizes;
    if (sizes.some((other) => other !== size)) {
      const shapes = tensors.map(
        (tensor, i) => `${structure.paths[i]} ${showShape(tensor.shape)} axis ${axes[i]}`,
      );
      fail(`vmap: the batch axes differ in length: ${shapes.join(", ")}`);
    }

    const replacements = new Map<Tensor, Tensor>();
    const inner = tensors.map((tensor, i) => {
      const axis = axes[i];
      if (axis === null) return tensor;
      const example = parameter(
        { shape: withoutAxes(tensor.shape, [axis]), dtype: tensor.dtype },
        "vmap",
      );
      replacements.set(example, moveAxis(tensor, axis, 0));
      return example;
    });
    const result = f(...(treeUnflatten(structure, inner) as A));
    const [resultLeaves, resultStructure] = treeFlatten(result);
    const { outputs, batched } = batchOutputs(
      resultLeaves.map((leaf) => lift(leaf)),
      replacements,
      size,
    );
    const outputAxes = axesOf("vmap: outAxes", outAxes, result);
    const placed = outputs.map((output, i) => {
      const axis = outputAxes[i];
      if (axis === null) {
        if (batched[i])
          fail(
            `vmap: result ${resultStructure.paths[i] || i} differs between examples; it needs an axis in outAxes`,
          );
        return output;
      }
      const full = batched[i] ? output : repeatBatch(output, size);
      return moveAxis(full, 0, axis);
    });
    return treeUnflatten(resultStructure, placed) as MapLeaves<R, Tensor>;
  };
}
