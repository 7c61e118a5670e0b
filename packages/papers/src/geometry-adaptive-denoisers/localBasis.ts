/** What the bases of a denoiser's Jacobians are like: their order, their shrinkage, what they hold. */
import { spearman } from "@etude/learn";
import { NDArray, type random } from "@etude/tensor";
import {
  adaptiveBasis,
  denoiseImages,
  gradientEnergy,
  imageRange,
  sureOf,
  type TrainedDenoiser,
  topEigenpairs,
  traceEstimate,
} from "../denoising/index.ts";

export interface LocalBasis {
  /** lambda_k, descending: all of them, or the first so many of a large image. */
  readonly shrinkage: number[];
  /** ||grad e_k||^2 of the eigenvectors looked at. */
  readonly energies: number[];
  /** The eigenvectors looked at, unit vectors as rows, [k, C, H, W]. */
  readonly leading: NDArray;
  readonly effectiveDimension: number;
  /** NaN for a large image: it takes the whole Jacobian. */
  readonly asymmetry: number;
  readonly sure: number;
  readonly posteriorVariance: number;
  readonly squaredError: number;
}

/** Images of more pixels than this are looked at by products with their Jacobian only. */
export const wholeJacobian = 2048;
/** Random vectors of the estimate of the trace there. */
const traceDraws = 16;

/** One image with noise of deviation sigma. */
export function noisyImage(clean: NDArray, sigma: number, draw: random.Generator): NDArray {
  const values = Float32Array.from(clean.data, (value) => value + sigma * draw.normal());
  return new NDArray(values, clean.shape, "float32");
}

/**
 * The first `count` eigenvectors of (J + J^T) / 2 at a noisy image with their gradient energy, and the
 * identities (7) and (10) there.
 *
 * @param clean [1, C, H, W]
 */
export async function localBasis(
  denoiser: TrainedDenoiser,
  clean: NDArray,
  sigma: number,
  count: number,
  draw: random.Generator,
): Promise<LocalBasis> {
  const noisy = noisyImage(clean, sigma, draw);
  const { size, shape } = noisy;
  const k = Math.min(count, size);
  if (size <= wholeJacobian) {
    const whole = await adaptiveBasis(denoiser, noisy, { clean, sigma });
    const leading = imageRange(whole.basis, 0, k);
    return {
      shrinkage: Array.from(whole.shrinkage.data),
      energies: gradientEnergy(leading),
      leading,
      effectiveDimension: whole.effectiveDimension,
      asymmetry: whole.asymmetry,
      sure: whole.sure ?? Number.NaN,
      posteriorVariance: whole.posteriorVariance ?? Number.NaN,
      squaredError: whole.squaredError ?? Number.NaN,
    };
  }
  const { values, vectors } = await topEigenpairs(denoiser, noisy, k, draw);
  const { trace } = await traceEstimate(denoiser, noisy, traceDraws, draw);
  const estimate = await denoiseImages(denoiser, noisy);
  const distance = (other: NDArray) =>
    Array.from(estimate.data).reduce((sum, value, i) => sum + (other.data[i] - value) ** 2, 0);
  const rows = new Float64Array(k * size);
  vectors.forEach((vector, i) => {
    rows.set(vector, i * size);
  });
  const leading = new NDArray(rows, [k, ...shape.slice(1)], "float64");
  return {
    shrinkage: Array.from(values),
    energies: gradientEnergy(leading),
    leading,
    effectiveDimension: trace,
    asymmetry: Number.NaN,
    sure: sureOf(sigma, trace, distance(noisy), size),
    posteriorVariance: sigma ** 2 * trace,
    squaredError: distance(clean),
  };
}

/** Rank correlation of k with the gradient energy of e_k: near 1 when the basis goes from smooth to fine. */
export const harmonicOrder = ({ energies }: LocalBasis): number =>
  spearman(
    energies.map((_, k) => k),
    energies,
  );

/**
 * The share of an image's energy outside the first rows of an orthonormal basis.
 *
 * @param rows unit vectors one after the other, of as many numbers as the image has
 */
export function residualEnergy(image: NDArray, rows: ArrayLike<number>, count: number): number {
  const { size, data } = image;
  let [total, held] = [0, 0];
  for (let i = 0; i < size; i++) total += data[i] ** 2;
  for (let k = 0; k < count; k++) {
    let along = 0;
    for (let i = 0; i < size; i++) along += rows[k * size + i] * data[i];
    held += along ** 2;
  }
  return 1 - held / total;
}
