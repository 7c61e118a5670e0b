/** Attributions of images, to look at. */
import { imageSheet } from "@etude/data";
import { NDArray } from "@etude/tensor";
import { methods } from "../methods.ts";
import { pixelAttributionsBy } from "./explain.ts";
import type { Explained } from "./files.ts";
import type { ImageShape, Subject } from "./subject.ts";

export interface AttributionPicture {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  /** A PNG file. */
  readonly bytes: Uint8Array;
}

/** By patches for all methods, by pixels for those that need a gradient; nothing for tables. */
export async function picturesOf({
  problem,
  attributions,
}: Explained): Promise<AttributionPicture[]> {
  const { subject } = problem;
  const { image } = subject;
  if (image === undefined) return [];
  const names = [...attributions.keys()];
  const found: AttributionPicture[] = [
    {
      id: "attributions",
      title: "Attributions of patches",
      caption: `A row an image: the image, then ${names.join(", ")}. Red speaks for the class, blue against it.`,
      bytes: picture(subject, image, [...attributions.values()]),
    },
  ];
  const ofPixels = names.filter((name) => methods[name].needsGradient);
  if (ofPixels.length > 0) {
    const pixels: NDArray[] = [];
    for (const name of ofPixels) pixels.push(await pixelAttributionsBy(problem, name));
    found.push({
      id: "pixels",
      title: "Attributions of single pixels",
      caption: `A row an image: the image, then ${ofPixels.join(", ")}.`,
      bytes: picture(subject, image, pixels),
    });
  }
  return found;
}

/**
 * Images and their attributions, a row each: the image, then a picture a method, red where the feature
 * speaks for the class and blue where it speaks against it.
 *
 * @param attributions [m, d] or, of single pixels, [m, inputs]
 */
function picture(
  subject: Subject,
  image: ImageShape,
  attributions: readonly NDArray[],
): Uint8Array {
  const most = Math.min(subject.labels.length, 12);
  const { height, width } = image;
  const pictures: Float32Array[] = [];
  for (let row = 0; row < most; row++) {
    pictures.push(original(subject, image, row));
    for (const one of attributions) pictures.push(heat(one, image, row));
  }
  const pixels = new Float32Array(pictures.length * 3 * height * width);
  pictures.forEach((each, i) => {
    pixels.set(each, i * each.length);
  });
  const sheet = new NDArray(pixels, [pictures.length, 3, height, width], "float32");
  const zoom = Math.max(1, Math.floor(64 / Math.max(height, width)));
  return imageSheet(sheet, { columns: attributions.length + 1, gap: 2, zoom });
}

function original({ x }: Subject, { channels, height, width }: ImageShape, row: number) {
  const pixels = height * width;
  const start = row * channels * pixels;
  return Float32Array.from({ length: 3 * pixels }, (_, i) => {
    const channel = channels === 1 ? 0 : Math.min(Math.floor(i / pixels), channels - 1);
    return Number(x.data[start + channel * pixels + (i % pixels)]);
  });
}

/** White where nothing is said; full colour for the largest of the row. */
function heat(
  attributions: NDArray,
  { channels, height, width, patch, features }: ImageShape,
  row: number,
): Float32Array {
  const d = attributions.shape[1];
  const values = Array.from(attributions.data.slice(row * d, (row + 1) * d), Number);
  const pixels = height * width;
  const across = Math.ceil(width / patch);
  const ofPixel = Array.from({ length: pixels }, (_, i) => {
    if (d === features.shape[0]) {
      const down = Math.floor(Math.floor(i / width) / patch);
      return values[down * across + Math.floor((i % width) / patch)];
    }
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += values[c * pixels + i];
    return sum;
  });
  const largest = Math.max(...ofPixel.map(Math.abs)) || 1;
  const shades = new Float32Array(3 * pixels);
  ofPixel.forEach((value, i) => {
    const share = value / largest;
    const faded = 1 - Math.abs(share);
    shades[i] = share >= 0 ? 1 : faded;
    shades[pixels + i] = faded;
    shades[2 * pixels + i] = share <= 0 ? 1 : faded;
  });
  return shades;
}
