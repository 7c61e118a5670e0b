/** The order of the data: a function of the seed and the epoch, so that it need not be saved. */

import { type MapLeaves, NDArray, random, treeFlatten, treeUnflatten } from "@etude/tensor";
import { fail } from "../errors.ts";

/** Data that come in batches. */
export interface Batches<B> {
  /** Number of examples in an epoch. */
  readonly examples: number;
  /** Examples in a batch. */
  readonly batchSize: number;
  /** The last batch of an epoch may be smaller instead of being left out: compiles one more shape. */
  readonly keepPartial?: boolean;
  /** The order of the file in every epoch. */
  readonly inOrder?: boolean;
  /** The batch of these examples. The same numbers give the same batch. */
  take(examples: Int32Array): B | Promise<B>;
}

/**
 * Batches of arrays that are in memory: rows along the leading axis of all leaves.
 *
 * @example minibatches({ images, labels }, { batchSize: 128 })
 */
export function minibatches<T>(
  data: T,
  options: { batchSize: number; keepPartial?: boolean; inOrder?: boolean },
): Batches<MapLeaves<T, NDArray>> {
  const [leaves, structure] = treeFlatten(data);
  const arrays = leaves.map((leaf, i) => {
    if (leaf instanceof NDArray && leaf.rank > 0) return leaf;
    return fail(`minibatches: ${structure.paths[i] || "the data"} has no rows`);
  });
  if (arrays.length === 0) fail("minibatches: there are no arrays");
  const examples = arrays[0].shape[0];
  arrays.forEach(({ shape }, i) => {
    if (shape[0] === examples) return;
    fail(
      `minibatches: ${structure.paths[i]} has ${shape[0]} rows, ${structure.paths[0]} has ${examples}`,
    );
  });
  return {
    ...options,
    examples,
    take: (rows) =>
      treeUnflatten(
        structure,
        arrays.map((array) => takeRows(array, rows)),
      ) as MapLeaves<T, NDArray>,
  };
}

/** Rows of an array, in the given order. */
export function takeRows({ data, shape, dtype }: NDArray, rows: ArrayLike<number>): NDArray {
  const width = shape.slice(1).reduce((product, length) => product * length, 1);
  const taken = new (data.constructor as Float32ArrayConstructor)(rows.length * width);
  for (let i = 0; i < rows.length; i++)
    taken.set(data.subarray(rows[i] * width, (rows[i] + 1) * width), i * width);
  return new NDArray(taken, [rows.length, ...shape.slice(1)], dtype);
}

/** Number of batches in an epoch. */
export function batchesPerEpoch(batches: Batches<unknown>): number {
  const { examples, batchSize, keepPartial } = batches;
  if (!Number.isInteger(batchSize) || batchSize < 1)
    fail(`train: batchSize must be a whole number >= 1, got ${batchSize}`);
  const count = examples / batchSize;
  const whole = keepPartial ? Math.ceil(count) : Math.floor(count);
  if (whole > 0) return whole;
  fail(
    `train: ${examples} examples make no batch of ${batchSize}; use smaller batches or keepPartial`,
  );
}

/** The examples of an epoch in their order: `generator(seed).fork(epoch).permutation(examples)`. */
export const epochOrder = (batches: Batches<unknown>, seed: number, epoch: number): Int32Array =>
  batches.inOrder
    ? Int32Array.from({ length: batches.examples }, (_, i) => i)
    : random.generator(seed).fork(epoch).permutation(batches.examples);
