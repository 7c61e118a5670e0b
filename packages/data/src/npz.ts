/** Several arrays in one file: a zip archive of `.npy` files, as `numpy.savez` writes it. */
import type { NDArray } from "@etude/tensor";
import { unzipSync, zipSync } from "fflate";
import { reasonOf, refuse } from "./errors.ts";
import { parseNpy, writeNpy } from "./npy.ts";

/**
 * The arrays of a `.npz` file by name, stored or compressed.
 *
 * @throws DataError when the bytes are no archive or damaged, it holds something else than arrays,
 * or an array is refused by `parseNpy`
 */
export function parseNpz(bytes: Uint8Array, name = "arrays"): Record<string, NDArray> {
  if (!(bytes[0] === 0x50 && bytes[1] === 0x4b))
    refuse("this is no .npz file: it does not begin like a zip archive", { file: name });
  let members: Record<string, Uint8Array>;
  try {
    members = unzipSync(bytes);
  } catch (error) {
    return refuse(
      `the archive is damaged or cut short (${reasonOf(error)}); fetch or save it again`,
      { file: name },
      error,
    );
  }
  return Object.fromEntries(
    Object.entries(members).map(([member, content]) => {
      if (!member.endsWith(".npy"))
        refuse(`the archive holds "${member}", which is no .npy file`, { file: name });
      return [member.slice(0, -".npy".length), parseNpy(content, `${name}/${member}`)];
    }),
  );
}

export interface WriteNpzOptions {
  /** Deflate, as `numpy.savez_compressed` does. */
  readonly compress?: boolean;
}

// Files of equal content are equal: the earliest date a zip archive can state, in local time as it has it.
const noDate = new Date(1980, 0, 1);

/** A `.npz` file of arrays by name. */
export function writeNpz(
  arrays: Readonly<Record<string, NDArray>>,
  { compress = false }: WriteNpzOptions = {},
): Uint8Array<ArrayBuffer> {
  const members = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, writeNpy(array)]);
  return zipSync(Object.fromEntries(members), { level: compress ? 6 : 0, mtime: noDate });
}
