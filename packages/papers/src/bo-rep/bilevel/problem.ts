/**
 * Bilevel problems: min_x f(x, y*(x)) with y*(x) = argmin_y g(x, y). This folder knows nothing of any
 * paper's experiments: a problem is two functions, a method is one outer step.
 */
import { NDArray, type Tensor, treeFlatten, treeUnflatten } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";

/**
 * `X` and `Y` are trees of tensors, `B` whatever a batch is: arrays of examples, positions of rows, a
 * key. Both functions return a float scalar and are traced, never called with numbers.
 */
export interface BilevelProblem<X, Y, B> {
  /** f(x, y; batch), which x is to minimise. */
  upper(x: X, y: Y, batch: B): Tensor;
  /** g(x, y; batch), strongly convex in y. */
  lower(x: X, y: Y, batch: B): Tensor;
}

/** Calls of the oracles: one for each call on a batch, whatever its size. */
export interface OracleCount {
  /** Gradients of f, in x and y together. */
  readonly upperGrad: number;
  /** Gradients of g in y. */
  readonly lowerGrad: number;
  /** Products with the Hessian of g in y. */
  readonly hvp: number;
  /** Products with the mixed derivative of g. */
  readonly mixed: number;
}

export const noCalls: OracleCount = { upperGrad: 0, lowerGrad: 0, hvp: 0, mixed: 0 };

export const addCalls = (a: OracleCount, b: OracleCount): OracleCount => ({
  upperGrad: a.upperGrad + b.upperGrad,
  lowerGrad: a.lowerGrad + b.lowerGrad,
  hvp: a.hvp + b.hvp,
  mixed: a.mixed + b.mixed,
});

export const totalCalls = ({ upperGrad, lowerGrad, hvp, mixed }: OracleCount): number =>
  upperGrad + lowerGrad + hvp + mixed;

/** @throws UsageError when an objective is not a scalar, with its name and shape */
export function scalar(name: "upper" | "lower", value: Tensor): Tensor {
  if (value.rank === 0) return value;
  throw new UsageError(
    `the ${name} objective has shape [${value.shape.join(", ")}]; it must be a scalar: take its mean or sum`,
  );
}

/** @throws UsageError when two trees that belong together differ, with the place */
export function sameStructure(what: string, tree: unknown, other: unknown): void {
  const [leaves, structure] = treeFlatten(tree);
  const [others, second] = treeFlatten(other);
  const odd = structure.paths.findIndex(
    (path, i) => path !== second.paths[i] || shapeOf(leaves[i]) !== shapeOf(others[i]),
  );
  if (odd < 0 && structure.key === second.key) return;
  const place = odd < 0 ? "" : ` at ${structure.paths[odd] || "the root"}`;
  throw new UsageError(`${what} have different structures${place}`);
}

const shapeOf = (leaf: unknown): string =>
  leaf instanceof NDArray ? `${leaf.dtype}[${leaf.shape.join()}]` : "scalar";

/** Trees of arrays as one tree whose leaves have a further axis in front. */
export function stackTrees<T>(trees: readonly T[]): T {
  const [first, structure] = treeFlatten(trees[0]);
  const all = trees.map((tree) => treeFlatten(tree)[0]);
  const leaves = first.map((leaf, i) => {
    const parts = all.map((each) => arrayOf(each[i]));
    const { data, dtype, shape } = arrayOf(leaf);
    const whole = new NDArray(
      new (data.constructor as new (length: number) => typeof data)(data.length * parts.length),
      [parts.length, ...shape],
      dtype,
    );
    parts.forEach((part, at) => {
      if (part.data.length !== data.length || part.dtype !== dtype)
        throw new UsageError(
          `batches differ: ${dtype}[${shape.join()}] and ${part.dtype}[${part.shape.join()}] at ${structure.paths[i] || "the root"}`,
        );
      whole.data.set(part.data, at * data.length);
    });
    return whole;
  });
  return treeUnflatten(structure, leaves) as T;
}

function arrayOf(leaf: unknown): NDArray {
  if (leaf instanceof NDArray) return leaf;
  if (typeof leaf === "number") return new NDArray(new Float32Array([leaf]), [], "float32");
  throw new UsageError("a batch holds arrays and numbers, not symbolic tensors");
}

/** The same tree with every leaf [n, ...] seen as [outer, n / outer, ...]. */
export function foldTree<T>(tree: T, outer: number): T {
  const [leaves, structure] = treeFlatten(tree);
  const folded = leaves.map((leaf) => {
    const array = arrayOf(leaf);
    const [length, ...rest] = array.shape;
    return array.reshape([outer, length / outer, ...rest]);
  });
  return treeUnflatten(structure, folded) as T;
}
