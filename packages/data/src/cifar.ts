/** The binary files of CIFAR-10 and CIFAR-100: records of one or two labels and 32 x 32 x 3 bytes. */
import { NDArray } from "@etude/tensor";
import { cifar10Classes, cifar100Classes, cifar100Groups } from "./cifarClasses.ts";
import { unzipped } from "./compressed.ts";
import type { ArrayDataset } from "./dataset.ts";
import { count, refuse } from "./errors.ts";

const side = 32;
const pixels = 3 * side * side;

/**
 * A file of CIFAR-10, gzipped or not, as a data set: inputs float32 [n, 3, 32, 32] from 0 to 1 (red,
 * green, blue), targets int32 [n].
 *
 * @throws DataError when the length is no multiple of 3,073 bytes, or a label has no class
 */
export const parseCifar10 = (bytes: Uint8Array, name = "cifar10"): Promise<ArrayDataset> =>
  parseRecords(bytes, name, { labels: [10], target: 0, classes: cifar10Classes });

export interface Cifar100Options {
  /** The 100 classes ("fine", the default), or the 20 groups they belong to ("coarse"). */
  readonly labels?: "fine" | "coarse";
}

/** A file of CIFAR-100, gzipped or not, as `parseCifar10` reads CIFAR-10; its records have 3,074 bytes. */
export const parseCifar100 = (
  bytes: Uint8Array,
  name = "cifar100",
  { labels = "fine" }: Cifar100Options = {},
): Promise<ArrayDataset> =>
  parseRecords(bytes, name, {
    labels: [20, 100],
    target: labels === "coarse" ? 0 : 1,
    classes: labels === "coarse" ? cifar100Groups : cifar100Classes,
  });

interface Format {
  /** For each label of a record, how many classes there are. */
  readonly labels: readonly number[];
  /** Which of the labels is the target. */
  readonly target: number;
  readonly classes: readonly string[];
}

async function parseRecords(
  bytes: Uint8Array,
  name: string,
  { labels, target, classes }: Format,
): Promise<ArrayDataset> {
  const content = await unzipped(bytes, name);
  const length = labels.length + pixels;
  const n = Math.floor(content.length / length);
  if (content.length === 0 || content.length !== n * length)
    refuse(
      `records have ${count(length)} bytes, so ${count((n + 1) * length)} expected, ${count(content.length)} found; the file is cut short or no such file`,
      { file: name },
    );
  const inputs = new Float32Array(n * pixels);
  const targets = new Int32Array(n);
  for (let record = 0; record < n; record++) {
    const start = record * length;
    labels.forEach((limit, i) => {
      const label = content[start + i];
      if (label >= limit)
        refuse(
          `record ${count(record)} has label ${label}, but there are ${limit} classes; this is another kind of file`,
          { file: name },
        );
    });
    targets[record] = content[start + target];
    for (let i = 0; i < pixels; i++)
      inputs[record * pixels + i] = content[start + labels.length + i] / 255;
  }
  return {
    name,
    inputs: new NDArray(inputs, [n, 3, side, side], "float32"),
    targets: new NDArray(targets, [n], "int32"),
    classes,
  };
}
