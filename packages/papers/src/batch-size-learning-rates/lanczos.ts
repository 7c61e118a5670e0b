/**
 * The Lanczos algorithm: the part of a spectrum that a vector sees, from products alone.
 *
 * Coefficients and vectors are float64 on the host, whatever the products are computed in, and every
 * new vector is made orthogonal to all before it, twice: without that, eigenvalues already found come
 * back as ghosts and the weights are wrong.
 *
 * Reference: Golub, Van Loan, "Matrix Computations", chapter 10.
 */
import { random } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import {
  addScaled,
  checkSymmetric,
  dot,
  norm,
  normalised,
  type Product,
  unitVector,
} from "./product.ts";
import { tridiagonalEigen } from "./tridiagonal.ts";

export interface LanczosOptions {
  /** At most so many products (20); no more than the matrix has rows. */
  readonly steps?: number;
  /** The first vector, of any length; random where it is not given. */
  readonly start?: Float64Array;
  /** For a random first vector. */
  readonly generator?: random.Generator;
  /** Against all vectors before, twice (true). Without it the algorithm is the textbook's, to see what it does. */
  readonly reorthogonalise?: boolean;
  /**
   * Stop once the largest Ritz value is known: when its residual is below this times its size. The
   * error of the eigenvalue is about the square of that. Never, where it is not given.
   */
  readonly tolerance?: number;
  /** Check first that the matrix is symmetric, at two products. */
  readonly checkSymmetry?: boolean;
}

export interface LanczosResult {
  /** The diagonal and off-diagonal of T; the last of `betas` is the norm of what was left over. */
  readonly alphas: Float64Array;
  readonly betas: Float64Array;
  /** Eigenvalues of T, ascending. */
  readonly ritzValues: Float64Array;
  /** The share of the first vector in each, adding up to 1. */
  readonly weights: Float64Array;
  /** |A y - theta y| for each Ritz pair: an eigenvalue is no further away than that. */
  readonly residuals: Float64Array;
  /** Products made. */
  readonly products: number;
  /** Why there are fewer steps than asked for; undefined where there are as many. */
  readonly notice?: string;
  /** The unit vector of the k-th Ritz value, from 0. */
  ritzVector(k: number): Float64Array;
}

/** A remainder below this times the largest coefficient is rounding: the subspace is invariant. */
const nothing = 1e-10;

/**
 * The Lanczos decomposition A Q = Q T + remainder, T tridiagonal, and the eigenvalues of T.
 *
 * Extreme eigenvalues that stand out are found in 10 to 20 steps, a spectrum's shape in about 100.
 *
 * @throws UsageError when a product is not finite, or the matrix is found not to be symmetric
 * @example
 * const { ritzValues } = await lanczos(hessian.of(params, examples), { steps: 20, generator });
 */
export async function lanczos(
  product: Product,
  options: LanczosOptions = {},
): Promise<LanczosResult> {
  const { steps = 20, reorthogonalise = true, tolerance } = options;
  const { size } = product;
  if (!Number.isInteger(steps) || steps < 1)
    throw new UsageError(`lanczos: ${steps} steps; give a whole number from 1`);
  const generator = options.generator ?? random.generator(0);
  if (options.checkSymmetry) await checkSymmetric(product, generator.fork(1));
  const start = options.start ?? unitVector(size, generator);
  if (start.length !== size)
    throw new UsageError(
      `lanczos: the first vector has ${start.length} entries, the matrix ${size}`,
    );

  const basis = [normalised(start)];
  const alphas: number[] = [];
  const betas: number[] = [];
  const most = Math.min(steps, size);
  let notice = most < steps ? `${steps} steps, but the matrix has ${size} rows` : undefined;
  for (let j = 0; j < most; j++) {
    const z = Float64Array.from(await product.apply(basis[j]));
    const alpha = dot(z, basis[j]);
    if (!Number.isFinite(alpha))
      throw new UsageError(
        "lanczos: a product is not finite; the parameters or the data are not either",
      );
    alphas.push(alpha);
    addScaled(z, -alpha, basis[j]);
    if (j > 0) addScaled(z, -betas[j - 1], basis[j - 1]);
    if (reorthogonalise) for (const q of [...basis, ...basis]) addScaled(z, -dot(z, q), q);
    const beta = norm(z);
    betas.push(beta);
    const largest = Math.max(...alphas.map(Math.abs), ...betas.slice(0, -1));
    if (beta <= nothing * largest) {
      if (j + 1 < most) notice = `an invariant subspace after ${j + 1} steps`;
      break;
    }
    if (tolerance !== undefined && isKnown(alphas, betas, tolerance)) break;
    if (j + 1 < most) basis.push(z.map((entry) => entry / beta));
  }
  return decomposition(alphas, betas, basis, notice);
}

/** Whether the largest Ritz value has settled. */
function isKnown(alphas: readonly number[], betas: readonly number[], tolerance: number): boolean {
  const m = alphas.length;
  const { values, vectors } = tridiagonalEigen(alphas, betas);
  const residual = betas[m - 1] * Math.abs(vectors[(m - 1) * m + m - 1]);
  return residual <= tolerance * Math.abs(values[m - 1]);
}

function decomposition(
  alphas: readonly number[],
  betas: readonly number[],
  basis: readonly Float64Array[],
  notice: string | undefined,
): LanczosResult {
  const m = alphas.length;
  const { values, vectors } = tridiagonalEigen(alphas, betas);
  return {
    alphas: Float64Array.from(alphas),
    betas: Float64Array.from(betas),
    ritzValues: values,
    weights: Float64Array.from(values, (_, k) => vectors[k] ** 2),
    residuals: Float64Array.from(values, (_, k) =>
      Math.abs(betas[m - 1] * vectors[(m - 1) * m + k]),
    ),
    products: m,
    ...(notice === undefined ? {} : { notice }),
    ritzVector: (k) => {
      if (!(Number.isInteger(k) && k >= 0 && k < m))
        throw new UsageError(`ritzVector: there are ${m} Ritz values, from 0; ${k} is none`);
      const vector = new Float64Array(basis[0].length);
      for (let j = 0; j < m; j++) addScaled(vector, vectors[j * m + k], basis[j]);
      return vector;
    },
  };
}

export interface Eigenpair {
  readonly value: number;
  readonly vector: Float64Array;
  /** Products it took. */
  readonly products: number;
}

/**
 * The algebraically largest eigenvalue and its vector. (Power iteration would find the one of largest
 * magnitude, which in an indefinite spectrum may be the lowest.)
 *
 * @param options `steps` at most (60); `tolerance` of the residual (1e-4)
 */
export async function largestEigenpair(
  product: Product,
  options: LanczosOptions = {},
): Promise<Eigenpair> {
  const result = await lanczos(product, { steps: 60, tolerance: 1e-4, ...options });
  const last = result.ritzValues.length - 1;
  return {
    value: result.ritzValues[last],
    vector: normalised(result.ritzVector(last)),
    products: result.products,
  };
}

/** A Ritz pair counts as an eigenpair if its residual is below this share of the largest eigenvalue. */
const settled = 0.001;

/**
 * The largest eigenvalues with their vectors, at most `count`, the largest first: those that `steps`
 * (120) Lanczos steps settle.
 */
export async function largestEigenpairs(
  product: Product,
  count: number,
  options: LanczosOptions = {},
): Promise<Eigenpair[]> {
  const { ritzValues, residuals, ritzVector, products } = await lanczos(product, {
    steps: 120,
    ...options,
  });
  const m = ritzValues.length;
  const found: Eigenpair[] = [];
  for (let k = m - 1; k >= 0 && found.length < count; k--) {
    if (residuals[k] > settled * Math.abs(ritzValues[m - 1])) break;
    found.push({ value: ritzValues[k], vector: normalised(ritzVector(k)), products });
  }
  return found;
}
