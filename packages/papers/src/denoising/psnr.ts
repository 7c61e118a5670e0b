/** How much noise is taken away, in decibels. */
import { array, jit, type NDArray, random, type Tensor } from "@etude/tensor";
import type { TrainedDenoiser } from "./denoiser.ts";
import { imageRange } from "./images.ts";
import { denoiseImages } from "./jacobian.ts";

/**
 * Peak signal-to-noise ratio of each image, dB: -10 log10(||x - f||^2 / d) for intensities in [0, 1].
 *
 * @param clean [B, C, H, W]
 * @returns [B]; average these, not the squared errors
 */
export function psnr(clean: Tensor, estimate: Tensor): Tensor {
  const error = clean.sub(estimate);
  const mse = error.mul(error).reshape([clean.shape[0], -1]).mean(1);
  return mse.log().mul(-10 / Math.LN10);
}

/** PSNR of a noisy image, dB: -20 log10 sigma. */
export const inputPsnr = (sigma: number): number => -20 * Math.log10(sigma);

/** Images of one compiled call. */
const batch = 64;

/** A denoiser of images [B, C, H, W] in noise of deviation sigma, which it may know or not. */
export type ImageDenoiser = (noisy: NDArray, sigma: number) => Promise<NDArray>;

/**
 * Mean output PSNR at every noise level, dB: fresh noise for every image and level, the same for every
 * denoiser that is given the same key.
 *
 * @param images [n, C, H, W]
 */
export async function psnrCurve(
  denoiser: TrainedDenoiser | ImageDenoiser,
  images: NDArray,
  sigmas: readonly number[],
  key: NDArray,
): Promise<number[]> {
  const denoise =
    typeof denoiser === "function" ? denoiser : (noisy: NDArray) => denoiseImages(denoiser, noisy);
  const [n] = images.shape;
  const curve: number[] = [];
  for (const [level, sigma] of sigmas.entries()) {
    let sum = 0;
    for (let from = 0; from < n; from += batch) {
      const place = array(Int32Array.of(level, from));
      const clean = imageRange(images, from, Math.min(n, from + batch));
      const noisy = await withNoise(clean, sigma, key, place);
      for (const value of (await measure(clean, await denoise(noisy, sigma))).data) sum += value;
    }
    curve.push(sum / n);
  }
  return curve;
}

const measure = jit(psnr);

const withNoise = jit((clean: Tensor, sigma: Tensor, key: Tensor, place: Tensor): Tensor => {
  const noiseKey = random.foldIn(random.foldIn(key, place.slice(0)), place.slice(1));
  return clean.add(random.normal(noiseKey, clean.shape).mul(sigma));
});
