/** Self-attention without softmax (or with), as in section 3.2: what is trained, and what is set by hand. */
import { concat, type Shape, type Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

/** Scale and offset [D] of a layer norm. */
export interface LayerNorm<T = Tensor> {
  readonly scale: T;
  readonly offset: T;
}

/**
 * The weights of one layer on tokens of size D with H heads of key size K; they multiply from the right.
 *
 * query, key, value: [D, H K]; output: [H K, D], shared by all heads.
 */
export interface AttentionLayer<T = Tensor> {
  readonly query: T;
  readonly key: T;
  readonly value: T;
  readonly output: T;
  /** Before the attention; none in the main experiments. */
  readonly norm?: LayerNorm<T>;
  /** After it, with a residual: gelu between `into` [D, w D] and `outOf` [w D, D]; none in the main experiments. */
  readonly mlp?: { readonly into: T; readonly outOf: T; readonly norm?: LayerNorm<T> };
}

export interface AttentionOptions {
  /** H: 1. */
  readonly heads?: number;
  /** Softmax of q k^T / sqrt(K) in place of q k^T: false. */
  readonly softmax?: boolean;
  /** Whether the query token is a key and a value too: false. */
  readonly includeQuery?: boolean;
}

/**
 * The update A of the tokens (4, 5): with q = E W_Q, k = E_ctx W_K, v = E_ctx W_V for every head,
 *
 *     A = (q k^T) v W_O,        E_ctx the tokens but the last, the query.
 *
 * @param tokens [B, N + 1, D]
 * @returns [B, N + 1, D]
 * @throws UsageError without context, or for weights that do not fit the tokens or the heads
 */
export function selfAttention(
  layer: AttentionLayer,
  tokens: Tensor,
  options: AttentionOptions = {},
): Tensor {
  const rows = normalised(layer.norm, checkTokens(tokens));
  return attend(layer, rows, contextOf(rows, options.includeQuery), options);
}

/** The tokens that are keys and values. */
function contextOf(tokens: Tensor, includeQuery = false): Tensor {
  return includeQuery ? tokens : tokens.slice(null, [0, tokens.shape[1] - 1]);
}

function checkTokens(tokens: Tensor): Tensor {
  if (tokens.rank !== 3)
    throw new UsageError(`tokens are [tasks, length, size], got ${show(tokens.shape)}`);
  if (tokens.shape[1] < 2)
    throw new UsageError(
      `a sequence of ${tokens.shape[1]} tokens has no context; it needs a pair and the query at least`,
    );
  return tokens;
}

const show = (shape: Shape): string => `[${shape.join(", ")}]`;

/** What the rows [B, T, D] get from the context [B, N, D]. */
function attend(
  { query, key, value, output }: AttentionLayer,
  rows: Tensor,
  context: Tensor,
  { heads = 1, softmax = false }: AttentionOptions,
): Tensor {
  const [size, width] = query.shape;
  if (rows.shape[2] !== size)
    throw new UsageError(
      `tokens of size ${rows.shape[2]} meet a layer for tokens of size ${size} (inputs and targets together)`,
    );
  const keySize = width / heads;
  if (!(Number.isInteger(keySize) && Number.isInteger(heads) && heads >= 1))
    throw new UsageError(`weights of ${width} columns do not divide into ${heads} heads`);
  if (keySize === 0)
    throw new UsageError("keys of size 0 leave nothing to attend with; give a key size >= 1");
  const headsOf = (x: Tensor, weight: Tensor): Tensor => {
    const all = x.matmul(weight);
    if (heads === 1) return all;
    const [batch, length] = x.shape;
    return all.reshape([batch, length, heads, keySize]).transpose([0, 2, 1, 3]);
  };
  const logits = headsOf(rows, query).matmul(headsOf(context, key).swapAxes(-1, -2));
  const weights = softmax ? logits.div(Math.sqrt(keySize)).softmax(-1) : logits;
  const found = weights.matmul(headsOf(context, value));
  const joined = heads === 1 ? found : found.transpose([0, 2, 1, 3]);
  return joined.reshape([rows.shape[0], rows.shape[1], width]).matmul(output);
}

function normalised(norm: LayerNorm | undefined, x: Tensor): Tensor {
  return norm === undefined ? x : x.layerNorm().mul(norm.scale).add(norm.offset);
}

export interface PredictOptions extends Omit<AttentionOptions, "softmax"> {
  /** Softmax in all layers, in none (the default), or in the first alone. */
  readonly softmax?: boolean | "first";
  /** K: how often a single layer is applied; else there are as many as `layers`. */
  readonly depth?: number;
  /** Update the target part of the tokens only, as gradient descent does: false. */
  readonly yUpdateOnly?: boolean;
  /** lambda in E <- E + lambda A, in (0, 1]: 1. */
  readonly dampening?: number;
  /** Activations are kept in [-clip, clip] after each layer; 0 for not: 0. */
  readonly clip?: number;
  /** o: how many of the last entries of a token are the target: 1. */
  readonly outputs?: number;
}

/**
 * The tokens after each layer, E <- E + lambda A (6).
 *
 * @param layers one for each step, or a single one for all `depth` of them
 * @param tokens [B, N + 1, D]
 * @returns as many as layers, each [B, N + 1, D]
 */
export function tokensAfter(
  layers: readonly AttentionLayer[],
  tokens: Tensor,
  options: PredictOptions = {},
): Tensor[] {
  const stack = stackOf(layers, options);
  let current = checkTokens(tokens);
  return stack.map((layer, i) => {
    current = advance(layer, current, current, i, options);
    return current;
  });
}

/**
 * The prediction after each layer (3): minus the last entries of the query token.
 *
 * @param layers one for each step, or a single one for all `depth` of them
 * @param tokens [B, N + 1, D]
 * @returns as many as layers, each [B, o]
 */
export function predict(
  layers: readonly AttentionLayer[],
  tokens: Tensor,
  options: PredictOptions = {},
): Tensor[] {
  const stack = stackOf(layers, options);
  const { outputs = 1 } = options;
  const [length, size] = checkTokens(tokens).shape.slice(1);
  const readOut = (rows: Tensor): Tensor =>
    rows.slice(null, rows.shape[1] - 1, [size - outputs, size]).neg();
  let current = tokens;
  return stack.map((layer, i) => {
    // The last layer is read at the query alone, so only the query is brought through it.
    const rows = i < stack.length - 1 ? current : current.slice(null, [length - 1, length]);
    current = advance(layer, rows, current, i, options);
    return readOut(current);
  });
}

function stackOf(
  layers: readonly AttentionLayer[],
  { depth, dampening = 1, clip = 0 }: PredictOptions,
): readonly AttentionLayer[] {
  if (!(dampening > 0 && dampening <= 1))
    throw new UsageError(`dampening must be in (0, 1], got ${dampening}`);
  if (!(clip >= 0)) throw new UsageError(`clip must be at least 0, got ${clip}`);
  const [only] = layers;
  if (only === undefined) throw new UsageError("a model needs a layer at least");
  if (depth === undefined || depth === layers.length) return layers;
  if (layers.length > 1 || !(Number.isInteger(depth) && depth >= 1))
    throw new UsageError(
      `depth ${depth} with ${layers.length} layers: only a single layer can be applied several times`,
    );
  return new Array<AttentionLayer>(depth).fill(only);
}

/** Rows [B, T, D] of the tokens after a layer, whose context is that of `tokens`. */
function advance(
  layer: AttentionLayer,
  rows: Tensor,
  tokens: Tensor,
  place: number,
  options: PredictOptions,
): Tensor {
  const { softmax = false, dampening = 1, clip = 0, yUpdateOnly, outputs = 1 } = options;
  const kept = (x: Tensor): Tensor => (clip > 0 ? x.minimum(clip).maximum(-clip) : x);
  const damped = (x: Tensor): Tensor => (dampening === 1 ? x : x.mul(dampening));
  const context = contextOf(normalised(layer.norm, tokens), options.includeQuery);
  const isSoft = softmax === "first" ? place === 0 : softmax;
  const update = attend(layer, normalised(layer.norm, rows), context, {
    ...options,
    softmax: isSoft,
  });
  const size = rows.shape[2];
  const moved = yUpdateOnly
    ? concat(
        [
          rows.slice(null, null, [0, size - outputs]),
          rows
            .slice(null, null, [size - outputs, size])
            .add(damped(update.slice(null, null, [size - outputs, size]))),
        ],
        -1,
      )
    : rows.add(damped(update));
  const attended = kept(moved);
  if (layer.mlp === undefined) return attended;
  const { into, outOf, norm } = layer.mlp;
  const hidden = normalised(norm, attended).matmul(into).gelu({ approximate: "tanh" });
  return kept(attended.add(damped(hidden.matmul(outOf))));
}
