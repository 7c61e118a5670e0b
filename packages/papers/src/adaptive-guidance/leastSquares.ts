/**
 * Many least-squares problems over the same columns at once. With the columns in the order c_0, n_0, c_1,
 * n_1, ... the regressors of n_k are the columns before it, so one triangular factor R of all columns
 * answers every step: the leading block of R, and above the diagonal of its column the right-hand side.
 */
import { concat, jit, linalg, NDArray, type Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

/** Shrinkage of the coefficients: a number added to the normal matrix, or relative to its mean diagonal. */
export type Ridge = number | { readonly relative: number };

/** R of the columns seen so far, over new rows: it never needs more rows than this at once. */
const update = jit((r: Tensor, rows: Tensor) => linalg.qr(concat([r, rows]))[1]);

const rowsAtOnce = 8192;

/**
 * The triangular factor R [m, m] with R^T R = A^T A, float64, by blocks of rows.
 *
 * @param columns m arrays of equal length
 */
export async function triangularFactor(columns: readonly ArrayLike<number>[]): Promise<NDArray> {
  const m = columns.length;
  const n = columns[0].length;
  const block = Math.min(rowsAtOnce, Math.max(m, n));
  let r = new NDArray(new Float64Array(m * m), [m, m], "float64");
  for (let from = 0; from < n; from += block) {
    // Rows of zeros at the end change nothing, and keep one shape to compile.
    const rows = new Float64Array(block * m);
    for (let j = 0; j < m; j++)
      for (let i = from; i < Math.min(n, from + block); i++)
        rows[(i - from) * m + j] = columns[j][i];
    r = await update(r, new NDArray(rows, [block, m], "float64"));
  }
  return r;
}

const decompose = jit((blocks: Tensor) => linalg.svd(blocks));

export interface LeastSquares {
  readonly coefficients: Float64Array;
  /** Sum of squares of the residual, and of the target about 0 or, with an intercept, its mean. */
  readonly residual: number;
  readonly total: number;
}

/**
 * min |A b - y|^2 + ridge |b|^2 for several targets of one factor, by the singular value decomposition:
 * among several minima the shortest.
 *
 * @param factor {@link triangularFactor} of columns
 * @param targets for each problem the number of its target's column; all columns before it regress
 * @param intercept column 0 is constant: it is not shrunk, and totals are about the mean
 */
export async function leadingRegressions(
  factor: NDArray,
  targets: readonly number[],
  { ridge = 0, intercept = false }: { ridge?: Ridge; intercept?: boolean } = {},
): Promise<LeastSquares[]> {
  const m = factor.shape[0];
  const most = Math.max(...targets);
  const size = typeof ridge === "number" ? ridge : ridge.relative;
  if (!(size >= 0)) throw new UsageError(`ridge must not be negative, got ${size}`);
  const at = (i: number, j: number): number => factor.data[i * m + j];
  const blocks = new Float64Array(targets.length * most * most);
  // The problems differ in size: smaller ones are filled up with zeros, whose singular values are 0.
  const first = intercept ? 1 : 0;
  targets.forEach((target, p) => {
    for (let i = first; i < target; i++)
      for (let j = i; j < target; j++) blocks[(p * most + i) * most + j] = at(i, j);
  });
  const [u, s, vt] = await decompose(new NDArray(blocks, [targets.length, most, most], "float64"));
  return targets.map((target, p) => {
    const singular = (k: number): number => s.data[p * most + k];
    let diagonal = 0;
    for (let k = 0; k < most; k++) diagonal += singular(k) ** 2;
    const lambda =
      typeof ridge === "number" ? ridge : (ridge.relative * diagonal) / Math.max(1, target - first);
    const smallest = singular(0) * most * 2 ** -52;
    const coefficients = new Float64Array(target);
    for (let k = 0; k < most; k++) {
      if (!(singular(k) > smallest)) continue;
      let projected = 0;
      for (let i = first; i < target; i++)
        projected += u.data[(p * most + i) * most + k] * at(i, target);
      const scaled = (projected * singular(k)) / (singular(k) ** 2 + lambda);
      for (let j = first; j < target; j++)
        coefficients[j] += scaled * vt.data[(p * most + k) * most + j];
    }
    if (intercept) {
      // The constant column is the first row of R: it absorbs what the means leave over.
      let rest = at(0, target);
      for (let j = 1; j < target; j++) rest -= at(0, j) * coefficients[j];
      coefficients[0] = at(0, 0) === 0 ? 0 : rest / at(0, 0);
    }
    let [residual, total] = [0, 0];
    for (let i = 0; i <= target; i++) {
      let left = at(i, target);
      if (i >= first) total += left ** 2;
      for (let j = i; j < target; j++) left -= at(i, j) * coefficients[j];
      residual += left ** 2;
    }
    return { coefficients, residual, total };
  });
}
