/** The running mean, which the bound asks for where single norms scatter widely. */
import { padded } from "./window.ts";

/**
 * The power mean (mean of x^p)^(1/p) over a window around every value; what stands beyond the ends
 * {@link padded} says.
 *
 * @param width odd
 * @param power p: 2 for l2 norms, whose squares stand in (3); 1 for l1 norms
 * @returns as many values
 */
export function meanFilterReflect(
  values: ArrayLike<number>,
  width: number,
  power: number,
): Float64Array {
  const powers = padded(values, width).map((value) => value ** power);
  // Differences of running sums would lose small values after large ones: norms span decades.
  const means = new Float64Array(values.length);
  const blocks = blockSums(powers, width);
  for (let t = 0; t < means.length; t++) means[t] = (blocks(t) / width) ** (1 / power);
  return means;
}

/**
 * Sums of any `width` neighbours without subtraction: the sequence is cut into blocks of this length,
 * so a window is the end of one block and the beginning of the next.
 */
function blockSums(values: Float64Array, width: number): (from: number) => number {
  const fromLeft = Float64Array.from(values);
  const fromRight = Float64Array.from(values);
  for (let i = 1; i < values.length; i++) if (i % width > 0) fromLeft[i] += fromLeft[i - 1];
  for (let i = values.length - 2; i >= 0; i--)
    if (i % width < width - 1) fromRight[i] += fromRight[i + 1];
  return (from) => {
    const to = from + width - 1;
    return from % width === 0 ? fromLeft[to] : fromRight[from] + fromLeft[to];
  };
}
