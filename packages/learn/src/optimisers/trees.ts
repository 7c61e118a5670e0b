/** Trees of tensors as optimisers see them: same structure throughout, every leaf a float. */
import {
  type DType,
  lift,
  NDArray,
  Tensor,
  type TensorLike,
  type TensorTree,
  treeFlatten,
  treeLeaves,
  treeMap,
  treeUnflatten,
  zeros,
} from "@etude/tensor";

/** The state of what has none. */
export type Stateless = Record<string, never>;

/** `treeMap` where the trees' types say nothing. */
const mapLeaves = treeMap as unknown as (
  f: (...leaves: TensorLike[]) => Tensor,
  ...trees: readonly unknown[]
) => unknown;

/** Apply `f` to the leaves at the same place of trees of one structure; the result is like the first. */
export const mapTensors = <T>(
  f: (...leaves: Tensor[]) => Tensor,
  tree: T,
  ...others: readonly unknown[]
): T => mapLeaves((...leaves) => f(...leaves.map((leaf) => lift(leaf))), tree, ...others) as T;

/** The same tree with arrays and numbers turned into tensors. */
export const liftLeaves = <T>(tree: T): T => mapTensors((leaf) => leaf, tree);

/** The same with the leaf's place in the first tree, such as `layers[0].bias`. */
export function mapWithPath<T>(
  f: (path: string, ...leaves: Tensor[]) => Tensor,
  tree: T,
  ...others: readonly unknown[]
): T {
  const { paths } = treeFlatten(tree)[1];
  let place = 0;
  return mapTensors((...leaves) => f(paths[place++], ...leaves), tree, ...others);
}

/** A tree like this one filled with a number: arrays for arrays, tensors for tensors. */
export function filledLike(tree: TensorTree, value: number): TensorTree {
  const [leaves, structure] = treeFlatten(tree);
  const filled = leaves.map((leaf) => {
    if (leaf instanceof Tensor) return lift(value, leaf.dtype).broadcastTo(leaf.shape);
    const { shape, dtype } = leaf instanceof NDArray ? leaf : zeros([]);
    const array = zeros(shape, dtype);
    return value === 0 ? array : new NDArray(array.data.fill(value), shape, dtype);
  });
  return treeUnflatten(structure, filled) as TensorTree;
}

export const zerosLike = (tree: TensorTree): TensorTree => filledLike(tree, 0);

/** A scalar of a state before the first step: an array, which tracing turns into a tensor. */
export const initialScalar = (value: number, dtype: DType): Tensor =>
  scalarArray(value, dtype) as unknown as Tensor;

const scalarArray = (value: number, dtype: DType): NDArray => {
  const scalar = zeros([], dtype);
  scalar.data[0] = value;
  return scalar;
};

/** The step count before the first step. */
export const initialCount = (): Tensor => initialScalar(0, "int32");

/** The widest float type among the leaves: what scalars that belong to all of them are computed in. */
export function precisionOf(tree: TensorTree): "float32" | "float64" {
  const wide = treeLeaves(tree).some(
    (leaf) => typeof leaf !== "number" && leaf.dtype === "float64",
  );
  return wide ? "float64" : "float32";
}
