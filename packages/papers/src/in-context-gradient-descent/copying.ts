/** Inputs and targets in tokens of their own: a layer that copies, then one that descends (section 3.9). */
import { sinusoidalEncoding } from "@etude/learn";
import {
  concat,
  grad,
  iota,
  lift,
  type NDArray,
  random,
  type Tensor,
  type TensorLike,
  vmap,
} from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { type AttentionLayer, predict, tokensAfter } from "./attention.ts";
import { initialLayer, type Regressor } from "./regressors.ts";
import { checkSize, separateTokens } from "./tasks.ts";

export interface CopyingModel {
  /** d */
  readonly inputSize: number;
  /** N */
  readonly contextLength: number;
  /** Numbers that say where a token stands, even: 10. */
  readonly positionSize?: number;
  /** K, with weights of their own: 2. */
  readonly layers?: number;
}

/** Two layers on separate tokens, and what their first layer is made of. */
export interface CopyingRegressor extends Regressor<readonly AttentionLayer[]> {
  /** Tokens after the first layer, [B, 2 N + 1, d + positions], of separate tokens [B, 2 N + 1, d]. */
  firstLayer(params: readonly AttentionLayer[], separate: Tensor): Tensor;
}

/**
 * A model of separate tokens with sinusoidal positions behind them: softmax attention first, which can
 * copy, then linear attention. It takes tasks as pairs, like every regressor here, and separates them
 * itself. The prediction is minus the last entry of the query, which is one of its position: the
 * second layer learns to take that off.
 */
export function copyingRegressor(model: CopyingModel): CopyingRegressor {
  const { inputSize, contextLength, positionSize = 10, layers = 2 } = model;
  checkSize("inputSize", inputSize);
  checkSize("contextLength", contextLength);
  checkSize("layers", layers);
  if (!(positionSize >= 2 && positionSize % 2 === 0))
    throw new UsageError(`positionSize must be even and at least 2, got ${positionSize}`);
  const positions = positionTable(2 * contextLength + 1, positionSize);
  const placed = (separate: Tensor): Tensor => {
    const [batch, length] = separate.shape;
    if (length !== positions.shape[0])
      throw new UsageError(
        `a context of ${(length - 1) / 2} pairs meets a model for ${contextLength}`,
      );
    return concat([separate, lift(positions).broadcastTo([batch, ...positions.shape])], -1);
  };
  return Object.assign(
    (params: readonly AttentionLayer[], tokens: Tensor) =>
      predict(params, placed(separateTokens(tokens)), { softmax: "first" }).map((p) =>
        p.squeeze(-1),
      ),
    {
      init: (key: TensorLike) =>
        random
          .split(key, layers)
          .map((one) =>
            initialLayer(one, { size: inputSize + positionSize, scale: 0.02 / layers }),
          ),
      firstLayer: (params: readonly AttentionLayer[], separate: Tensor) =>
        tokensAfter(params.slice(0, 1), placed(separate), { softmax: "first" })[0],
    },
  );
}

/** Sinusoidal positions [length, size]: sin and cos of p / 10000^(2 k / size), in turns. */
export const positionTable = (length: number, size: number): NDArray =>
  sinusoidalEncoding(length, size);

/** How much a token of the context after the first layer depends on tokens before it. */
export interface CopyScore<T = Tensor> {
  /** On its own. */
  readonly own: T;
  /** On the next one, where the target of an input stands. */
  readonly next: T;
  /** On the others, the mean of them. */
  readonly other: T;
}

/**
 * The copy score (22): the norm of the mean over tasks of d sum(h_j) / d e_l, h after the first layer,
 * for l = j, l = j + 1 and all other l of the sequence, averaged over the context tokens j = 1 ... 2 N - 1.
 *
 * @param firstLayer tokens after the first layer from separate tokens
 * @param separate [B, 2 N + 1, d]
 */
export function copyScore(firstLayer: (separate: Tensor) => Tensor, separate: Tensor): CopyScore {
  const [, length] = separate.shape;
  const count = length - 2;
  const dependence = (place: Tensor): Tensor => {
    const summed = (tokens: Tensor): Tensor => {
      const chosen = iota(length).equal(place).astype(tokens.dtype).expandDims(-1);
      return firstLayer(tokens).mul(chosen).sum();
    };
    const mean = grad(summed)(separate).mean(0); // [2 N + 1, d]
    return mean.mul(mean).sum(-1).sqrt();
  };
  const norms = vmap(dependence)(iota(count)); // [j, l]
  const own = norms.slice(null, [0, count]).diagonal();
  const next = norms.slice(null, [1, count + 1]).diagonal();
  const other = norms
    .sum(-1)
    .sub(own)
    .sub(next)
    .div(length - 2);
  return { own: own.mean(), next: next.mean(), other: other.mean() };
}
