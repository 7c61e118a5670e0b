/** How far two gradients of one network are from each other (equation 1). */
import { lift, stack, type Tensor, treeFlatten, where } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

/**
 * - layerwiseCosine: equation (1), one minus the cosine, summed over the output units of every layer
 *   ("ours" in the official code);
 * - mse: squared Euclidean distance of all gradients;
 * - cosine: one minus the cosine of all gradients as one vector.
 */
export const gradMetrics = ["layerwiseCosine", "mse", "cosine"] as const;
export type GradMetric = (typeof gradMetrics)[number];

/** Added to the product of norms, so that it has no influence but on gradients that nearly vanish. */
const tiny = 1e-6;

/** sqrt(sum of squares), with derivative 0 instead of NaN where all entries are 0 (a dead unit). */
function safeRoot(squares: Tensor): Tensor {
  const positive = squares.greater(0);
  return where(positive, where(positive, squares, 1).sqrt(), 0);
}

/** 1 - <a, b> / (|a| |b| + 1e-6). */
const oneLessCosine = (product: Tensor, aa: Tensor, bb: Tensor): Tensor =>
  product
    .div(safeRoot(aa).mul(safeRoot(bb)).add(tiny))
    .neg()
    .add(1);

/** A row for each output unit: dense weights are [inputs, outputs], kernels [outputs, ...]. */
const rowsOf = (weight: Tensor): Tensor =>
  weight.rank === 2 ? weight.transpose() : weight.reshape([weight.shape[0], -1]);

/**
 * The distance between two gradients, trees of tensors with the same structure.
 *
 * For every tensor with more than one axis, rows r belong to its output units, and
 *
 *     D(a, b) = sum_p sum_r (1 - <a_pr, b_pr> / (|a_pr| |b_pr| + 1e-6))          (1)
 *
 * Tensors with one axis (biases, gains of norms) do not count. A row of zeros contributes 1, whatever
 * the other is; the derivative of its norm is taken as 0. The other metrics count all tensors.
 *
 * @returns a scalar; of layerwiseCosine between 0 and twice the number of rows
 * @throws UsageError when the trees or their shapes differ, or there is no such metric
 */
export function gradientDistance(
  a: unknown,
  b: unknown,
  metric: GradMetric = "layerwiseCosine",
): Tensor {
  const pairs = pairsOf(a, b);
  if (metric === "layerwiseCosine") {
    const distances = pairs
      .filter(([x]) => x.rank > 1)
      .map(([x, y]) => {
        const [rows, others] = [rowsOf(x), rowsOf(y)];
        const sum = (product: Tensor) => product.sum(-1);
        return oneLessCosine(
          sum(rows.mul(others)),
          sum(rows.mul(rows)),
          sum(others.mul(others)),
        ).sum();
      });
    return total(distances);
  }
  if (metric === "mse") return total(pairs.map(([x, y]) => square(x.sub(y)).sum()));
  if (metric === "cosine") {
    const over = (f: (x: Tensor, y: Tensor) => Tensor) =>
      total(pairs.map(([x, y]) => f(x, y).sum()));
    return oneLessCosine(
      over((x, y) => x.mul(y)),
      over(square),
      over((_, y) => square(y)),
    );
  }
  throw new UsageError(
    `gradientDistance: there is no metric "${String(metric)}"; there are ${gradMetrics.join(", ")}`,
  );
}

const square = (x: Tensor): Tensor => x.mul(x);

function total(terms: readonly Tensor[]): Tensor {
  if (terms.length === 0)
    throw new UsageError(
      "gradientDistance: no tensor has more than one axis, so nothing is compared",
    );
  return terms.reduce((sum, term) => sum.add(term));
}

function pairsOf(a: unknown, b: unknown): [Tensor, Tensor][] {
  const [leaves, structure] = treeFlatten(a);
  const [others, otherStructure] = treeFlatten(b);
  if (structure.key !== otherStructure.key)
    throw new UsageError(
      `gradientDistance: the gradients are of different networks: [${structure.paths.join(", ")}] and [${otherStructure.paths.join(", ")}]`,
    );
  return leaves.map((leaf, i) => {
    const [x, y] = [lift(leaf), lift(others[i])];
    if (x.shape.join() !== y.shape.join())
      throw new UsageError(
        `gradientDistance: ${structure.paths[i]} is [${x.shape.join(", ")}] in one gradient and [${y.shape.join(", ")}] in the other`,
      );
    return [x, y];
  });
}

/**
 * How the rows of one gradient lean on those of others: for each of `references` the sum over rows of
 * |<a_pr, b_pr>|, divided by the sum over all references. If `a` is the synthetic gradient of a class
 * and the references are the real gradients of all classes, large shares for other classes mean that
 * the gradients show what the classes have in common.
 *
 * @returns [number of references]
 */
export function gradientShares(a: unknown, references: readonly unknown[]): Tensor {
  const products = references.map((b) =>
    total(
      pairsOf(a, b)
        .filter(([x]) => x.rank > 1)
        .map(([x, y]) => rowsOf(x).mul(rowsOf(y)).sum(-1).abs().sum()),
    ),
  );
  const all = total(products);
  return stack(products.map((product) => product.div(all)));
}
