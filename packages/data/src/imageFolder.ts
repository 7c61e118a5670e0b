/** Folders of pictures as data sets (Node only). */
import type { Dirent } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { ArrayDataset } from "./dataset.ts";
import { count, reasonOf, refuse } from "./errors.ts";
import { labelledImages } from "./imageSet.ts";
import { decodeImage, type Image } from "./images.ts";
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
  return labelledImages(
    {
      name: path.basename(path.resolve(folder)),
      pictures,
      files,
      labels,
      classes: classes.map(({ name }) => name),
      ...(options.channels && { channels: options.channels }),
    },
    `give { size } to bring all ${count(files.length)} to one size`,
  );
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
