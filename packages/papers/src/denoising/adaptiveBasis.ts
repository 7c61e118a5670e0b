/** The basis in which a denoiser shrinks noise at one image: eigenvectors of its Jacobian. */
import { evaluate, linalg, NDArray } from "@etude/tensor";
import type { TrainedDenoiser } from "./denoiser.ts";
import { denoiseImages, jacobian, oneImage } from "./jacobian.ts";

export interface AdaptiveBasis {
  /** lambda_k, eigenvalues of (J + J^T) / 2, descending: [d]. */
  readonly shrinkage: NDArray;
  /** e_k, as images: [d, C, H, W]; defined up to sign, and up to rotation where eigenvalues meet. */
  readonly basis: NDArray;
  /** <x, e_k>, if the clean image is given. */
  readonly coefficients?: NDArray;
  /** tr J: about how many directions are kept. */
  readonly effectiveDimension: number;
  /** ||J - J^T||_F / ||J + J^T||_F; 0 for the best possible denoiser. */
  readonly asymmetry: number;
  /** Equation 7, an estimate of ||x - f(y)||^2 without x: 2 sigma^2 tr J + ||y - f(y)||^2 - sigma^2 d. */
  readonly sure?: number;
  /** Equation 10 at this image: sigma^2 tr J. */
  readonly posteriorVariance?: number;
  /** ||x - f(y)||^2, if the clean image is given. */
  readonly squaredError?: number;
  readonly jacobian: NDArray;
}

export interface BasisOptions {
  /** The clean image, for coefficients and the true error. */
  readonly clean?: NDArray;
  /** The level of the noise, for equations 7 and 10. */
  readonly sigma?: number;
}

/** Eigenvalues and eigenvectors (as rows) of (J + J^T) / 2, descending. */
export async function symmetricEigenbasis(
  J: NDArray,
): Promise<{ values: Float64Array; vectors: Float64Array }> {
  const [d] = J.shape;
  const symmetric = new Float64Array(d * d);
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++) symmetric[i * d + j] = (J.data[i * d + j] + J.data[j * d + i]) / 2;
  const [w, v] = await evaluate(linalg.eigh(new NDArray(symmetric, [d, d], "float64")));
  const values = Float64Array.from(w.data).reverse();
  const vectors = new Float64Array(d * d);
  for (let k = 0; k < d; k++)
    for (let i = 0; i < d; i++) vectors[k * d + i] = v.data[i * d + (d - 1 - k)];
  return { values, vectors };
}

/** tr J and ||J - J^T||_F / ||J + J^T||_F. */
export function traceAndAsymmetry(J: NDArray): { trace: number; asymmetry: number } {
  const [d] = J.shape;
  let [trace, odd, even] = [0, 0, 0];
  for (let i = 0; i < d; i++) {
    trace += J.data[i * d + i];
    for (let j = 0; j < d; j++) {
      const [a, b] = [J.data[i * d + j], J.data[j * d + i]];
      odd += (a - b) ** 2;
      even += (a + b) ** 2;
    }
  }
  return { trace, asymmetry: Math.sqrt(odd / even) };
}

function squaredDistance(a: NDArray, b: NDArray): number {
  let sum = 0;
  for (let i = 0; i < a.size; i++) sum += (a.data[i] - b.data[i]) ** 2;
  return sum;
}

/** Equation 7: an unbiased estimate of ||x - f(y)||^2 from the noisy image alone. */
export const sureOf = (sigma: number, trace: number, residualSquares: number, d: number): number =>
  2 * sigma ** 2 * trace + residualSquares - sigma ** 2 * d;

/**
 * The adaptive basis of a denoiser at a noisy image: equations 6, 7, 9 and 10.
 *
 * @param noisyImage [C, H, W] or [1, C, H, W]
 * @throws UsageError as `jacobian`
 */
export async function adaptiveBasis(
  denoiser: TrainedDenoiser,
  noisyImage: NDArray,
  { clean, sigma }: BasisOptions = {},
): Promise<AdaptiveBasis> {
  const y = oneImage(denoiser, noisyImage);
  const J = await jacobian(denoiser, y);
  const d = y.size;
  const { values, vectors } = await symmetricEigenbasis(J);
  const { trace, asymmetry } = traceAndAsymmetry(J);
  const estimate = await denoiseImages(denoiser, y);
  const distance = (other: NDArray) => squaredDistance(estimate, other);
  return {
    jacobian: J,
    shrinkage: new NDArray(values, [d], "float64"),
    basis: new NDArray(vectors, [d, ...y.shape.slice(1)], "float64"),
    effectiveDimension: trace,
    asymmetry,
    ...(sigma !== undefined && {
      sure: sureOf(sigma, trace, distance(y), d),
      posteriorVariance: sigma ** 2 * trace,
    }),
    ...(clean !== undefined && {
      coefficients: new NDArray(
        Float64Array.from({ length: d }, (_, k) => {
          let sum = 0;
          for (let i = 0; i < d; i++) sum += vectors[k * d + i] * clean.data[i];
          return sum;
        }),
        [d],
        "float64",
      ),
      squaredError: distance(clean),
    }),
  };
}

/**
 * The per-image surrogate f_M(y) = U_M diag(s_M) V_M^T y with the M largest singular values of J. With
 * all of them it is J y = f(y).
 */
export async function lowRankDenoise(
  J: NDArray,
  noisyImage: NDArray,
  rank: number,
): Promise<NDArray> {
  const [d] = J.shape;
  const [u, s, vt] = await evaluate(linalg.svd(J.astype("float64")));
  const values = new Float64Array(d);
  for (let k = 0; k < Math.min(rank, d); k++) {
    let along = 0;
    for (let i = 0; i < d; i++) along += vt.data[k * d + i] * noisyImage.data[i];
    for (let i = 0; i < d; i++) values[i] += u.data[i * d + k] * s.data[k] * along;
  }
  return new NDArray(values, noisyImage.shape, "float64");
}

/**
 * Gradient energy of images: the sum of squared differences between neighbours, over channels, rows
 * and columns; low for smooth ones.
 *
 * @param images [n, C, H, W]
 */
export function gradientEnergy(images: NDArray): number[] {
  const [n, channels, height, width] = images.shape;
  return Array.from({ length: n }, (_, image) => {
    let energy = 0;
    for (let plane = image * channels; plane < (image + 1) * channels; plane++) {
      const at = (y: number, x: number) => images.data[(plane * height + y) * width + x];
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          if (y + 1 < height) energy += (at(y + 1, x) - at(y, x)) ** 2;
          if (x + 1 < width) energy += (at(y, x + 1) - at(y, x)) ** 2;
        }
      }
    }
    return energy;
  });
}
