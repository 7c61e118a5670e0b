/** A boosted network in place of the last layers of a deep one (section 3.6). */
import { array, type NDArray, type Tensor } from "@etude/tensor";
import { applyMerged, type MergedNetwork } from "./merge.ts";

/** Mean and spread of every feature over the training examples. */
export interface Standardisation {
  readonly mean: Float64Array;
  /** Standard deviation (divisor n); 1 for a feature that never changes. */
  readonly scale: Float64Array;
}

/** @param features phi(X): [n, p] */
export function fitStandardisation({ data, shape: [rows, width] }: NDArray): Standardisation {
  const mean = new Float64Array(width);
  const scale = new Float64Array(width);
  for (let j = 0; j < width; j++) {
    const values = Float64Array.from({ length: rows }, (_, i) => data[i * width + j]);
    mean[j] = values.reduce((sum, value) => sum + value, 0) / rows;
    const squares = values.reduce((sum, value) => sum + (value - mean[j]) ** 2, 0);
    // Rounding leaves equal values a tiny spread, and dividing by that would make noise of them.
    const changes = values.some((value) => value !== values[0]);
    scale[j] = changes ? Math.sqrt(squares / rows) : 1;
  }
  return { mean, scale };
}

/** (phi - mean) / scale: [n, p] */
export function standardise({ data, shape, dtype }: NDArray, by: Standardisation): NDArray {
  const width = shape[1];
  const values = Float64Array.from(
    data,
    (value, i) => (value - by.mean[i % width]) / by.scale[i % width],
  );
  return array(values, { shape, dtype });
}

/**
 * The network that does to raw features what `network` does to standardised ones:
 *
 *     W' = W / scale (each row by its feature),  b' = b - mean W'
 */
export function foldStandardisation(
  network: MergedNetwork,
  { mean, scale }: Standardisation,
): MergedNetwork {
  const { W, b } = network;
  const [features, units] = W.shape;
  const weights = Float64Array.from(W.data, (value, i) => value / scale[Math.floor(i / units)]);
  const biases = Float64Array.from(b.data);
  for (let i = 0; i < features; i++)
    for (let j = 0; j < units; j++) biases[j] -= mean[i] * weights[i * units + j];
  return {
    ...network,
    W: array(weights, { shape: W.shape, dtype: W.dtype }),
    b: array(biases, { dtype: b.dtype }),
  };
}

/**
 * A deep network whose last layers are a boosted network: x -> phi(x) -> outputs. The feature map
 * stays as it was trained.
 *
 * @param features phi, without the layers that are replaced: [n, ...] to [n, p]
 * @param network fitted to phi of the training examples; see {@link foldStandardisation} for one that
 * was fitted to standardised features
 * @example
 * const phi = (images: Tensor) => convolutions(params, images);
 * const classify = replaceHead(phi, foldStandardisation(mergeGbnn(model), spread));
 * const logits = await jit(classify)(images);
 */
export const replaceHead =
  (features: (x: Tensor) => Tensor, network: MergedNetwork) =>
  (x: Tensor, units?: number): Tensor =>
    applyMerged(network, features(x), units);
