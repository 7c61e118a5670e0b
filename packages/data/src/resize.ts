/** Pictures in another size. */
import { refuse } from "./errors.ts";
import type { Image } from "./images.ts";

/**
 * A picture of another size. An axis that shrinks is averaged over the area each new pixel covers,
 * so that nothing is skipped; one that grows is interpolated linearly between the centres of pixels.
 *
 * @throws DataError when a length is no whole number from 1
 */
export function resizeImage(image: Image, width: number, height: number): Image {
  if (![width, height].every((length) => Number.isInteger(length) && length > 0))
    refuse(`a picture cannot be ${width} x ${height}; give whole numbers from 1`);
  if (image.width === width && image.height === height) return image;
  const { channels } = image;
  const across = weights(image.width, width);
  const down = weights(image.height, height);

  const narrowed = new Float64Array(image.height * width * channels);
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < width; x++) {
      const { first, shares } = across[x];
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let i = 0; i < shares.length; i++)
          sum += shares[i] * image.data[(y * image.width + first + i) * channels + c];
        narrowed[(y * width + x) * channels + c] = sum;
      }
    }
  }
  const data = new Uint8Array(width * height * channels);
  const row = width * channels;
  for (let y = 0; y < height; y++) {
    const { first, shares } = down[y];
    for (let at = 0; at < row; at++) {
      let sum = 0;
      for (let i = 0; i < shares.length; i++) sum += shares[i] * narrowed[(first + i) * row + at];
      data[y * row + at] = Math.round(sum);
    }
  }
  return { width, height, channels, data };
}

/** How a new pixel is made of old ones side by side; the shares sum to 1. */
interface Share {
  readonly first: number;
  readonly shares: readonly number[];
}

function weights(from: number, to: number): Share[] {
  const scale = from / to;
  return Array.from({ length: to }, (_, i) => {
    if (to < from) {
      const [start, end] = [i * scale, Math.min((i + 1) * scale, from)];
      const first = Math.floor(start);
      const shares: number[] = [];
      for (let pixel = first; pixel < end; pixel++)
        shares.push((Math.min(end, pixel + 1) - Math.max(start, pixel)) / (end - start));
      return { first, shares };
    }
    const centre = Math.min(Math.max((i + 0.5) * scale - 0.5, 0), from - 1);
    const first = Math.min(Math.floor(centre), Math.max(from - 2, 0));
    const part = centre - first;
    return { first, shares: part === 0 ? [1] : [1 - part, part] };
  });
}
