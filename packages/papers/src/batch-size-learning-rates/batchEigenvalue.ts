/**
 * How the noise of a batch moves the extreme eigenvalues. The Hessian of a batch is that of all
 * examples plus noise, H_B = H + eps with E eps = 0 and an elementwise variance of sigma^2 / b. Random
 * matrix theory knows what becomes of an eigenvalue that stands out: it moves outwards, and below a
 * threshold it drowns in the bulk of the noise.
 *
 * References: Granziol, Zohren, Roberts, "Learning Rates as a Function of Batch Size", JMLR 23 (2022);
 * Benaych-Georges, Nadakuditi, "The eigenvalues and eigenvectors of finite, low rank perturbations of
 * large random matrices", 2011 (the theorems behind both models).
 */
import { UsageError } from "../contract/errors.ts";

/**
 * The size b of a batch drawn with replacement that is as noisy as one of `batchSize` examples drawn
 * without replacement from `examples`: b = B / (1 - B / N). A batch of everything has no noise, and b
 * is infinite.
 *
 * @throws UsageError when B is no whole number from 1 to N
 */
export function effectiveBatch(batchSize: number, examples: number): number {
  if (!Number.isInteger(examples) || examples < 1)
    throw new UsageError(`effectiveBatch: there cannot be ${examples} examples`);
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > examples) {
    throw new UsageError(
      `effectiveBatch: a batch of ${batchSize} out of ${examples} examples; give a whole number from 1 to ${examples}`,
    );
  }
  return batchSize / (1 - batchSize / examples);
}

/**
 * - wigner: noise added to a matrix of any sign, as for the Hessian;
 * - ggn: positive semi-definite products, as for the Gauss-Newton matrix, whose noise is a factor
 *   (Marchenko and Pastur).
 */
export type NoiseModel = "wigner" | "ggn";

export interface NoisyEigenvalue {
  /** An extreme eigenvalue of the matrix of all examples; its sign says which end of the spectrum. */
  readonly lambda: number;
  /** P sigma^2: the number of parameters times the variance of an entry, for a batch of one. */
  readonly pSigma2: number;
  /** The effective size of the batch; see {@link effectiveBatch}. */
  readonly b: number;
  readonly model: NoiseModel;
  /**
   * For "ggn" only: the level sigma^2 of the bulk, which is the mean eigenvalue apart from those that
   * stand out. Then `pSigma2` is P times this level.
   */
  readonly bulk?: number;
}

/**
 * The extreme eigenvalue of a batch's matrix under isotropic noise.
 *
 * Wigner: lambda + P sigma^2 / (b lambda) if |lambda| > sqrt(P sigma^2 / b), else the edge of the
 * semicircle, 2 sqrt(P sigma^2 / b), with the sign of lambda.
 *
 * Marchenko-Pastur, with q = P / b: lambda (1 + q sigma^2 / (lambda - sigma^2)) if lambda >
 * sigma^2 (1 + sqrt q), else the edge sigma^2 (1 + sqrt q)^2.
 *
 * @throws UsageError for a negative variance or a batch size that is not positive
 * @example batchEigenvalue({ lambda: 3, pSigma2: 10, b: 10, model: "wigner" }) // 3.3333
 */
export function batchEigenvalue({ lambda, pSigma2, b, model, bulk }: NoisyEigenvalue): number {
  checkNoise("batchEigenvalue", pSigma2, b);
  if (model === "wigner") {
    const threshold = Math.sqrt(pSigma2 / b);
    if (Math.abs(lambda) > threshold) return lambda + pSigma2 / (b * lambda);
    return lambda < 0 ? -2 * threshold : 2 * threshold;
  }
  if (bulk === undefined || !(bulk >= 0))
    throw new UsageError(
      `batchEigenvalue: the model "ggn" needs the level of the bulk, got ${bulk}`,
    );
  if (lambda < 0) {
    throw new UsageError(
      `batchEigenvalue: a Gauss-Newton matrix has no negative eigenvalue, got ${lambda}`,
    );
  }
  if (bulk === 0) return lambda;
  const q = pSigma2 / bulk / b;
  if (lambda > bulk * (1 + Math.sqrt(q))) return lambda * (1 + (q * bulk) / (lambda - bulk));
  return bulk * (1 + Math.sqrt(q)) ** 2;
}

/** Noise that mixes the top eigenvector with one of the next. */
export interface Neighbour {
  /** Its eigenvalue, below the top one. */
  readonly lambda: number;
  /** E (u.eps v)^2 with its eigenvector u. */
  readonly noiseSq: number;
}

/**
 * The same from the noise as it is, without the assumption that it is alike in all directions: second
 * order perturbation of the eigenvalue with eigenvector v,
 *
 *     lambda' = lambda + v.eps v + E |(I - v v^T) eps v|^2 / lambda
 *
 * For isotropic noise the last term is P sigma^2 / (b lambda), as above. The noise of networks is far
 * from isotropic: prefer this. It holds while the correction is small against lambda.
 *
 * The term over lambda takes all other eigenvalues to be small. In full it is a sum over eigenvectors
 * u_j of E (u_j.eps v)^2 / (lambda - lambda_j), larger where the next eigenvalues are near: with
 * `neighbours` those are counted by their own gap, which is exact to second order, and useless once
 * the noise is larger than a gap.
 *
 * @param values `meanShift` is E v.eps v, 0 for batches drawn at random; `noiseSq` is E |(I - v v^T)
 *   eps v|^2 of a batch, all neighbours' included, see `directionalNoise`
 */
export function batchEigenvalueDirectional(values: {
  readonly lambda: number;
  readonly meanShift?: number;
  readonly noiseSq: number;
  readonly neighbours?: readonly Neighbour[];
}): number {
  const { lambda, meanShift = 0, noiseSq, neighbours = [] } = values;
  if (!(noiseSq >= 0))
    throw new UsageError(`batchEigenvalueDirectional: the noise is ${noiseSq}; it is a square`);
  if (lambda === 0)
    throw new UsageError("batchEigenvalueDirectional: an eigenvalue of 0 does not stand out");
  const correction = neighbours.reduce(
    (sum, each) => sum + each.noiseSq * (1 / (lambda - each.lambda) - 1 / lambda),
    noiseSq / lambda,
  );
  return lambda + meanShift + correction;
}

/**
 * How much of the eigenvector survives, |<v', v>|^2, under the Wigner model: 1 - P sigma^2 / (b
 * lambda^2) above the threshold and 0 below, where the batch's eigenvector says nothing about v.
 */
export function eigenvectorOverlap(lambda: number, pSigma2: number, b: number): number {
  checkNoise("eigenvectorOverlap", pSigma2, b);
  return Math.max(0, 1 - pSigma2 / (b * lambda ** 2));
}

function checkNoise(name: string, pSigma2: number, b: number): void {
  if (!(pSigma2 >= 0)) throw new UsageError(`${name}: the variance ${pSigma2} is not 0 or more`);
  if (!(b > 0)) throw new UsageError(`${name}: the effective batch size ${b} is not positive`);
}
