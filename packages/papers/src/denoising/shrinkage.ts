/** What shrinkage in a fixed basis can reach: with an oracle, and with the best linear filter. */
import { jit, linalg, NDArray, type Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { imageRange, pixelsOf } from "./images.ts";
import type { ImageDenoiser } from "./psnr.ts";

export interface OracleShrinkage {
  /** lambda_k = c_k^2 / (c_k^2 + sigma^2), equation 11. */
  readonly shrinkage: NDArray;
  /** Equation 12: sigma^2 sum_k lambda_k. */
  readonly mse: number;
  /** sum_k min(c_k^2, sigma^2) = M sigma^2 + ||x - x_M||^2; the mse is between half of it and all of it. */
  readonly minimumSum: number;
  /** M: coefficients above the noise. */
  readonly termCount: number;
}

/** The best shrinkage of every coefficient <x, e_k> of a known image in noise of deviation sigma. */
export function oracleShrinkage(coefficients: NDArray, sigma: number): OracleShrinkage {
  if (!(sigma > 0)) throw new UsageError(`sigma: ${sigma} is not positive`);
  const variance = sigma ** 2;
  const shrinkage = Float64Array.from(coefficients.data, (c) => (c * c) / (c * c + variance));
  let [sum, minimumSum, termCount] = [0, 0, 0];
  for (let k = 0; k < shrinkage.length; k++) {
    const square = coefficients.data[k] ** 2;
    sum += shrinkage[k];
    minimumSum += Math.min(square, variance);
    if (square > variance) termCount++;
  }
  return {
    shrinkage: new NDArray(shrinkage, coefficients.shape, "float64"),
    mse: variance * sum,
    minimumSum,
    termCount,
  };
}

/** Slope of the PSNR curve as sigma goes to 0, for images of regularity alpha (equation 13). */
export const optimalSlope = (alpha: number): number => alpha / (alpha + 1);

/** Images whose second moments are added up in one compiled call. */
const blockRows = 4096;

/**
 * The best affine denoiser of a set of images: f(y) = m + Sigma (Sigma + sigma^2 I)^-1 (y - m) with
 * their mean m and covariance Sigma. It knows the noise level, and nothing of geometry: a permutation
 * of the pixels changes nothing.
 *
 * @param images [n, C, H, W], two at least
 * @returns a denoiser of images [B, C, H, W] in noise of deviation sigma
 */
export async function wienerDenoiser(images: NDArray): Promise<ImageDenoiser> {
  const [n] = images.shape;
  const d = pixelsOf(images);
  if (n < 2) throw new UsageError(`a covariance needs two images at least, got ${n}`);
  const mean = new Float64Array(d);
  for (let i = 0; i < images.size; i++) mean[i % d] += images.data[i] / n;
  const centre = new NDArray(mean, [d], "float64");
  const { values, vectors } = await spectrum(await secondMoments(images, centre));
  return async (noisy, sigma) => {
    const rows = noisy.reshape([noisy.shape[0], d]);
    return (await filtered(rows, centre, values, vectors, sigma)).reshape(noisy.shape);
  };
}

/**
 * The fixed basis in which a set of images has most energy in the fewest coefficients: eigenvectors
 * of E x x^T (the mean is not removed), the largest eigenvalue first.
 *
 * @returns unit vectors as rows, [d, d]
 */
export async function principalBasis(images: NDArray): Promise<Float64Array> {
  const d = pixelsOf(images);
  const origin = new NDArray(new Float64Array(d), [d], "float64");
  const { vectors } = await spectrum(await secondMoments(images, origin));
  return Float64Array.from({ length: d * d }, (_, at) => {
    const [k, i] = [Math.floor(at / d), at % d];
    return vectors.data[i * d + (d - 1 - k)];
  });
}

/** E (x - m)(x - m)^T, [d, d], added up over blocks of images. */
async function secondMoments(images: NDArray, centre: NDArray): Promise<NDArray> {
  const [n] = images.shape;
  const d = pixelsOf(images);
  const sum = new Float64Array(d * d);
  for (let from = 0; from < n; from += blockRows) {
    const part = imageRange(images, from, Math.min(n, from + blockRows));
    const { data } = await moments(part.reshape([part.shape[0], d]), centre);
    for (let i = 0; i < sum.length; i++) sum[i] += data[i] / n;
  }
  return new NDArray(sum, [d, d], "float64");
}

const moments = jit((rows: Tensor, mean: Tensor): Tensor => {
  const centred = rows.astype("float64").sub(mean);
  return centred.transpose().matmul(centred);
});

const spectrum = jit((covariance: Tensor) => {
  const [values, vectors] = linalg.eigh(covariance);
  return { values: values.maximum(0), vectors };
});

const filtered = jit(
  (rows: Tensor, mean: Tensor, values: Tensor, vectors: Tensor, sigma: Tensor): Tensor => {
    const variance = sigma.mul(sigma).astype("float64");
    const gains = values.div(values.add(variance));
    const along = rows.astype("float64").sub(mean).matmul(vectors).mul(gains);
    return along.matmul(vectors.transpose()).add(mean).astype("float32");
  },
);
