/** Which examples to keep, by their scores. */
import { DataError } from "@etude/data";
import { random } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

export type SubsetChoice =
  /** The highest scores (the paper's way), or the lowest. */
  | { readonly kind: "keepMax" | "keepMin"; readonly size: number }
  /** In ascending order, those from `offset` on. */
  | { readonly kind: "window"; readonly size: number; readonly offset: number }
  /** By chance: the baseline, to be drawn anew for every run. */
  | { readonly kind: "random"; readonly size: number; readonly seed: number };

/**
 * Positions from the lowest score to the highest; equal scores, also infinite ones, keep their order.
 *
 * @throws DataError for a score that is NaN
 */
export function ascendingOrder(scores: ArrayLike<number>): Int32Array<ArrayBuffer> {
  for (let i = 0; i < scores.length; i++)
    if (Number.isNaN(scores[i])) throw new DataError(`scores: that of example ${i} is NaN`);
  // Not by difference: infinity minus infinity is NaN.
  return Int32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) =>
    scores[a] < scores[b] ? -1 : scores[a] > scores[b] ? 1 : a - b,
  );
}

/**
 * A subset of the examples, without regard to their classes, as in the official code.
 *
 * @returns positions in ascending order
 * @throws UsageError for a size or an offset that does not fit, DataError for a score that is NaN
 *
 * @example
 * selectSubset([3, 1, 2, 2, 0], { kind: "keepMax", size: 2 }) // 0, 3
 */
export function selectSubset(
  scores: ArrayLike<number>,
  choice: SubsetChoice,
): Int32Array<ArrayBuffer> {
  const { kind, size } = choice;
  const rows = scores.length;
  if (!(Number.isInteger(size) && size >= 1 && size <= rows))
    throw new UsageError(
      `subset: the size must be a whole number from 1 to the ${rows} examples, got ${size}`,
    );
  if (kind === "random") return random.generator(choice.seed).sample(rows, size).sort();
  const offset = {
    keepMax: rows - size,
    keepMin: 0,
    window: "offset" in choice ? choice.offset : 0,
  }[kind];
  if (!(Number.isInteger(offset) && offset >= 0 && offset + size <= rows))
    throw new UsageError(
      `subset: a window of ${size} from ${offset} on does not fit into ${rows} examples`,
    );
  return ascendingOrder(scores)
    .slice(offset, offset + size)
    .sort();
}
