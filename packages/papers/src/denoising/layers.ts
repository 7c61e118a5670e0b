/**
 * A network is written once, as a function of the layers it is made of. Run on `creating` layers it
 * makes its parameters, run on `applying` layers it uses them, in the order in which it asks.
 */
import {
  conv,
  convTranspose,
  lift,
  ones,
  random,
  type Tensor,
  type TensorLike,
} from "@etude/tensor";
import { biasFreeBatchNorm, type Mode } from "./batchNorm.ts";

/** The operations of a bias-free denoiser. All of them are homogeneous of degree 1 in evaluation. */
export interface Layers {
  /** 3x3 convolution, padded with zeros to keep the size: [B, C, H, W] to [B, outputs, H, W]. */
  conv(x: Tensor, outputs: number): Tensor;
  /** 2x2 transposed convolution with stride 2: [B, C, H, W] to [B, outputs, 2 H, 2 W]. */
  up(x: Tensor, outputs: number): Tensor;
  /** Bias-free batch normalisation. */
  norm(x: Tensor): Tensor;
}

export interface DenoiserParams {
  /** Kernels in the order of use: [out, in, 3, 3], or [in, out, 2, 2] of transposed convolutions. */
  weights: Tensor[];
  /** Factors of the normalisations in the order of use, [C] each. */
  gammas: Tensor[];
}

/** What evaluation needs besides the parameters. */
export interface DenoiserState {
  /** Running standard deviations in the order of use, [C] each. */
  deviations: Tensor[];
}

/** Parameters and state as tensors or, when they are constants of the graph, as arrays. */
export interface ParamsLike {
  readonly weights: readonly TensorLike[];
  readonly gammas: readonly TensorLike[];
}
export interface StateLike {
  readonly deviations: readonly TensorLike[];
}

export type Network = (layers: Layers, x: Tensor) => Tensor;

const convolve = (x: Tensor, weight: Tensor): Tensor => conv(x, weight, { padding: 1 });
const upsample = (x: Tensor, weight: Tensor): Tensor => convTranspose(x, weight, { stride: 2 });

/** Gammas start as normal numbers of this deviation, cut at +-0.025: of either sign, and small. */
const gammaDeviation = 2 / 9 / 64;
const gammaLimit = 0.025;

/**
 * New parameters for a network: kernels normal with variance 2 / fan-in, small gammas, running
 * deviations 1. The fan-in of a transposed convolution counts outputs times the window, as the
 * official code has it.
 *
 * @param x any input of the right number of channels; its values do not matter
 */
export function initialise(
  network: Network,
  key: Tensor,
  x: Tensor,
): { params: DenoiserParams; state: DenoiserState } {
  const params: DenoiserParams = { weights: [], gammas: [] };
  const state: DenoiserState = { deviations: [] };
  const weight = (shape: readonly number[], fanIn: number): Tensor => {
    const made = random.normal(random.foldIn(key, 2 * params.weights.length), shape);
    params.weights.push(made.mul(Math.sqrt(2 / fanIn)));
    return params.weights[params.weights.length - 1];
  };
  network(
    {
      conv: (input, outputs) => {
        const [, inputs] = input.shape;
        return convolve(input, weight([outputs, inputs, 3, 3], 9 * inputs));
      },
      up: (input, outputs) => upsample(input, weight([input.shape[1], outputs, 2, 2], 4 * outputs)),
      norm: (input) => {
        const [, channels] = input.shape;
        const drawn = random.normal(random.foldIn(key, 2 * params.gammas.length + 1), [channels]);
        params.gammas.push(drawn.mul(gammaDeviation).maximum(-gammaLimit).minimum(gammaLimit));
        state.deviations.push(lift(ones([channels])));
        return input;
      },
    },
    x,
  );
  return { params, state };
}

/** The network with these parameters, and the state after it. */
export function applyNetwork(
  network: Network,
  params: ParamsLike,
  state: StateLike,
  x: Tensor,
  mode: Mode,
): { output: Tensor; state: DenoiserState } {
  let used = 0;
  const deviations: Tensor[] = [];
  const output = network(
    {
      conv: (input) => convolve(input, lift(params.weights[used++])),
      up: (input) => upsample(input, lift(params.weights[used++])),
      norm: (input) => {
        const at = deviations.length;
        const [y, next] = biasFreeBatchNorm(
          input,
          lift(params.gammas[at]),
          lift(state.deviations[at]),
          mode,
        );
        deviations.push(next);
        return y;
      },
    },
    x,
  );
  return { output, state: { deviations } };
}
