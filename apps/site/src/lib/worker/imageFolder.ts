/** Pictures that the visitor chose with their folder, or packed with it, as a data set. */
import {
  type ArrayDataset,
  arrayDataset,
  DataError,
  decodeImage,
  type Image,
  withChannels,
} from "@etude/data";
import { NDArray } from "@etude/tensor";
import { unzipSync } from "fflate";
import type { GivenFile } from "./protocol.ts";

const isPicture = /\.(png|jpe?g)$/i;
export const isArchive = /\.zip$/i;

interface PictureFile {
  /** "photos/cats/1.png" */
  readonly path: string;
  readonly bytes: () => Promise<Uint8Array>;
}

/**
 * The pictures (PNG and JPEG) of a folder that has one folder for each class, in the order of their
 * names, as the command reads them: inputs float32 [n, channels, height, width] from 0 to 1, targets
 * int32 [n].
 *
 * @param given files with their paths, such as "photos/cats/1.png", or one zip archive of them
 * @throws DataError when there is no folder of a class, a file cannot be decoded, or sizes differ
 */
export async function readImages(given: readonly GivenFile[]): Promise<ArrayDataset> {
  const name = given[0].path.split("/")[0];
  const isZip = given.length === 1 && isArchive.test(name);
  const files = isZip ? unpacked(name, await bytesOf(given[0].file)) : given.map(openable);
  const found = files
    .map(({ path, bytes }) => ({ path, bytes, folder: path.split("/").at(-2) ?? "" }))
    .filter(({ path }) => isPicture.test(path) && !/(^|\/)(\.|__MACOSX\/)/.test(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const depth = Math.max(0, ...found.map(({ path }) => path.split("/").length));
  const inClasses = found.filter(({ path }) => path.split("/").length === depth);
  // A folder is chosen with its own name; an archive may hold the classes at its top.
  if (depth < (isZip ? 2 : 3)) {
    throw new DataError(
      "there is no .png, .jpg or .jpeg file in a folder of its class; put the pictures of each class into a folder of its name",
      { file: name },
    );
  }
  const classes = [...new Set(inClasses.map(({ folder }) => folder))].sort();
  const pictures: Image[] = [];
  for (const { path, bytes } of inClasses) {
    const picture = decodeImage(await bytes(), path);
    checkSize(picture, path, pictures[0], inClasses[0].path);
    pictures.push(picture);
  }
  const channels = pictures.some((picture) => picture.channels > 2) ? 3 : 1;
  return arrayDataset({
    name,
    inputs: stacked(pictures, channels),
    targets: new NDArray(
      Int32Array.from(inClasses, ({ folder }) => classes.indexOf(folder)),
      [pictures.length],
      "int32",
    ),
    classes,
  });
}

const bytesOf = async (file: File): Promise<Uint8Array> => new Uint8Array(await file.arrayBuffer());

const openable = ({ path, file }: GivenFile): PictureFile => ({
  path,
  bytes: () => bytesOf(file),
});

function unpacked(name: string, archive: Uint8Array): PictureFile[] {
  try {
    const members = unzipSync(archive, { filter: (member) => isPicture.test(member.name) });
    return Object.entries(members).map(([path, bytes]) => ({ path, bytes: async () => bytes }));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(`the archive cannot be read (${why})`, { file: name }, { cause });
  }
}

function checkSize(picture: Image, path: string, first: Image | undefined, firstPath: string) {
  if (first === undefined) return;
  if (picture.width === first.width && picture.height === first.height) return;
  const shown = ({ width, height }: Image) => `${width} x ${height}`;
  throw new DataError(
    `the picture is ${shown(picture)}, but ${firstPath} is ${shown(first)} (width x height); bring all to one size`,
    { file: path },
  );
}

function stacked(pictures: readonly Image[], channels: 1 | 3): NDArray {
  const [{ width, height }] = pictures;
  const pixels = width * height;
  const values = new Float32Array(pictures.length * channels * pixels);
  for (const [i, picture] of pictures.entries()) {
    const { data } = withChannels(picture, channels);
    for (let c = 0; c < channels; c++) {
      const start = (i * channels + c) * pixels;
      for (let pixel = 0; pixel < pixels; pixel++)
        values[start + pixel] = data[pixel * channels + c] / 255;
    }
  }
  return new NDArray(values, [pictures.length, channels, height, width], "float32");
}
