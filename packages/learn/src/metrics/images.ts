/** How alike images are. */
import type { NDArray } from "@etude/tensor";
import { fail, showShape } from "../errors.ts";
import { pairsOf } from "./arguments.ts";
import { meanSquaredError } from "./regression.ts";

export interface ImageOptions {
  /** The difference between the largest and the smallest value an image may have; 1 by default. */
  peak?: number;
}

/**
 * The peak signal-to-noise ratio in decibels, 10 log10(peak^2 / mean squared error); infinite for
 * equal images.
 */
export function psnr(image: NDArray, reference: NDArray, { peak = 1 }: ImageOptions = {}): number {
  return 10 * Math.log10(peak ** 2 / meanSquaredError(image, reference));
}

/** The window: 11 weights of a Gaussian with deviation 1.5, which add up to 1. */
const radius = 5;
const window = (() => {
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * 1.5 ** 2)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
})();

/**
 * Structural similarity: the mean over all places of
 *
 *     (2 m_x m_y + c_1) (2 s_xy + c_2) / ((m_x^2 + m_y^2 + c_1) (s_x^2 + s_y^2 + c_2))
 *
 * with means, variances and covariance under a Gaussian window of 11 x 11, deviation 1.5, where it
 * fits into the image, c_1 = (0.01 peak)^2 and c_2 = (0.03 peak)^2 (Wang et al. 2004, "Image quality
 * assessment: from error visibility to structural similarity").
 *
 * @param image [..., height, width]; the mean over leading axes (channels, examples)
 * @param reference of the same shape
 * @throws if an image is smaller than the window.
 */
export function ssim(image: NDArray, reference: NDArray, { peak = 1 }: ImageOptions = {}): number {
  const [x, y] = pairsOf("ssim", ["pixels", "pixels of the reference"], image, reference);
  const [height, width] = image.shape.slice(-2);
  if (image.rank < 2 || height < window.length || width < window.length)
    fail(`ssim: images ${showShape(image.shape)} do not hold a window of 11 x 11`);
  const [c1, c2] = [(0.01 * peak) ** 2, (0.03 * peak) ** 2];
  const plane = height * width;
  let [total, places] = [0, 0];
  for (let start = 0; start < x.length; start += plane) {
    const a = Float64Array.from({ length: plane }, (_, i) => x[start + i]);
    const b = Float64Array.from({ length: plane }, (_, i) => y[start + i]);
    const smooth = (of: (i: number) => number) =>
      blur(
        Float64Array.from(a, (_, i) => of(i)),
        width,
      );
    const [ma, mb] = [smooth((i) => a[i]), smooth((i) => b[i])];
    const [aa, bb] = [smooth((i) => a[i] ** 2), smooth((i) => b[i] ** 2)];
    const ab = smooth((i) => a[i] * b[i]);
    for (let i = 0; i < ma.length; i++) {
      const product = ma[i] * mb[i];
      const squares = ma[i] ** 2 + mb[i] ** 2;
      total +=
        ((2 * product + c1) * (2 * (ab[i] - product) + c2)) /
        ((squares + c1) * (aa[i] + bb[i] - squares + c2));
    }
    places += ma.length;
  }
  return total / places;
}

/** The window's mean at every place where it fits, first along rows, then along columns. */
function blur(plane: Float64Array, width: number): Float64Array {
  const height = plane.length / width;
  const [outWidth, outHeight] = [width - 2 * radius, height - 2 * radius];
  const rows = new Float64Array(height * outWidth);
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < outWidth; c++) {
      let sum = 0;
      for (let k = 0; k < window.length; k++) sum += window[k] * plane[r * width + c + k];
      rows[r * outWidth + c] = sum;
    }
  }
  const result = new Float64Array(outHeight * outWidth);
  for (let r = 0; r < outHeight; r++) {
    for (let c = 0; c < outWidth; c++) {
      let sum = 0;
      for (let k = 0; k < window.length; k++) sum += window[k] * rows[(r + k) * outWidth + c];
      result[r * outWidth + c] = sum;
    }
  }
  return result;
}
