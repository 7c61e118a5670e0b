/** Rows: parts of a batch, batches put together, and what tells their conditions apart. */
import { NDArray } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { type ConditionArrays, mapCondition } from "../diffusion/index.ts";

/** Rows [from, to) of an array, without copying. */
export function rowsBetween({ data, shape, dtype }: NDArray, from: number, to: number): NDArray {
  const width = shape.slice(1).reduce((product, length) => product * length, 1);
  return new NDArray(
    data.subarray(from * width, to * width),
    [to - from, ...shape.slice(1)],
    dtype,
  );
}

/**
 * Sub-batches for the unconditional prediction come in eighths of the batch: few sizes to compile, and at
 * most an eighth of the batch run for nothing.
 */
export function bucketFor(active: number, batch: number): number {
  const sizes = Array.from({ length: 8 }, (_, part) => Math.ceil((batch * (part + 1)) / 8));
  return sizes.find((size) => size >= active) ?? batch;
}

/**
 * The active rows filled up to the bucket with the first of them, and where each sample's prediction is
 * then found: among all conditional ones, or behind them among the guided ones.
 */
export function activeRows(on: Int32Array, samples: number, bucket: number) {
  const rows = new Int32Array(bucket).fill(on[0]);
  rows.set(on);
  const source = Int32Array.from({ length: samples }, (_, i) => i);
  on.forEach((row, i) => {
    source[row] = samples + i;
  });
  return {
    rows: new NDArray(rows, [bucket], "int32"),
    source: new NDArray(source, [samples], "int32"),
  };
}

/**
 * What tells negative conditions apart, as estimates belong to one: "empty", or a hash of the one entry
 * that all samples share.
 *
 * @throws UsageError when samples have different ones
 */
export function fingerprintOf(negative: ConditionArrays | null): string {
  if (negative === null) return "empty";
  let hash = 0x811c9dc5;
  mapCondition(negative, (leaf) => {
    const width = leaf.size / leaf.shape[0];
    for (let i = 0; i < leaf.size; i++)
      if (leaf.data[i] !== leaf.data[i % width])
        throw new UsageError(
          "estimates are fitted for one negative condition; these samples have several",
        );
    const first = Float64Array.from(leaf.data.subarray(0, width), Number);
    for (const byte of new Uint8Array(first.buffer)) hash = Math.imul(hash ^ byte, 0x01000193);
    return leaf;
  });
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** Arrays one after another along the first axis. */
export function together(arrays: readonly NDArray[]): NDArray {
  const [{ data, shape, dtype }] = arrays;
  const size = arrays.reduce((sum, each) => sum + each.size, 0);
  const values = new (data.constructor as Float64ArrayConstructor)(size);
  let at = 0;
  for (const each of arrays) {
    values.set(each.data, at);
    at += each.size;
  }
  const count = arrays.reduce((sum, each) => sum + each.shape[0], 0);
  return new NDArray(values, [count, ...shape.slice(1)], dtype);
}
