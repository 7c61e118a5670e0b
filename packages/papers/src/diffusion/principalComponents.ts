/** The linear autoencoder: pictures as their first principal components, for models of few dimensions. */
import { array, jit, linalg, NDArray, type Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

export interface PrincipalComponents {
  /** Shape of a picture, [C, H, W] for instance. */
  readonly shape: readonly number[];
  /** float64 [D]. */
  readonly mean: NDArray;
  /** Orthonormal columns, those of most variance first: float64 [D, d]. */
  readonly basis: NDArray;
  /** Latents are divided by this, so that their overall standard deviation is 1. */
  readonly scale: number;
  /** Share of the variance that is kept. */
  readonly explained: number;
}

const spectrum = jit((centred: Tensor) =>
  linalg.eigh(centred.transpose().matmul(centred).div(centred.shape[0])),
);

/**
 * Principal components of pictures [N, ...], from the first `fitted` of them.
 *
 * @param dimensions at most the values of a picture
 * @throws UsageError for more
 */
export async function principalComponents(
  pictures: NDArray,
  dimensions: number,
  fitted = pictures.shape[0],
): Promise<PrincipalComponents> {
  const [count, ...shape] = pictures.shape;
  const width = shape.reduce((product, length) => product * length, 1);
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > width)
    throw new UsageError(`${dimensions} components of pictures with ${width} values`);
  const used = Math.min(fitted, count);
  const mean = new Float64Array(width);
  for (let i = 0; i < used; i++)
    for (let j = 0; j < width; j++) mean[j] += pictures.data[i * width + j] / used;
  const centred = new Float64Array(used * width);
  for (let i = 0; i < centred.length; i++) centred[i] = pictures.data[i] - mean[i % width];
  const [values, vectors] = await spectrum(new NDArray(centred, [used, width], "float64"));
  const basis = new Float64Array(width * dimensions);
  let kept = 0;
  for (let j = 0; j < dimensions; j++) {
    const from = width - 1 - j; // eigenvalues ascend
    kept += values.data[from];
    for (let i = 0; i < width; i++) basis[i * dimensions + j] = vectors.data[i * width + from];
  }
  const total = Array.from(values.data, Number).reduce((sum, value) => sum + value, 0);
  return {
    shape,
    mean: new NDArray(mean, [width], "float64"),
    basis: new NDArray(basis, [width, dimensions], "float64"),
    scale: Math.sqrt(kept / dimensions) || 1,
    explained: total > 0 ? kept / total : 1,
  };
}

/** Latents of pictures, [N, d], in a dtype; an expression. */
export function encodePictures(components: PrincipalComponents, pictures: Tensor): Tensor {
  const dtype = pictures.dtype === "float64" ? "float64" : "float32";
  const { mean, basis, scale } = components;
  return pictures
    .reshape([pictures.shape[0], -1])
    .sub(mean.astype(dtype))
    .matmul(basis.astype(dtype))
    .div(scale);
}

/** Pictures of latents, [N, ...shape]; an expression. */
export function decodePictures(components: PrincipalComponents, latents: Tensor): Tensor {
  const dtype = latents.dtype === "float64" ? "float64" : "float32";
  const { mean, basis, scale, shape } = components;
  const [width, d] = basis.shape;
  const back = new Float64Array(d * width);
  for (let i = 0; i < width; i++)
    for (let j = 0; j < d; j++) back[j * width + i] = basis.data[i * d + j] * scale;
  return latents
    .matmul(array(back, { shape: [d, width], dtype }))
    .add(mean.astype(dtype))
    .reshape([latents.shape[0], ...shape]);
}
