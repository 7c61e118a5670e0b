/** A blind, bias-free denoiser: what it is, how it starts, what it says about a noisy image. */
import { lift, type NDArray, type Tensor, type TensorLike, zeros } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import type { Mode } from "./batchNorm.ts";
import {
  applyNetwork,
  type DenoiserParams,
  type DenoiserState,
  initialise,
  type Network,
  type ParamsLike,
  type StateLike,
} from "./layers.ts";
import { bfCnn, unet } from "./networks.ts";

export interface DenoiserOptions {
  readonly architecture: "unet" | "bf-cnn";
  /** Channels of the first level; 64 in the paper. */
  readonly channels: number;
  /** Levels of the UNet: 1 at 20 pixels a side, 2 at 40, 3 at 80, 4 at 160. */
  readonly blocks: number;
  /** 1 gray, 3 colour. */
  readonly imageChannels: number;
  /** Convolutions of the BF-CNN; 21 by default. */
  readonly layers?: number;
}

/** Parameters and state as arrays: what a training ends with. */
export interface DenoiserArrays {
  readonly params: { readonly weights: NDArray[]; readonly gammas: NDArray[] };
  readonly state: { readonly deviations: NDArray[] };
}

/** A denoiser that can be used. */
export interface TrainedDenoiser extends DenoiserArrays {
  readonly options: DenoiserOptions;
}

/**
 * The network of these options.
 *
 * @throws UsageError for sizes that are no whole numbers from 1, or a BF-CNN of fewer than 3 layers
 */
export function networkOf(options: DenoiserOptions): Network {
  const { architecture, channels, blocks, imageChannels, layers = 21 } = options;
  for (const [name, count] of Object.entries({ channels, blocks, imageChannels, layers })) {
    if (!Number.isInteger(count) || count < 1)
      throw new UsageError(`${name}: ${count} is no whole number from 1`);
  }
  if (architecture === "unet") return unet(channels, blocks, imageChannels);
  if (layers < 3) throw new UsageError(`layers: a BF-CNN has 3 at least, got ${layers}`);
  return bfCnn(channels, layers, imageChannels);
}

/** New parameters and state of a denoiser; an expression, for `jit` or `evaluate`. */
export function initDenoiser(
  key: TensorLike,
  options: DenoiserOptions,
): { params: DenoiserParams; state: DenoiserState } {
  const side = options.architecture === "unet" ? 2 ** options.blocks : 1;
  const image = lift(zeros([1, options.imageChannels, side, side]));
  return initialise(networkOf(options), lift(key), image);
}

/**
 * The estimate r(y) of the noise in y [B, C, H, W], and the next state (the same when evaluating).
 * The level of the noise is not an input. In evaluation r(c y) = c r(y) for c > 0.
 *
 * @throws UsageError when the channels do not fit or a side is not divisible by 2^blocks
 */
export function predictNoise(
  options: DenoiserOptions,
  params: ParamsLike,
  state: StateLike,
  noisy: Tensor,
  mode: Mode,
): { noise: Tensor; state: DenoiserState } {
  checkImageShape(options, noisy.shape);
  const result = applyNetwork(networkOf(options), params, state, noisy, mode);
  return { noise: result.output, state: result.state };
}

/** The estimate f(y) = y - r(y) of the clean image, in evaluation mode. */
export function denoise(
  options: DenoiserOptions,
  params: ParamsLike,
  state: StateLike,
  noisy: Tensor,
): Tensor {
  return noisy.sub(predictNoise(options, params, state, noisy, "evaluate").noise);
}

/** @throws UsageError when images of this shape do not fit the network */
export function checkImageShape(options: DenoiserOptions, shape: readonly number[]): void {
  const { architecture, blocks, imageChannels } = options;
  const shown = `[${shape.join(", ")}]`;
  if (shape.length !== 4 || shape[1] !== imageChannels)
    throw new UsageError(`images are [n, ${imageChannels}, height, width], got ${shown}`);
  const divisor = architecture === "unet" ? 2 ** blocks : 1;
  const odd = shape.slice(2).find((side) => side % divisor !== 0);
  if (odd !== undefined)
    throw new UsageError(
      `a side of ${odd} pixels is not divisible by ${divisor} = 2^${blocks}; resize, crop, or use fewer blocks`,
    );
}

/** Numbers that are trained, of parameters as arrays or as tensors not computed yet. */
export const parameterCount = ({
  params,
}: {
  readonly params: {
    readonly weights: readonly { readonly size: number }[];
    readonly gammas: readonly { readonly size: number }[];
  };
}): number => [...params.weights, ...params.gammas].reduce((sum, { size }) => sum + size, 0);
