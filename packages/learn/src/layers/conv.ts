/** Convolutions over one or two spatial axes, and their transposes. */
import {
  conv as convolve,
  convTranspose as convolveTransposed,
  random,
  type Shape,
  type Tensor,
  type TensorLike,
} from "@etude/tensor";
import { fail } from "../errors.ts";
import { type Fans, lecunNormal, zeros } from "../initializers.ts";
import type { WeightOptions } from "./dense.ts";

/** weight [O, I / groups, K...] (transposed: [I, O / groups, K...]), bias [O]. */
export interface ConvParams {
  weight: Tensor;
  bias?: Tensor;
}

export interface ConvInitOptions extends WeightOptions {
  /** Channels in. */
  inputs: number;
  /** Channels out. */
  outputs: number;
  /** The window: [k] for sequences, [k, k] for images; a number k stands for [k, k]. */
  kernel: number | readonly number[];
  /** As in the application; 1 by default. */
  groups?: number;
}

/** Stride, padding, dilation and groups, as of the engine's convolution. */
export type ConvOptions = NonNullable<Parameters<typeof convolve>[2]>;
export type ConvTransposeOptions = NonNullable<Parameters<typeof convolveTransposed>[2]>;

function initWith(
  key: TensorLike,
  { outputs, weight = lecunNormal(), bias = zeros(), dtype }: ConvInitOptions,
  shape: Shape,
  fans: Fans,
): ConvParams {
  const [weightKey, biasKey] = random.split(key);
  const kernel = weight(weightKey, shape, { dtype, fans });
  return bias === false
    ? { weight: kernel }
    : { weight: kernel, bias: bias(biasKey, [outputs], { dtype, fans }) };
}

function geometry(layer: string, { inputs, outputs, kernel, groups = 1 }: ConvInitOptions) {
  const window = typeof kernel === "number" ? [kernel, kernel] : kernel;
  if (inputs % groups !== 0 || outputs % groups !== 0)
    fail(`${layer}: ${inputs} channels in and ${outputs} out do not fall into ${groups} groups`);
  return { window, groups, reach: window.reduce((size, length) => size * length, 1) };
}

function init(key: TensorLike, options: ConvInitOptions): ConvParams {
  const { window, groups, reach } = geometry("conv", options);
  const { inputs, outputs } = options;
  const shape = [outputs, inputs / groups, ...window];
  return initWith(key, options, shape, {
    inputs: shape[1] * reach,
    outputs: outputs * reach,
  });
}

const addBias = (y: Tensor, bias: Tensor | undefined): Tensor =>
  bias === undefined ? y : y.add(bias.reshape([-1, ...y.shape.slice(2).map(() => 1)]));

function apply({ weight, bias }: ConvParams, x: Tensor, options: ConvOptions = {}): Tensor {
  return addBias(convolve(x, weight, options), bias);
}

/**
 * A convolution layer (cross-correlation, as everywhere in the field): [N, I, X...] to [N, O, Y...]
 * over one or two spatial axes. Without padding by default; `padding: "same"` keeps the size at
 * stride 1.
 *
 * @example
 * const params = conv.init(key, { inputs: 3, outputs: 16, kernel: 3, bias: false });
 * conv(params, images, { stride: 2, padding: 1 });
 */
export const conv = Object.assign(apply, { init });

/** Each input channel is spread over the window of all outputs of its group; the fans follow that. */
function initTransposed(key: TensorLike, options: ConvInitOptions): ConvParams {
  const { window, groups, reach } = geometry("convTranspose", options);
  const { inputs, outputs } = options;
  const shape = [inputs, outputs / groups, ...window];
  return initWith(key, options, shape, {
    inputs: (inputs / groups) * reach,
    outputs: shape[1] * reach,
  });
}

function applyTransposed(
  { weight, bias }: ConvParams,
  x: Tensor,
  options: ConvTransposeOptions = {},
): Tensor {
  return addBias(convolveTransposed(x, weight, options), bias);
}

/**
 * A transposed convolution layer, which upsamples: [N, I, X...] to [N, O, Y...] with
 * Y = (X - 1) stride - padding + reach of the window + outputPadding.
 */
export const convTranspose = Object.assign(applyTransposed, { init: initTransposed });
