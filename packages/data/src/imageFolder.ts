/** Folders of pictures as data sets (Node only). */
import type { Dirent } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { NDArray } from "@etude/tensor";
import { type ArrayDataset, arrayDataset } from "./dataset.ts";
import { count, quote, reasonOf, refuse } from "./errors.ts";
import { decodeImage, type Image, withChannels } from "./images.ts";
import { resizeImage } from "./resize.ts";

export interface ImageFolderOptions {
  /** Side of square pictures, or their height and width; without it they must all be of one size. */
  readonly size?: number | readonly [height: number, width: number];
  /** 1 gray, 3 red, green and blue; 3 where it is not given and some picture has colors. */
  readonly channels?: 1 | 3;
}

const isPicture = /\.(png|jpe?g)$/i;

/**
 * The pictures (PNG and JPEG) of a folder that has one folder for each class, in the order of their
 * names: inputs float32 [n, channels, height, width] from 0 to 1, targets int32 [n].
 *
 * @throws DataError when there is no folder of a class, one has no picture, a file cannot be decoded,
 * or sizes differ and none is given
 */
export async function readImageFolder(
  folder: string,
  options: ImageFolderOptions = {},
): Promise<ArrayDataset> {
  const classes = (await list(folder)).filter((entry) => entry.isDirectory());
  if (classes.length === 0)
    refuse("there is no folder in it; put the pictures of each class into a folder of its name", {
      file: folder,
    });
  const pictures: Image[] = [];
  const files: string[] = [];
  const labels: number[] = [];
  for (const [label, { name }] of classes.entries()) {
    const inside = path.join(folder, name);
    const found = (await list(inside)).filter((file) => file.isFile() && isPicture.test(file.name));
    if (found.length === 0)
      refuse(
        "there is no .png, .jpg or .jpeg file in this folder; add some, or remove the folder",
        {
          file: inside,
        },
      );
    for (const picture of found) {
      const file = path.join(inside, picture.name);
      const image = decodeImage(await readFile(file), file);
      pictures.push(fitted(image, options.size));
      files.push(file);
      labels.push(label);
    }
  }
  checkSizes(pictures, files);
  const colored = pictures.some((picture) => picture.channels > 2);
  const inputs = stacked(pictures, options.channels ?? (colored ? 3 : 1));
  return arrayDataset({
    name: path.basename(path.resolve(folder)),
    inputs,
    targets: new NDArray(Int32Array.from(labels), [labels.length], "int32"),
    classes: classes.map(({ name }) => name),
  });
}

async function list(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return refuse("there is no such folder", { file: folder });
      if (error.code === "ENOTDIR") return refuse("this is a file, not a folder", { file: folder });
      return refuse(`cannot be read (${reasonOf(error)})`, { file: folder }, error);
    },
  );
  const visible = entries.filter(({ name }) => !name.startsWith("."));
  return visible.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function fitted(image: Image, size: ImageFolderOptions["size"]): Image {
  if (size === undefined) return image;
  const [height, width] = typeof size === "number" ? [size, size] : size;
  return resizeImage(image, width, height);
}

function checkSizes(pictures: readonly Image[], files: readonly string[]): void {
  const [{ width, height }] = pictures;
  const odd = pictures.findIndex((image) => image.width !== width || image.height !== height);
  if (odd < 0) return;
  const shown = `${pictures[odd].width} x ${pictures[odd].height}`;
  refuse(
    `the picture is ${shown}, but ${quote(path.basename(files[0]))} is ${width} x ${height} (width x height); give { size } to bring all ${count(files.length)} to one size`,
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
