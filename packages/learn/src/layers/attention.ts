/** Attention: sums of values, weighted by how queries and keys match. */
import { array, lift, type NDArray, ones as oneArray, type Tensor } from "@etude/tensor";
import { fail, showShape } from "../errors.ts";
import { type Dropout, dropout } from "./dropout.ts";

export interface AttentionOptions {
  /**
   * What makes weights of the scores q . k:
   * - "softmax" (default): the softmax over the keys (Vaswani et al. 2017, eq. 1);
   * - "linear": the scores themselves, as in studies of in-context learning (von Oswald et al. 2023,
   *   "Transformers learn in-context by gradient descent", eq. 3);
   * - "kernel": scores of positive features elu(x) + 1 over their sum (Katharopoulos et al. 2020,
   *   "Transformers are RNNs", eq. 4 and 7).
   */
  weights?: "softmax" | "linear" | "kernel";
  /** Factor of the scores; 1 / sqrt(features) for softmax and 1 otherwise. "kernel" has none. */
  scale?: number;
  /** bool, broadcasts to [..., queries, keys]: true where a query may look at a key. */
  mask?: Tensor;
  /**
   * A query sees only keys at or before its own place; the last query is at the place of the last
   * key.
   */
  causal?: boolean;
  /** Of the weights; leave out for evaluation. */
  dropout?: Dropout;
}

/**
 * Attention over the last two axes.
 *
 * A query that may look at no key at all gets the plain mean of the values with "softmax", and zeros
 * otherwise. Without a mask "linear" and "kernel" take time proportional to the length of the
 * sequence, not to its square.
 *
 * @param query [..., queries, features]
 * @param key [..., keys, features]
 * @param value [..., keys, valueFeatures]
 * @returns [..., queries, valueFeatures]
 */
export function attention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: AttentionOptions = {},
): Tensor {
  const features = query.shape[query.rank - 1];
  if (
    features !== key.shape[key.rank - 1] ||
    key.shape[key.rank - 2] !== value.shape[value.rank - 2]
  ) {
    fail(
      `attention: queries ${showShape(query.shape)}, keys ${showShape(key.shape)} and values ` +
        `${showShape(value.shape)} do not fit: queries and keys share features, keys and values places`,
    );
  }
  switch (options.weights ?? "softmax") {
    case "softmax":
      return softmaxAttention(query, key, value, options);
    case "linear":
      return linearAttention(query.mul(options.scale ?? 1), key, value, options);
    case "kernel": {
      if (options.scale !== undefined)
        fail('attention: "kernel" weights add up to 1 whatever the scale; leave it out');
      const [q, k] = [query.elu().add(1), key.elu().add(1)];
      const ones = lift(oneArray([value.shape[value.rank - 2], 1], value.dtype));
      const total = linearAttention(q, k, ones, { ...options, dropout: undefined });
      return linearAttention(q, k, value, options).div(total.maximum(tiny));
    }
  }
}

/** Keeps 0 / 0 out where a query sees nothing; far below any sum of features that counts. */
const tiny = 1e-30;

/** Added to scores that do not count: finite, so that a row of nothing else has no NaN. */
const never = -1e30;

function softmaxAttention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions): Tensor {
  const scale = options.scale ?? 1 / Math.sqrt(q.shape[q.rank - 1]);
  let scores = q.mul(scale).matmul(k.swapAxes(-1, -2));
  if (options.causal) scores = scores.add(causalMask(scores, never, 0));
  if (options.mask) scores = scores.add(options.mask.astype(scores.dtype).sub(1).mul(-never));
  const weights = scores.softmax();
  return (options.dropout ? dropout(weights, options.dropout) : weights).matmul(v);
}

function linearAttention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions): Tensor {
  const transposed = k.swapAxes(-1, -2);
  const whole = !options.causal && options.mask === undefined && options.dropout === undefined;
  // (q k^T) v = q (k^T v): the smaller of the two inner matrices.
  if (whole && k.shape[k.rank - 2] > v.shape[v.rank - 1]) return q.matmul(transposed.matmul(v));
  let scores = q.matmul(transposed);
  if (options.causal) scores = scores.mul(causalMask(scores, 0, 1));
  if (options.mask) scores = scores.mul(options.mask.astype(scores.dtype));
  return (options.dropout ? dropout(scores, options.dropout) : scores).matmul(v);
}

/** A matrix of two numbers: one for keys that come after the query, one for those that do not. */
function causalMask({ shape, dtype }: Tensor, after: number, upTo: number): NDArray {
  const [queries, keys] = shape.slice(-2);
  const values = Array.from({ length: queries * keys }, (_, at) =>
    (at % keys) - (keys - queries) > Math.floor(at / keys) ? after : upTo,
  );
  return array(values, { shape: [queries, keys], dtype });
}
