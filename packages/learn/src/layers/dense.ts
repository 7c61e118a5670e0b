/** Affine maps of the last axis. */
import { random, type Tensor, type TensorLike } from "@etude/tensor";
import { type Initializer, lecunNormal, zeros } from "../initializers.ts";

/** weight [inputs, outputs], bias [outputs]. */
export interface DenseParams {
  weight: Tensor;
  bias?: Tensor;
}

export interface WeightOptions {
  /** How the weight starts; {@link lecunNormal} by default. */
  weight?: Initializer;
  /** How the bias starts, zero by default; false for none. */
  bias?: Initializer | false;
  /** float32 by default. */
  dtype?: random.FloatType;
}

export interface DenseOptions extends WeightOptions {
  inputs: number;
  outputs: number;
}

function init(key: TensorLike, options: DenseOptions): DenseParams {
  const { inputs, outputs, weight = lecunNormal(), bias = zeros(), dtype } = options;
  const [weightKey, biasKey] = random.split(key);
  const fans = { inputs, outputs };
  const matrix = weight(weightKey, [inputs, outputs], { dtype, fans });
  return bias === false
    ? { weight: matrix }
    : { weight: matrix, bias: bias(biasKey, [outputs], { dtype, fans }) };
}

function apply({ weight, bias }: DenseParams, x: Tensor): Tensor {
  const y = x.matmul(weight);
  return bias === undefined ? y : y.add(bias);
}

/**
 * A fully connected layer: y = x W + b on the last axis.
 *
 * @param x [..., inputs]
 * @returns [..., outputs]
 */
export const dense = Object.assign(apply, { init });
