/** Eigenpairs and traces of a Jacobian that is too large to be written down: products only. */
import { evaluate, linalg, NDArray, type random } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import type { TrainedDenoiser } from "./denoiser.ts";
import { jacobianProducts, oneImage } from "./jacobian.ts";

/** A symmetric matrix by its products. */
export type SymmetricProduct = (v: Float64Array) => Promise<Float64Array>;

export interface Eigenpairs {
  /** Descending, [k]. */
  readonly values: Float64Array;
  /** Unit vectors, k rows of d. */
  readonly vectors: readonly Float64Array[];
}

const dot = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, value, i) => sum + value * b[i], 0);

/**
 * The k largest eigenvalues of a symmetric matrix by Lanczos iterations, with every new vector made
 * orthogonal to all before (twice, so that rounding leaves nothing).
 *
 * @param iterations products; 2 k + 20 by default, d at most
 */
export async function lanczos(
  product: SymmetricProduct,
  d: number,
  k: number,
  draw: random.Generator,
  iterations = 2 * k + 20,
): Promise<Eigenpairs> {
  if (!Number.isInteger(k) || k < 1 || k > d)
    throw new UsageError(`k: ${k} is no number of eigenpairs of a matrix of ${d} rows`);
  const steps = Math.min(d, Math.max(k, iterations));
  const rows: Float64Array[] = [];
  const [diagonal, below]: number[][] = [[], []];
  let next = Float64Array.from({ length: d }, () => draw.normal());
  for (let step = 0; step < steps; step++) {
    orthogonalise(next, rows);
    let norm = Math.sqrt(dot(next, next));
    if (norm < 1e-10 && step > 0) {
      // An invariant subspace: go on with a fresh direction, not coupled to it.
      next = Float64Array.from({ length: d }, () => draw.normal());
      orthogonalise(next, rows);
      norm = Math.sqrt(dot(next, next));
      below[step - 1] = 0;
    }
    const q = next.map((value) => value / norm);
    rows.push(q);
    const image = await product(q);
    diagonal.push(dot(q, image));
    next = Float64Array.from(image);
    orthogonalise(next, rows);
    below.push(Math.sqrt(dot(next, next)));
  }
  const tridiagonal = new Float64Array(steps * steps);
  for (let i = 0; i < steps; i++) {
    tridiagonal[i * steps + i] = diagonal[i];
    if (i + 1 < steps) tridiagonal[i * steps + i + 1] = tridiagonal[(i + 1) * steps + i] = below[i];
  }
  const [w, v] = await evaluate(linalg.eigh(new NDArray(tridiagonal, [steps, steps], "float64")));
  const column = (at: number) =>
    rows.reduce(
      (sum, row, i) => sum.map((value, j) => value + v.data[i * steps + at] * row[j]),
      new Float64Array(d),
    );
  const order = Array.from({ length: k }, (_, i) => steps - 1 - i);
  return {
    values: Float64Array.from(order, (at) => w.data[at]),
    vectors: order.map(column),
  };
}

function orthogonalise(vector: Float64Array, rows: readonly Float64Array[]): void {
  for (let pass = 0; pass < 2; pass++) {
    for (const row of rows) {
      const along = dot(vector, row);
      for (let i = 0; i < vector.length; i++) vector[i] -= along * row[i];
    }
  }
}

/** The k largest eigenpairs of (J + J^T) / 2 at an image of any size, by products alone. */
export async function topEigenpairs(
  denoiser: TrainedDenoiser,
  noisyImage: NDArray,
  k: number,
  draw: random.Generator,
  iterations?: number,
): Promise<Eigenpairs> {
  const y = oneImage(denoiser, noisyImage);
  const product: SymmetricProduct = async (v) => {
    const { forward, backward } = await jacobianProducts(denoiser, y, imageLike(v, y));
    return Float64Array.from(forward.data, (value, i) => (value + backward.data[i]) / 2);
  };
  return lanczos(product, y.size, k, draw, iterations);
}

/**
 * tr J by Hutchinson's estimate: the mean of v^T J v over vectors of random signs, with its standard
 * error.
 */
export async function traceEstimate(
  denoiser: TrainedDenoiser,
  noisyImage: NDArray,
  draws: number,
  draw: random.Generator,
): Promise<{ trace: number; standardError: number }> {
  if (!Number.isInteger(draws) || draws < 2)
    throw new UsageError(`draws: ${draws} is no whole number from 2`);
  const y = oneImage(denoiser, noisyImage);
  const values: number[] = [];
  for (let i = 0; i < draws; i++) {
    const v = Float64Array.from({ length: y.size }, () => (draw.uniform() < 0.5 ? -1 : 1));
    const { forward } = await jacobianProducts(denoiser, y, imageLike(v, y));
    values.push(dot(v, Float64Array.from(forward.data)));
  }
  const trace = values.reduce((sum, value) => sum + value, 0) / draws;
  const variance = values.reduce((sum, value) => sum + (value - trace) ** 2, 0) / (draws - 1);
  return { trace, standardError: Math.sqrt(variance / draws) };
}

const imageLike = (v: Float64Array, { shape }: NDArray): NDArray =>
  new NDArray(Float32Array.from(v), shape, "float32");
