import { fail, showShape } from "./errors.ts";
import { lift, type Tensor } from "./graph.ts";
import { concat } from "./ops/joining.ts";
import { reshape } from "./ops/layout.ts";
import { sliceAxis } from "./ops/window.ts";
import { type MapLeaves, treeFlatten, treeUnflatten } from "./tree.ts";

/**
 * All leaves of a tree as one vector, in the order of {@link treeLeaves}, and the way back from any
 * vector of that length.
 */
export function treeRavel<T>(
  tree: T,
): [vector: Tensor, unravel: (vector: Tensor) => MapLeaves<T, Tensor>] {
  const [leaves, structure] = treeFlatten(tree);
  const tensors = leaves.map((leaf) => lift(leaf));
  if (tensors.length === 0) fail("treeRavel: the tree has no leaves");
  const vector = concat(tensors.map((tensor) => reshape(tensor, [tensor.size])));
  const unravel = (flat: Tensor) => {
    if (flat.rank !== 1 || flat.size !== vector.size) {
      fail(`unravel: expected a vector of ${vector.size} entries, got ${showShape(flat.shape)}`);
    }
    let start = 0;
    const parts = tensors.map(({ shape, size }) => {
      start += size;
      return reshape(sliceAxis(flat, 0, start - size, start), shape);
    });
    return treeUnflatten(structure, parts) as MapLeaves<T, Tensor>;
  };
  return [vector, unravel];
}
