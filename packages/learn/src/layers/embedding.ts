/** Vectors for symbols. */
import type { random, Tensor, TensorLike } from "@etude/tensor";
import { type Initializer, normal } from "../initializers.ts";

/** weight [symbols, features]. */
export interface EmbeddingParams {
  weight: Tensor;
}

export interface EmbeddingOptions {
  /** How many different symbols there are. */
  symbols: number;
  features: number;
  /** Standard normal by default. */
  weight?: Initializer;
  dtype?: random.FloatType;
}

function init(key: TensorLike, options: EmbeddingOptions): EmbeddingParams {
  const { symbols, features, weight = normal({ deviation: 1 }), dtype } = options;
  return { weight: weight(key, [symbols, features], { dtype }) };
}

/**
 * Rows of a table: int32 positions [...] to [..., features]. A position outside the table is an error
 * when it runs.
 */
export const embedding = Object.assign(
  ({ weight }: EmbeddingParams, positions: Tensor): Tensor => weight.gather(positions),
  { init },
);
