/**
 * How noisy a batch's matrix is, from products of the matrices of disjoint batches with one vector:
 *
 *     E |A_i v|^2 - |A v|^2
 *
 * Averaged over random unit vectors v it is P sigma^2 of such a batch, since E_v |A v|^2 = |A|_F^2 / P;
 * for the top eigenvector v it is the noise that moves the top eigenvalue.
 *
 * The batches are drawn without replacement from one another, so that the sample variance over them
 * estimates the variance of one example over the batch size, whatever N is. All results are for a
 * batch of one: divide by the effective batch size b.
 */
import { standardError } from "@etude/learn";
import { type ArrayTree, random } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { type Curvature, type Examples, rowsOf } from "./curvature.ts";
import { addScaled, dot, norm, unitVector } from "./product.ts";

export interface NoiseOptions {
  /** Examples of a batch: 1 is exact and cheap enough for small networks. */
  readonly batchSize?: number;
  /** At most so many batches; all there are where it is not given. */
  readonly batches?: number;
  readonly generator?: random.Generator;
}

export interface HessianNoise {
  /** P sigma^2 of a batch of one: divide by b. */
  readonly pSigma2: number;
  /** Of the batches and the probes together. */
  readonly stderr: number;
}

/**
 * P sigma^2 from random directions.
 *
 * @param options `probes`: random vectors (10)
 * @example
 * const { pSigma2 } = await hessianNoise(hessian, params, examples, { batchSize: 1, probes: 10 });
 */
export async function hessianNoise(
  curvature: Curvature,
  params: ArrayTree,
  examples: Examples,
  options: NoiseOptions & { readonly probes?: number; readonly size: number },
): Promise<HessianNoise> {
  const { probes = 10, size } = options;
  if (!Number.isInteger(probes) || probes < 1)
    throw new UsageError(`hessianNoise: ${probes} probes; give a whole number from 1`);
  const generator = options.generator ?? random.generator(0);
  const { order, batchSize } = disjointBatches(rowsOf(examples), options, generator.fork(0));
  const products = curvature.ofBatches(params, examples, order, batchSize);
  const ofBatch = new Float64Array(order.length / batchSize);
  const ofProbe: number[] = [];
  for (let probe = 0; probe < probes; probe++) {
    const v = unitVector(size, generator.fork(1 + probe));
    const squares = squaredDeviations(await products(v)).map((square) => square * batchSize);
    squares.forEach((square, i) => {
      ofBatch[i] += square / probes;
    });
    ofProbe.push(squares.reduce((sum, square) => sum + square, 0) / squares.length);
  }
  const pSigma2 = ofProbe.reduce((sum, value) => sum + value, 0) / probes;
  const stderr = Math.hypot(standardError(ofBatch), probes > 1 ? standardError(ofProbe) : 0);
  return { pSigma2, stderr };
}

export interface DirectionalNoise {
  /** E |(I - v v^T) eps v|^2 of a batch of one: what pushes the eigenvalue outwards. */
  readonly orthogonal: number;
  readonly stderr: number;
  /** The variance of v.eps v of a batch of one: how much the eigenvalue itself scatters. */
  readonly along: number;
  /**
   * The authors' shrinkage weight 1 - (noise of the mean over the batches) / |H v - (v.H v) v|^2, and
   * 0 where that is negative: the share of what leaves the direction v that is not noise.
   */
  readonly shrinkage: number;
  /** E (u.eps v)^2 of a batch of one for each of the `neighbours` u. */
  readonly neighbours: readonly number[];
}

/**
 * The noise in the direction of a unit vector, such as the top eigenvector.
 *
 * @param options `neighbours`: unit vectors, such as the next eigenvectors, whose parts of the noise
 *   are wanted
 */
export async function directionalNoise(
  curvature: Curvature,
  params: ArrayTree,
  examples: Examples,
  direction: Float64Array,
  options: NoiseOptions & { readonly neighbours?: readonly Float64Array[] } = {},
): Promise<DirectionalNoise> {
  const generator = options.generator ?? random.generator(0);
  const { order, batchSize } = disjointBatches(rowsOf(examples), options, generator.fork(0));
  const found = await curvature.ofBatches(params, examples, order, batchSize)(direction);
  const mean = meanVector(found);
  const rayleigh = dot(direction, mean);
  const outside = Float64Array.from(mean);
  addScaled(outside, -rayleigh, direction);
  const along = found.map((product) => (dot(direction, product) - rayleigh) ** 2);
  const factor = found.length / (found.length - 1);
  const orthogonal = squaredDeviations(found).map(
    (square, i) => (square - factor * along[i]) * batchSize,
  );
  const average = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const varianceAlong = (u: Float64Array): number => {
    const centre = dot(u, mean);
    return average(found.map((product) => (dot(u, product) - centre) ** 2)) * factor * batchSize;
  };
  const noiseOfMean = average(orthogonal) / order.length;
  const delta = norm(outside) ** 2;
  return {
    orthogonal: average(orthogonal),
    stderr: standardError(orthogonal),
    along: average(along) * factor * batchSize,
    shrinkage: delta > 0 ? Math.max(0, 1 - noiseOfMean / delta) : 0,
    neighbours: (options.neighbours ?? []).map(varianceAlong),
  };
}

function disjointBatches(
  examples: number,
  { batchSize = 1, batches }: NoiseOptions,
  generator: random.Generator,
): { order: Int32Array; batchSize: number } {
  if (!Number.isInteger(batchSize) || batchSize < 1 || 2 * batchSize > examples) {
    throw new UsageError(
      `noise: batches of ${batchSize} out of ${examples} examples; two of them must fit at least`,
    );
  }
  if (batches !== undefined && !(Number.isInteger(batches) && batches >= 2))
    throw new UsageError(`noise: ${batches} batches say nothing of the spread; give two or more`);
  const count = Math.min(batches ?? Number.POSITIVE_INFINITY, Math.floor(examples / batchSize));
  return { order: generator.sample(examples, count * batchSize), batchSize };
}

/** |x_i - mean|^2 n / (n - 1) for each vector: their mean is the sample variance. */
function squaredDeviations(vectors: readonly Float64Array[]): number[] {
  const mean = meanVector(vectors);
  const factor = vectors.length / (vectors.length - 1);
  return vectors.map((vector) => {
    let sum = 0;
    for (let i = 0; i < vector.length; i++) sum += (vector[i] - mean[i]) ** 2;
    return sum * factor;
  });
}

function meanVector(vectors: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(vectors[0].length);
  for (const vector of vectors) addScaled(mean, 1 / vectors.length, vector);
  return mean;
}
