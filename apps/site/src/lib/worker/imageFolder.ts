/** Pictures that the visitor chose with their folder, or packed with it, as a data set. */
import { type ArrayDataset, DataError, decodeImage, type Image, labelledImages } from "@etude/data";
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
  for (const { path, bytes } of inClasses) pictures.push(decodeImage(await bytes(), path));
  return labelledImages(
    {
      name,
      pictures,
      files: inClasses.map(({ path }) => path),
      labels: inClasses.map(({ folder }) => classes.indexOf(folder)),
      classes,
    },
    "bring all to one size",
  );
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
