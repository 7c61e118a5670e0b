/** How alike two batches of pictures are, one number a picture. */
import { array, conv, jit, type Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

export interface SimilarityOptions {
  /** Side of the window, odd: 7. */
  readonly window?: number;
  /** Deviation of its Gaussian, in pixels: 1.5. */
  readonly sigma?: number;
  /** The difference between the largest and the smallest value a pixel may have: 1. */
  readonly range?: number;
}

/** Weights of a Gaussian window, adding up to 1. */
export function gaussianWindow(window: number, sigma: number): number[] {
  const radius = (window - 1) / 2;
  const weights = Array.from({ length: window }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/**
 * Structural similarity (Wang et al. 2004): the mean over channels and all places where the window fits of
 *
 *     (2 m_a m_b + c_1) (2 s_ab + c_2) / ((m_a^2 + m_b^2 + c_1) (s_a^2 + s_b^2 + c_2)),
 *
 * moments under the window, c_1 = (0.01 range)^2, c_2 = (0.03 range)^2. Values may lie outside the range.
 *
 * @param a pictures [B, C, H, W]
 * @returns [B]
 * @throws UsageError when the window is even or larger than a picture
 */
export function structuralSimilarity(
  a: Tensor,
  b: Tensor,
  { window = 7, sigma = 1.5, range = 1 }: SimilarityOptions = {},
): Tensor {
  const [n, channels, height, width] = a.shape;
  if (window % 2 !== 1 || window < 1 || a.rank !== 4 || height < window || width < window)
    throw new UsageError(
      `structural similarity: a window of ${window} (odd) must fit into pictures [n, c, h, w]; got [${a.shape.join(", ")}]`,
    );
  const dtype = a.dtype === "float64" ? "float64" : "float32";
  const weights = gaussianWindow(window, sigma);
  const down = array(weights, { shape: [1, 1, window, 1], dtype });
  const across = array(weights, { shape: [1, 1, 1, window], dtype });
  const plane = (x: Tensor): Tensor => x.reshape([n * channels, 1, height, width]);
  const smooth = (x: Tensor): Tensor => conv(conv(x, down), across);
  const [x, y] = [plane(a), plane(b)];
  const [mx, my] = [smooth(x), smooth(y)];
  const [mxx, myy, mxy] = [mx.mul(mx), my.mul(my), mx.mul(my)];
  const covariance = smooth(x.mul(y)).sub(mxy);
  const variances = smooth(x.mul(x))
    .add(smooth(y.mul(y)))
    .sub(mxx)
    .sub(myy);
  const [c1, c2] = [(0.01 * range) ** 2, (0.03 * range) ** 2];
  const top = mxy.mul(2).add(c1).mul(covariance.mul(2).add(c2));
  const bottom = mxx.add(myy).add(c1).mul(variances.add(c2));
  return top.div(bottom).reshape([n, -1]).mean(-1);
}

/** The largest window up to 7 that fits into pictures of these sides. */
export const fittingWindow = (height: number, width: number): number => {
  const side = Math.min(7, height, width);
  return side % 2 === 1 ? side : side - 1;
};

/**
 * |a - b|^2 / |b|^2 of every sample, [B].
 *
 * @param b the reference
 */
export function relativeError(a: Tensor, b: Tensor): Tensor {
  const flat = (x: Tensor): Tensor => x.reshape([x.shape[0], -1]);
  const apart = flat(a.sub(b));
  const reference = flat(b);
  return apart.mul(apart).sum(-1).div(reference.mul(reference).sum(-1));
}

/** {@link structuralSimilarity} and {@link relativeError}, compiled. */
export const compiledSimilarity = (options: SimilarityOptions = {}) =>
  jit((a: Tensor, b: Tensor) => structuralSimilarity(a, b, options));
export const compiledRelativeError = jit(relativeError);
