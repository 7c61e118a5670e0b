/** Linear systems with a positive definite matrix that is known by its products only. */

import {
  lift,
  scan,
  type Tensor,
  treeFlatten,
  treeLeaves,
  treeUnflatten,
  where,
} from "@etude/tensor";
import { fail } from "../../errors.ts";
import { addScaled, dot } from "./memory.ts";

export interface ConjugateGradientOptions {
  /** Stop where |b - A x| <= tolerance |b|: 1e-10. */
  tolerance?: number;
  /** Stop after so many products: ten times the number of unknowns. */
  maxIterations?: number;
  /** Where to start: zero. */
  start?: ArrayLike<number>;
  /** An approximate inverse of A, itself positive definite. */
  preconditioner?: (residual: Float64Array) => ArrayLike<number> | Promise<ArrayLike<number>>;
}

export interface ConjugateGradientResult {
  readonly x: Float64Array<ArrayBuffer>;
  /** |b - A x|, by the recurrence. */
  readonly residualNorm: number;
  readonly iterations: number;
  /**
   * "converged", "iterations", "indefinite" (a direction p with p.A p <= 0 was met: A is not positive
   * definite, x is the last point before it) or "notFinite".
   */
  readonly reason: "converged" | "iterations" | "indefinite" | "notFinite";
}

/**
 * Solve A x = b by conjugate gradients, for symmetric positive definite A given as x -> A x.
 *
 *     a = r.z / p.A p,  x <- x + a p,  r <- r - a A p,  z = M r,  p <- z + (r.z)_new / (r.z)_old p
 *
 * In exact arithmetic it ends after as many steps as A has different eigenvalues; the error falls by
 * about (sqrt(k) - 1) / (sqrt(k) + 1) a step for a condition number k.
 *
 * Hestenes, Stiefel, "Methods of Conjugate Gradients for Solving Linear Systems", 1952; with a
 * preconditioner: Golub, Van Loan, "Matrix Computations", 4th edition, algorithm 11.5.1.
 *
 * @example
 * const product = jit((v: Tensor) => hvp(loss)(params, v).add(v.mul(damping)));
 * const { x } = await conjugateGradient(
 *   async (v) => (await product(array(v, { dtype: "float32" }))).data, gradient);
 */
export async function conjugateGradient(
  product: (x: Float64Array<ArrayBuffer>) => ArrayLike<number> | Promise<ArrayLike<number>>,
  b: ArrayLike<number>,
  options: ConjugateGradientOptions = {},
): Promise<ConjugateGradientResult> {
  const { tolerance = 1e-10, maxIterations = 10 * b.length, preconditioner } = options;
  const apply = async (vector: Float64Array<ArrayBuffer>) => {
    const result = Float64Array.from(await product(vector.slice()));
    if (result.length === b.length) return result;
    fail(`conjugateGradient: the product has ${result.length} entries, the right side ${b.length}`);
  };
  const precondition = async (r: Float64Array) =>
    preconditioner === undefined ? r : Float64Array.from(await preconditioner(r));

  const x =
    options.start === undefined ? new Float64Array(b.length) : Float64Array.from(options.start);
  const r = Float64Array.from(b);
  if (options.start !== undefined) addScaled(r, await apply(x), -1);
  const target = tolerance * norm(Float64Array.from(b));
  const result = (
    reason: ConjugateGradientResult["reason"],
    iterations: number,
  ): ConjugateGradientResult => ({ x, residualNorm: norm(r), iterations, reason });

  let z = await precondition(r);
  const p = Float64Array.from(z);
  let size = dot(r, z);
  for (let iteration = 0; ; iteration++) {
    if (norm(r) <= target) return result("converged", iteration);
    if (iteration >= maxIterations) return result("iterations", iteration);
    const image = await apply(p);
    const curvature = dot(p, image);
    if (!Number.isFinite(curvature)) return result("notFinite", iteration);
    if (curvature <= 0) return result("indefinite", iteration);
    const step = size / curvature;
    addScaled(x, p, step);
    addScaled(r, image, -step);
    z = await precondition(r);
    const next = dot(r, z);
    for (let i = 0; i < p.length; i++) p[i] = z[i] + (next / size) * p[i];
    size = next;
  }
}

const norm = (x: Float64Array): number => Math.sqrt(dot(x, x));

/**
 * Conjugate gradients inside a graph: a fixed number of steps as one loop, for right sides that are
 * trees of tensors. Differentiable and batchable like the rest of the graph.
 *
 * Where the residual has become zero the steps do nothing, so too many of them do no harm.
 *
 * @param product x -> A x on trees like `b`, A symmetric positive definite
 * @returns x, and |b - A x| by the recurrence
 *
 * @example
 * // (H + 0.1 I)^-1 g, as for influence functions
 * const [x] = scanConjugateGradient(
 *   (v) => treeMap((h: Tensor, v: Tensor) => h.add(v.mul(0.1)), hvp(loss)(params, v), v), g,
 *   { iterations: 20 });
 */
export function scanConjugateGradient<T>(
  product: (x: T) => T,
  b: T,
  options: { iterations: number },
): [x: T, residualNorm: Tensor] {
  const [leaves, structure] = treeFlatten(b);
  const right = leaves.map((leaf) => lift(leaf));
  const apply = (p: readonly Tensor[]): Tensor[] => {
    const image = product(treeUnflatten(structure, p) as T);
    return treeLeaves(image).map((leaf) => lift(leaf));
  };
  const start = {
    x: right.map((leaf) => lift(0, leaf.dtype).broadcastTo(leaf.shape)),
    r: right,
    p: right,
    size: innerProduct(right, right),
  };
  const [last] = scan(
    (carry) => {
      const image = apply(carry.p);
      const step = quotient(carry.size, innerProduct(carry.p, image));
      const x = sumScaled(carry.x, carry.p, step);
      const r = sumScaled(carry.r, image, step.neg());
      const size = innerProduct(r, r);
      const p = sumScaled(r, carry.p, quotient(size, carry.size));
      return [{ x, r, p, size }, null];
    },
    start,
    null,
    { length: options.iterations },
  );
  return [treeUnflatten(structure, last.x) as T, last.size.sqrt()];
}

/** a + factor b. */
const sumScaled = (a: readonly Tensor[], b: readonly Tensor[], factor: Tensor): Tensor[] =>
  a.map((leaf, i) => leaf.add(b[i].mul(factor.astype(leaf.dtype))));

const innerProduct = (a: readonly Tensor[], b: readonly Tensor[]): Tensor =>
  a.map((leaf, i) => leaf.mul(b[i]).sum()).reduce((sum, next) => sum.add(next));

/** a / b, and 0 where b is 0: nothing is left to do. */
const quotient = (a: Tensor, b: Tensor): Tensor => {
  const zero = b.equal(0);
  return where(zero, 0, a.div(where(zero, 1, b)));
};
