/** Weights in a form in which two layers can be compared, and their mean (19). */
import { array, eye, type NDArray } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import type { AttentionLayer } from "./attention.ts";

/** What the forward pass of a linear layer with one head depends on; [D, D] each. */
export interface Products {
  /** W_Q W_K^T */
  readonly KQ: NDArray;
  /** W_V W_O */
  readonly PV: NDArray;
}

export interface InterpolationOptions {
  /** d: of the trained layer's tokens, D - 1 by default. */
  readonly inputSize?: number;
  /** Of the layer: 1. */
  readonly heads?: number;
  /** Of the layer: false. */
  readonly softmax?: boolean;
  /** Different layers of the model; they must be one, shared by all steps: 1. */
  readonly layers?: number;
}

/**
 * The products of a layer, scaled so that the first d diagonal entries of KQ have the mean 1: what W_Q
 * gains and W_O loses by a factor is no difference.
 *
 * @throws UsageError for more than one head, softmax or layers that are not shared, for which no such
 * products exist, and where that mean is within 1e-8 of 0
 */
export function normalisedProducts(
  layer: AttentionLayer<NDArray>,
  options: InterpolationOptions = {},
): Products {
  const { heads = 1, softmax = false, layers = 1 } = options;
  const [size] = layer.query.shape;
  const { inputSize = size - 1 } = options;
  if (heads !== 1)
    throw new UsageError(`weights of ${heads} heads have no common product; one head is needed`);
  if (softmax) throw new UsageError("weights under a softmax cannot be interpolated; linear only");
  if (layers !== 1)
    throw new UsageError(
      `${layers} different layers cannot be interpolated at once; share the weights`,
    );
  const KQ = product(layer.query, layer.key, true);
  const PV = product(layer.value, layer.output, false);
  let c = 0;
  for (let i = 0; i < inputSize; i++) c += KQ.data[i * size + i] / inputSize;
  if (Math.abs(c) < 1e-8)
    throw new UsageError(
      `the diagonal of W_Q W_K^T has the mean ${c}; a layer that is not trained has no scale to compare by`,
    );
  return { KQ: times(KQ, 1 / c), PV: times(PV, c) };
}

/**
 * The layer half-way between a trained and a constructed one (19): the means of their products, W_K and
 * W_V being identities.
 *
 * @throws UsageError as {@link normalisedProducts}, and for layers of different sizes
 */
export function interpolate(
  trained: AttentionLayer<NDArray>,
  constructed: AttentionLayer<NDArray>,
  options: InterpolationOptions = {},
): AttentionLayer<NDArray> {
  const [size] = trained.query.shape;
  if (constructed.query.shape[0] !== size)
    throw new UsageError(
      `layers for tokens of sizes ${size} and ${constructed.query.shape[0]} cannot be interpolated`,
    );
  const [a, b] = [normalisedProducts(trained, options), normalisedProducts(constructed, options)];
  const identity = array(eye(size));
  return { query: mean(a.KQ, b.KQ), key: identity, value: identity, output: mean(a.PV, b.PV) };
}

/** The largest entry of KQ, in size, beside the diagonal of the inputs. */
export function largestOffDiagonal({ KQ }: Products, inputSize = KQ.shape[0] - 1): number {
  const [size] = KQ.shape;
  return Array.from(KQ.data).reduce((most, value, at) => {
    const [row, column] = [Math.floor(at / size), at % size];
    return row === column && row < inputSize ? most : Math.max(most, Math.abs(value));
  }, 0);
}

/** A B, or A B^T. */
function product(a: NDArray, b: NDArray, transposed: boolean): NDArray {
  const [rows, inner] = a.shape;
  const columns = transposed ? b.shape[0] : b.shape[1];
  const values = Float32Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let k = 0; k < inner; k++)
      sum += a.data[i * inner + k] * b.data[transposed ? j * inner + k : k * columns + j];
    return sum;
  });
  return array(values, { shape: [rows, columns] });
}

const times = ({ data, shape }: NDArray, factor: number): NDArray =>
  array(
    Float32Array.from(data, (value) => value * factor),
    { shape },
  );

const mean = (a: NDArray, b: NDArray): NDArray =>
  array(
    Float32Array.from(a.data, (value, i) => (value + b.data[i]) / 2),
    { shape: a.shape },
  );
