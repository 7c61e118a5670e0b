/** A signal that all classes have in common, added to images on purpose: smooth random patterns. */
import { NDArray, random } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

export interface ClutterOptions {
  /** Strength of the patterns beside the image. */
  readonly beta: number;
  /** How many patterns; 6 by default. */
  readonly patterns?: number;
  /** Added to the coefficient of the first: the mean pattern that all images share; 2 by default. */
  readonly shift?: number;
  readonly seed: number;
}

/** Cycles a pixel at which the low-pass filter has fallen to exp(-1/2). */
const cutoff = 0.12;

/**
 * Patterns phi: white noise, of whose frequencies f (cycles a pixel) exp(-f^2 / (2 0.12^2)) is left,
 * scaled to unit deviation.
 *
 * @returns one [height width] a pattern
 */
export function smoothPatterns(
  count: number,
  height: number,
  width: number,
  seed: number,
): Float64Array[] {
  const generator = random.generator(seed);
  const [down, across] = [height, width].map(lowPass);
  return Array.from({ length: count }, () => {
    const noise = Float64Array.from({ length: height * width }, () => generator.normal());
    // exp(-(fx^2 + fy^2) / ...) is a product, so the axes are filtered one after the other.
    const rows = new Float64Array(height * width);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let u = 0; u < width; u++)
          rows[y * width + x] += across[(x - u + width) % width] * noise[y * width + u];
    const pattern = new Float64Array(height * width);
    for (let y = 0; y < height; y++)
      for (let v = 0; v < height; v++)
        for (let x = 0; x < width; x++)
          pattern[y * width + x] += down[(y - v + height) % height] * rows[v * width + x];
    const mean = pattern.reduce((sum, value) => sum + value, 0) / pattern.length;
    const variance = pattern.reduce((sum, value) => sum + (value - mean) ** 2, 0) / pattern.length;
    return pattern.map((value) => value / Math.sqrt(variance));
  });
}

/** The filter along an axis as a periodic convolution: the inverse Fourier transform of its gains. */
function lowPass(length: number): Float64Array {
  return Float64Array.from({ length }, (_, x) => {
    let sum = 0;
    for (let k = 0; k < length; k++) {
      const f = Math.min(k, length - k) / length;
      sum += Math.exp(-(f ** 2) / (2 * cutoff ** 2)) * Math.cos((2 * Math.PI * k * x) / length);
    }
    return sum / length;
  });
}

/**
 * image + beta sum_k a_k phi_k with a_k ~ N(0, 1/4), and `shift` added to a_1.
 *
 * @param images [n, 1, height, width]
 * @param stream training and test images draw coefficients of their own for the same patterns
 * @throws UsageError for images with colors
 */
export function cluttered(
  images: NDArray,
  { beta, patterns: count = 6, shift = 2, seed }: ClutterOptions,
  stream: number,
): NDArray {
  const [n, channels, height, width] = images.shape;
  if (channels !== 1)
    throw new UsageError(`clutter is added to gray images; these have ${channels} channels`);
  const patterns = smoothPatterns(count, height, width, seed);
  const generator = random.generator(seed).fork(1 + stream);
  const pixels = height * width;
  const values = Float32Array.from(images.data, Number);
  for (let image = 0; image < n; image++)
    patterns.forEach((pattern, k) => {
      const strength = beta * (0.5 * generator.normal() + (k === 0 ? shift : 0));
      for (let i = 0; i < pixels; i++) values[image * pixels + i] += strength * pattern[i];
    });
  return new NDArray(values, images.shape, "float32");
}
