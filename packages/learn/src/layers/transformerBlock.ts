/** One layer of a transformer. */
import { random, type Tensor, type TensorLike } from "@etude/tensor";
import { glorotUniform } from "../initializers.ts";
import type { ScaleAndBias } from "./batchNorm.ts";
import { type DenseParams, dense, type WeightOptions } from "./dense.ts";
import { type Dropout, dropoutAt } from "./dropout.ts";
import {
  type MultiHeadAttentionOptions,
  type MultiHeadAttentionParams,
  multiHeadAttention,
} from "./multiHeadAttention.ts";
import { layerNorm, rmsNorm } from "./normalization.ts";

export interface TransformerBlockParams {
  attentionNorm: NormParams;
  attention: MultiHeadAttentionParams;
  expand: DenseParams;
  contract: DenseParams;
  networkNorm: NormParams;
}

/** With a bias it is layer normalisation, without one root-mean-square normalisation. */
type NormParams = ScaleAndBias | { scale: Tensor };

export interface TransformerBlockInit extends WeightOptions {
  features: number;
  heads: number;
  /** Width of the network between the attentions; 4 times the features by default. */
  hidden?: number;
  /** Layer normalisation by default. */
  norm?: "layer" | "rms";
}

export interface TransformerBlockOptions
  extends Omit<MultiHeadAttentionOptions, "memory" | "dropout"> {
  /**
   * Where the norms are: "pre" (default), x + f(norm(x)), whose gradients stay even in deep stacks;
   * "post", norm(x + f(x)), as first published.
   */
  order?: "pre" | "post";
  /** Of the network; gelu by default. */
  activation?: (x: Tensor) => Tensor;
  epsilon?: number;
  /** Of the attention's weights, of its result and of the network's; leave out for evaluation. */
  dropout?: Dropout;
}

function init(key: TensorLike, options: TransformerBlockInit): TransformerBlockParams {
  const { features, heads, hidden = 4 * features, norm = "layer", dtype } = options;
  const { weight = glorotUniform(), bias } = options;
  const [attentionKey, expandKey, contractKey] = random.split(key, 3);
  const chosen = norm === "layer" ? layerNorm : rmsNorm;
  const common = { weight, bias, dtype };
  return {
    attentionNorm: chosen.init({ features, dtype }),
    attention: multiHeadAttention.init(attentionKey, { inputs: features, heads, ...common }),
    expand: dense.init(expandKey, { inputs: features, outputs: hidden, ...common }),
    contract: dense.init(contractKey, { inputs: hidden, outputs: features, ...common }),
    networkNorm: chosen.init({ features, dtype }),
  };
}

function apply(
  params: TransformerBlockParams,
  x: Tensor,
  options: TransformerBlockOptions,
): Tensor {
  const { order = "pre", activation = (y) => y.gelu(), epsilon, dropout: drop, ...rest } = options;
  const norm = (which: NormParams, y: Tensor) =>
    "bias" in which ? layerNorm(which, y, { epsilon }) : rmsNorm(which, y, { epsilon });
  const residual = (which: NormParams, y: Tensor, f: (z: Tensor) => Tensor) =>
    order === "pre" ? y.add(f(norm(which, y))) : norm(which, y.add(f(y)));

  const ofWeights = drop && { rate: drop.rate, key: random.foldIn(drop.key, 0) };
  const attend = (y: Tensor) =>
    dropoutAt(1, multiHeadAttention(params.attention, y, { ...rest, dropout: ofWeights }), drop);
  const network = (y: Tensor) =>
    dropoutAt(2, dense(params.contract, activation(dense(params.expand, y))), drop);
  return residual(params.networkNorm, residual(params.attentionNorm, x, attend), network);
}

/**
 * A transformer block: self-attention, then a network of two layers applied to every place, each with
 * a shortcut and a normalisation (Vaswani et al. 2017; for the order of norms Xiong et al. 2020, "On
 * layer normalization in the transformer architecture").
 *
 * @param x [batch, time, features]
 * @returns [batch, time, features]
 *
 * @example
 * const params = transformerBlock.init(key, { features: 64, heads: 4 });
 * transformerBlock(params, x, { heads: 4, causal: true });
 */
export const transformerBlock = Object.assign(apply, { init });
