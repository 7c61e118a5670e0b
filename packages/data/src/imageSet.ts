/** Decoded pictures with their classes as a data set. */
import { NDArray } from "@etude/tensor";
import { type ArrayDataset, arrayDataset } from "./dataset.ts";
import { refuse } from "./errors.ts";
import { type Image, withChannels } from "./images.ts";

export interface LabelledImages {
  readonly name: string;
  readonly pictures: readonly Image[];
  /** Where each picture is from, for messages. */
  readonly files: readonly string[];
  /** Positions in `classes`. */
  readonly labels: readonly number[];
  readonly classes: readonly string[];
  /** 1 gray, 3 red, green and blue; 3 where it is not given and some picture has colors. */
  readonly channels?: 1 | 3;
}

/**
 * Inputs float32 [n, channels, height, width] from 0 to 1, targets int32 [n].
 *
 * @param remedy what to do about pictures of several sizes, for the message
 * @throws DataError when sizes differ
 */
export function labelledImages(
  { name, pictures, files, labels, classes, channels }: LabelledImages,
  remedy: string,
): ArrayDataset {
  checkSizes(pictures, files, remedy);
  const colored = pictures.some((picture) => picture.channels > 2);
  return arrayDataset({
    name,
    inputs: stacked(pictures, channels ?? (colored ? 3 : 1)),
    targets: new NDArray(Int32Array.from(labels), [labels.length], "int32"),
    classes,
  });
}

function checkSizes(pictures: readonly Image[], files: readonly string[], remedy: string): void {
  const [{ width, height }] = pictures;
  const odd = pictures.findIndex((image) => image.width !== width || image.height !== height);
  if (odd < 0) return;
  const shown = `${pictures[odd].width} x ${pictures[odd].height}`;
  refuse(
    `the picture is ${shown}, but ${files[0]} is ${width} x ${height} (width x height); ${remedy}`,
    { file: files[odd] },
  );
}

function stacked(pictures: readonly Image[], channels: 1 | 3): NDArray {
  const [{ width, height }] = pictures;
  const pixels = width * height;
  const values = new Float32Array(pictures.length * channels * pixels);
  pictures.forEach((picture, i) => {
    const { data } = withChannels(picture, channels);
    for (let c = 0; c < channels; c++) {
      const start = (i * channels + c) * pixels;
      for (let pixel = 0; pixel < pixels; pixel++)
        values[start + pixel] = data[pixel * channels + c] / 255;
    }
  });
  return new NDArray(values, [pictures.length, channels, height, width], "float32");
}
