/** The order in which examples are seen. */
import { NDArray, random } from "@etude/tensor";
import { count, refuse } from "./errors.ts";

export interface BatchOptions {
  readonly seed: number;
  /** Each epoch has an order of its own; the same seed and epoch give the same batches. */
  readonly epoch?: number;
  /** Leave out the last batch if it is smaller than the others. */
  readonly dropLast?: boolean;
  /** Whether the order is random, as it is by default. */
  readonly shuffle?: boolean;
}

/**
 * The positions 0 ... n - 1 in random order, cut into batches. Each occurs once, but for what
 * `dropLast` leaves out.
 *
 * @throws DataError when the size is no whole number from 1, or `dropLast` leaves nothing
 * @example
 * for (const batch of batches(images.shape[0], 128, { seed, epoch }))
 *   [params, loss] = await step(params, gatherRows(images, batch), gatherRows(labels, batch));
 */
export function batches(n: number, size: number, options: BatchOptions): Int32Array[] {
  const { seed, epoch = 0, dropLast = false, shuffle = true } = options;
  if (!Number.isInteger(size) || size < 1)
    refuse(`batches: the size is ${size}; give a whole number from 1`);
  if (!Number.isInteger(n) || n < 0) refuse(`batches: there cannot be ${n} examples`);
  if (dropLast && n > 0 && n < size)
    refuse(
      `batches: ${count(n)} examples make no full batch of ${count(size)}, and dropLast leaves out the others; use smaller batches`,
    );
  const order = shuffle
    ? random.generator(seed).fork(epoch).permutation(n)
    : Int32Array.from({ length: n }, (_, i) => i);
  const number = dropLast ? Math.floor(n / size) : Math.ceil(n / size);
  return Array.from({ length: number }, (_, i) => order.slice(i * size, (i + 1) * size));
}

/**
 * The entries along the first axis at these positions, in this order, as a new array.
 *
 * @throws DataError when there is no such position
 */
export function gatherRows(array: NDArray, indices: ArrayLike<number>): NDArray {
  if (array.rank === 0) refuse("gatherRows: a single number has no rows");
  const [rows, ...rest] = array.shape;
  const width = rest.reduce((product, length) => product * length, 1);
  const data = array.data.slice(0, 0);
  const Storage = data.constructor as new (length: number) => typeof array.data;
  const result = new Storage(indices.length * width);
  for (let i = 0; i < indices.length; i++) {
    const row = indices[i];
    if (!(Number.isInteger(row) && row >= 0 && row < rows))
      refuse(`gatherRows: there is no row ${row} in ${count(rows)} rows, from 0`);
    if (width === 1) result[i] = array.data[row];
    else result.set(array.data.subarray(row * width, (row + 1) * width), i * width);
  }
  return new NDArray(result, [indices.length, ...rest], array.dtype);
}
