/**
 * Trees of any type under loops, batching and compilation. The engine's own types map every leaf,
 * which says nothing where the tree is a type parameter; what they would say is stated here, once.
 */
import { mapTensors } from "@etude/learn";
import {
  jit,
  lift,
  type MapLeaves,
  type NDArray,
  scan,
  type Tensor,
  treeLeaves,
  vmap,
} from "@etude/tensor";

/** A tree of tensors as the arrays that a compiled call takes and gives. */
export type Arrays<T> = MapLeaves<T, NDArray>;

type Step<C, X, R> = (carry: C, x: X) => readonly [C, R];

/** `scan` over trees of tensors: [last carry, results stacked]. */
export const scanTrees = <C, X, R>(
  step: Step<C, X, R>,
  start: C,
  xs: X,
  options: { readonly length?: number } = {},
): readonly [C, R] => scan(step as never, start, xs, options) as unknown as readonly [C, R];

/** `vmap` over the leading axis of some arguments: those with 0 in `inAxes`. */
export const batched = <A extends unknown[], R>(
  f: (...args: A) => R,
  inAxes: readonly (0 | null)[],
): ((...args: A) => R) => vmap(f as never, { inAxes: [...inAxes] }) as unknown as (...args: A) => R;

/** `jit` of a function of trees of tensors. */
export const compiled = <A extends unknown[], R>(
  f: (...args: A) => R,
): ((...args: { [K in keyof A]: Arrays<A[K]> }) => Promise<Arrays<R>>) =>
  jit(f as never) as unknown as (...args: { [K in keyof A]: Arrays<A[K]> }) => Promise<Arrays<R>>;

/** Arrays as constants of the graph that is being traced. */
export const lifted = <T>(tree: Arrays<T>): T => mapTensors((leaf) => leaf, tree) as unknown as T;

/** u + factor v, leaf by leaf; the factor takes each leaf's type. */
export const addScaled = <T>(u: T, factor: Tensor, v: T): T =>
  mapTensors((a, b) => a.add(b.mul(factor.astype(b.dtype))), u, v);

export const scaled = <T>(tree: T, factor: Tensor): T =>
  mapTensors((leaf) => leaf.mul(factor.astype(leaf.dtype)), tree);

export const subtract = <T>(u: T, v: T): T => mapTensors((a, b) => a.sub(b), u, v);

export const zerosOf = <T>(tree: T): T => mapTensors((leaf) => leaf.mul(0), tree);

/** The inner product over all leaves. */
export function dot<T>(u: T, v: T): Tensor {
  const others = treeLeaves(v);
  return treeLeaves(u)
    .map((leaf, i) => lift(leaf).mul(lift(others[i])).sum())
    .reduce((sum, next) => sum.add(next));
}

/** The length of the leading axis. */
export const lengthOf = (tree: unknown): number => lift(treeLeaves(tree)[0]).shape[0];

/** The type of a tree's first leaf. */
export const floatOf = (tree: unknown): "float32" | "float64" =>
  lift(treeLeaves(tree)[0]).dtype === "float64" ? "float64" : "float32";
