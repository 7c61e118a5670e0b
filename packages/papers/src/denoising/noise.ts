/** The noise a denoiser is trained with, and its loss. */
import { lift, random, type Tensor, type TensorLike } from "@etude/tensor";
import { type DenoiserOptions, predictNoise } from "./denoiser.ts";
import type { DenoiserParams, DenoiserState } from "./layers.ts";

/**
 * Noise levels sigma = u^2, u uniform on [0, 1), [count]: the density of the official code, with more
 * small levels than large ones (the paper's text says only that they are drawn from [0, 1]).
 */
export function noiseLevels(key: TensorLike, count: number): Tensor {
  const u = random.uniform(key, [count]);
  return u.mul(u);
}

/** Noise for images [B, C, H, W], each with a level of its own from `noiseLevels`. */
export function drawNoise(key: TensorLike, shape: readonly number[]): Tensor {
  const [levelKey, noiseKey] = random.split(key);
  const levels = noiseLevels(levelKey, shape[0]).reshape([-1, 1, 1, 1]);
  return random.normal(noiseKey, shape).mul(levels);
}

/**
 * Equation 14: (1/B) sum_b ||r(x_b + z_b) - z_b||^2, summed over pixels, unweighted in sigma, in
 * training mode; with the next state.
 *
 * @param clean [B, C, H, W]
 * @param key decides levels and noise
 */
export function denoisingLoss(
  options: DenoiserOptions,
  params: DenoiserParams,
  state: DenoiserState,
  clean: TensorLike,
  key: TensorLike,
): { loss: Tensor; state: DenoiserState } {
  const x = lift(clean);
  const z = drawNoise(key, x.shape);
  const predicted = predictNoise(options, params, state, x.add(z), "train");
  const error = predicted.noise.sub(z);
  return { loss: error.mul(error).sum().div(x.shape[0]), state: predicted.state };
}
