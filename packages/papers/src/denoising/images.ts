/** What every part asks of images [n, C, H, W], and rows of them. */
import { NDArray } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

/** Rounding of files may leave the unit interval by so much. */
const tolerance = 1e-6;

/**
 * Images must be [n, C, H, W] with finite intensities in [0, 1].
 *
 * @param name what the message calls them
 * @throws UsageError that says which value is wrong, and what to do
 */
export function checkIntensities(images: NDArray, name = "images"): void {
  if (images.rank !== 4)
    throw new UsageError(
      `${name}: expected [n, channels, height, width], got [${images.shape.join(", ")}]`,
    );
  let [least, most] = [0, 1];
  for (let i = 0; i < images.size; i++) {
    const value = images.data[i];
    if (!Number.isFinite(value)) {
      const image = Math.floor(i / pixelsOf(images));
      throw new UsageError(`${name}: image ${image} (from 0) holds ${value}`);
    }
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (least < -tolerance) throw new UsageError(`${name}: scale to [0,1] first; found min ${least}`);
  if (most > 1 + tolerance)
    throw new UsageError(`${name}: scale to [0,1] first; found max ${most}`);
}

/** Numbers of one image: C H W. */
export const pixelsOf = ({ shape }: NDArray): number =>
  shape.slice(1).reduce((product, length) => product * length, 1);

/** Images from `start` up to but not including `end`; a view, no values are copied. */
export function imageRange(images: NDArray, start: number, end: number): NDArray {
  const pixels = pixelsOf(images);
  const { shape, dtype, data } = images;
  return new NDArray(
    data.subarray(start * pixels, end * pixels),
    [end - start, ...shape.slice(1)],
    dtype,
  );
}

/** So many images, from the beginning again where there are fewer. */
export function tiledImages(images: NDArray, count: number): NDArray {
  const [n, ...shape] = images.shape;
  if (n >= count) return imageRange(images, 0, count);
  const values = new Float32Array(count * pixelsOf(images));
  for (let at = 0; at < values.length; at += images.size)
    values.set(images.data.subarray(0, Math.min(images.size, values.length - at)), at);
  return new NDArray(values, [count, ...shape], "float32");
}

/**
 * Images in a smaller size by means over areas: output pixel i covers the input pixels from
 * floor(i H / h) up to ceil((i + 1) H / h). Sides that are as small already stay.
 */
export function shrinkImages(images: NDArray, height: number, width: number): NDArray {
  const [n, channels, fromHeight, fromWidth] = images.shape;
  const [h, w] = [Math.min(height, fromHeight), Math.min(width, fromWidth)];
  if (h === fromHeight && w === fromWidth) return images;
  const values = new Float32Array(n * channels * h * w);
  const span = (i: number, from: number, to: number) =>
    [Math.floor((i * from) / to), Math.ceil(((i + 1) * from) / to)] as const;
  let at = 0;
  for (let plane = 0; plane < n * channels; plane++) {
    const start = plane * fromHeight * fromWidth;
    for (let y = 0; y < h; y++) {
      const [top, bottom] = span(y, fromHeight, h);
      for (let x = 0; x < w; x++) {
        const [left, right] = span(x, fromWidth, w);
        let sum = 0;
        for (let r = top; r < bottom; r++)
          for (let c = left; c < right; c++) sum += images.data[start + r * fromWidth + c];
        values[at++] = sum / ((bottom - top) * (right - left));
      }
    }
  }
  return new NDArray(values, [n, channels, h, w], "float32");
}
