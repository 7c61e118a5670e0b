/** Many pictures as one. */
import type { NDArray } from "@etude/tensor";
import { refuse } from "./errors.ts";
import { encodePng, type Image, withChannels } from "./images.ts";

export interface SheetOptions {
  /** Pictures side by side; as many as rows, roughly, where it is not given. */
  readonly columns?: number;
  /** Pixels between pictures. */
  readonly gap?: number;
  /** Each pixel becomes a square of this side, so that small pictures can be seen. */
  readonly zoom?: number;
  /** The values of an array that are black and white; 0 and 1 where they are not given. */
  readonly range?: readonly [low: number, high: number];
}

/**
 * A grid of pictures of one size, row by row, as a PNG file.
 *
 * @param images pictures, or an array [n, height, width] or [n, channels, height, width] with 1, 3
 * or 4 channels
 * @throws DataError when there is none, or they differ in size
 * @example
 * await writeFileAtomic("digits.png", imageSheet(take(digits, 64).inputs, { zoom: 3 }));
 */
export function imageSheet(
  images: readonly Image[] | NDArray,
  options: SheetOptions = {},
): Uint8Array {
  const { gap = 1, zoom = 1, range = [0, 1] } = options;
  const pictures = "shape" in images ? picturesOf(images, range) : images;
  if (pictures.length === 0) refuse("imageSheet: there is no picture");
  const [{ width, height }] = pictures;
  const odd = pictures.find((picture) => picture.width !== width || picture.height !== height);
  if (odd !== undefined)
    refuse(
      `imageSheet: a picture is ${odd.width} x ${odd.height}, the first ${width} x ${height}; resize them to one size`,
    );
  const channels = pictures.some((picture) => picture.channels > 2) ? 3 : 1;
  const columns = options.columns ?? Math.ceil(Math.sqrt(pictures.length));
  const rows = Math.ceil(pictures.length / columns);
  const pitch = { x: width * zoom + gap, y: height * zoom + gap };
  const sheet = { width: columns * pitch.x - gap, height: rows * pitch.y - gap };
  const data = new Uint8Array(sheet.width * sheet.height * channels).fill(255);
  pictures.forEach((picture, i) => {
    const shown = withChannels(picture, channels).data;
    const left = (i % columns) * pitch.x;
    const top = Math.floor(i / columns) * pitch.y;
    for (let y = 0; y < height * zoom; y++) {
      for (let x = 0; x < width * zoom; x++) {
        const from = (Math.floor(y / zoom) * width + Math.floor(x / zoom)) * channels;
        const to = ((top + y) * sheet.width + left + x) * channels;
        for (let c = 0; c < channels; c++) data[to + c] = shown[from + c];
      }
    }
  });
  return encodePng({ ...sheet, channels, data });
}

/** The entries of an array as pictures; values beyond the range are cut. */
function picturesOf(array: NDArray, [low, high]: readonly [number, number]): Image[] {
  const shape = array.rank === 3 ? [array.shape[0], 1, ...array.shape.slice(1)] : array.shape;
  const [n, channels, height, width] = shape;
  if (shape.length !== 4 || (channels !== 1 && channels !== 3 && channels !== 4))
    return refuse(
      `imageSheet: pictures are [n, height, width] or [n, channels, height, width] with 1, 3 or 4 channels; this array is [${array.shape.join(", ")}]`,
    );
  const pixels = height * width;
  return Array.from({ length: n }, (_, image) => {
    const data = new Uint8Array(pixels * channels);
    for (let c = 0; c < channels; c++) {
      for (let pixel = 0; pixel < pixels; pixel++) {
        const value = array.data[(image * channels + c) * pixels + pixel];
        const shade = Math.min(Math.max((value - low) / (high - low), 0), 1);
        data[pixel * channels + c] = Math.round(255 * shade);
      }
    }
    return { width, height, channels, data };
  });
}
