/** Windows over a record of gradient norms: how wide, and what stands beyond its ends (8). */
import { UsageError } from "../contract/errors.ts";

/**
 * The width that a share tau of T steps stands for, an odd number (8):
 *
 *     F = 2 floor(floor(tau T) / 2) + 1
 *
 * Below two steps it is 1, which filters nothing.
 *
 * @param smoothing tau, in [0, 1)
 * @throws UsageError for another share
 */
export function filterWidth(steps: number, smoothing: number): number {
  if (!(smoothing >= 0 && smoothing < 1))
    throw new UsageError(`the smoothing is a share of the run in [0, 1), got ${smoothing}`);
  return 2 * Math.floor(Math.floor(smoothing * steps) / 2) + 1;
}

/**
 * A record with half a window more at both ends. Before the first value the first is repeated; after
 * the last the values are mirrored without repeating the last (back and forth, where the window is
 * longer than the record). The two ends differ on purpose: a repeated last value would hold the norm
 * at the end, where the schedule anneals, to a single noisy one.
 *
 * @param width odd
 * @returns width - 1 more values
 */
export function padded(values: ArrayLike<number>, width: number): Float64Array {
  if (!(Number.isInteger(width) && width > 0 && width % 2 === 1))
    throw new UsageError(`a filter needs an odd width, got ${width}`);
  const { length } = values;
  const half = (width - 1) / 2;
  return Float64Array.from({ length: length + 2 * half }, (_, place) => {
    const t = place - half;
    return values[t < 0 ? 0 : reflected(t, length)];
  });
}

/** Where a place from 0 on lies when the path turns back at both ends of `length` places. */
function reflected(place: number, length: number): number {
  const turn = place % (2 * (length - 1));
  return turn < length ? turn : 2 * (length - 1) - turn;
}
