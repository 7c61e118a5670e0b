/** Attention in several subspaces at once. */
import { random, type Tensor, type TensorLike } from "@etude/tensor";
import { fail, showShape } from "../errors.ts";
import { glorotUniform } from "../initializers.ts";
import { type AttentionOptions, attention } from "./attention.ts";
import { type DenseParams, dense, type WeightOptions } from "./dense.ts";
import { type RotaryOptions, rotary } from "./positions.ts";

/** Projections to [heads * headSize] and back; the heads lie side by side. */
export interface MultiHeadAttentionParams {
  query: DenseParams;
  key: DenseParams;
  value: DenseParams;
  output: DenseParams;
}

export interface MultiHeadAttentionInit extends WeightOptions {
  /** Features of x. */
  inputs: number;
  heads: number;
  /** Features of a head's queries, keys and values; inputs / heads by default. */
  headSize?: number;
  /** Features of the memory attended to; those of x by default. */
  memoryInputs?: number;
  /** Features of the result; those of x by default. */
  outputs?: number;
}

export interface MultiHeadAttentionOptions extends AttentionOptions {
  heads: number;
  /** What keys and values are made of (cross-attention): [batch, places, memoryInputs]; x by default. */
  memory?: Tensor;
  /** Turn queries and keys by their positions; see {@link rotary}. */
  rotary?: RotaryOptions | true;
}

/** Weights are Glorot-uniform by default. */
function init(key: TensorLike, options: MultiHeadAttentionInit): MultiHeadAttentionParams {
  const { inputs, heads, memoryInputs = inputs, outputs = inputs } = options;
  const headSize = options.headSize ?? inputs / heads;
  if (!Number.isInteger(headSize)) {
    fail(
      `multiHeadAttention: ${inputs} features do not divide into ${heads} heads; choose a headSize`,
    );
  }
  const { weight = glorotUniform(), bias, dtype } = options;
  const keys = random.split(key, 4);
  const project = (place: number, from: number, to: number) =>
    dense.init(keys[place], { inputs: from, outputs: to, weight, bias, dtype });
  return {
    query: project(0, inputs, heads * headSize),
    key: project(1, memoryInputs, heads * headSize),
    value: project(2, memoryInputs, heads * headSize),
    output: project(3, heads * headSize, outputs),
  };
}

function apply(
  params: MultiHeadAttentionParams,
  x: Tensor,
  options: MultiHeadAttentionOptions,
): Tensor {
  const { heads, memory = x, mask, rotary: turn, ...rest } = options;
  if (x.rank !== 3 || memory.rank !== 3)
    fail(
      `multiHeadAttention: expected [batch, time, features], got ${showShape(x.shape)}` +
        (memory === x ? "" : ` and a memory of ${showShape(memory.shape)}`),
    );
  const width = params.query.weight.shape[1];
  if (width % heads !== 0)
    fail(`multiHeadAttention: parameters of width ${width} do not divide into ${heads} heads`);
  const split = (y: Tensor) =>
    y.reshape([y.shape[0], y.shape[1], heads, y.shape[2] / heads]).transpose([0, 2, 1, 3]);
  const placed = (y: Tensor) =>
    turn === undefined ? y : rotary(y, turn === true ? undefined : turn);
  const y = attention(
    placed(split(dense(params.query, x))),
    placed(split(dense(params.key, memory))),
    split(dense(params.value, memory)),
    // One mask a batch member serves all of its heads.
    { ...rest, mask: mask?.rank === 3 ? mask.expandDims(1) : mask },
  );
  const joined = y.transpose([0, 2, 1, 3]);
  return dense(params.output, joined.reshape([joined.shape[0], joined.shape[1], -1]));
}

/**
 * Multi-head attention (Vaswani et al. 2017, section 3.2.2): queries from x, keys and values from x
 * or from a memory, each projected for every head, and the heads' results projected together.
 *
 * The mask is [queries, keys], [batch, queries, keys] or [batch, heads, queries, keys], each length
 * possibly 1; for padded sequences [batch, 1, keys].
 *
 * @param x [batch, time, inputs]
 * @returns [batch, time, outputs]
 *
 * @example
 * const params = multiHeadAttention.init(key, { inputs: 64, heads: 4 });
 * multiHeadAttention(params, x, { heads: 4, causal: true, rotary: true });
 */
export const multiHeadAttention = Object.assign(apply, { init });
