/** Products and projections of gradients, each a whole tree of parameters taken as one vector. */
import { mapTensors } from "@etude/learn";
import { lift, type Tensor, treeLeaves } from "@etude/tensor";

/** The inner product of two trees of the same structure, over all entries of all leaves. */
export function innerProduct<P>(a: P, b: P): Tensor {
  const [left, right] = [treeLeaves(a), treeLeaves(b)];
  return left
    .map((leaf, i) => lift(leaf).mul(lift(right[i])).sum())
    .reduce((sum, product) => sum.add(product));
}

/** `a + factor b`, leaf by leaf. */
export const addScaled = <P>(a: P, b: P, factor: Tensor | number): P =>
  mapTensors((x, y) => x.add(y.mul(factor)), a, b);

/**
 * How much of `direction` is in `g`: `(g . d) / max(d . d, eps)` (eq. 9). Near a vanishing direction the
 * guard makes it 0 instead of undefined.
 */
export const coefficientAlong = <P>(g: P, direction: P, eps = 1e-10): Tensor =>
  innerProduct(g, direction).div(innerProduct(direction, direction).maximum(eps));

/**
 * The part of `g` orthogonal to `direction` (eq. 10), whatever the sign of their product: one
 * projection of the whole tree, not one a leaf.
 *
 * @example const conflictFree = projectOut(gradientOfOneTask, gradientOfTheOther);
 */
export const projectOut = <P>(g: P, direction: P, eps = 1e-10): P =>
  addScaled(g, direction, coefficientAlong(g, direction, eps).neg());

/** The cosine of the angle between two trees; 0 where one of them vanishes. */
export const cosineBetween = <P>(a: P, b: P): Tensor =>
  innerProduct(a, b).div(innerProduct(a, a).mul(innerProduct(b, b)).sqrt().maximum(1e-30));
