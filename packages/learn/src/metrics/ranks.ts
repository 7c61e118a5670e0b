/** Orders and ranks of numbers. */

/** Positions from the smallest value to the largest; equal values keep their order. */
export const ascending = (values: ArrayLike<number>): Int32Array =>
  Int32Array.from({ length: values.length }, (_, i) => i).sort(
    (a, b) => values[a] - values[b] || a - b,
  );

/** Ranks from 1; equal values share the mean of the ranks they take up. */
export function averageRanks(values: ArrayLike<number>): Float64Array {
  const order = ascending(values);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let stop = start + 1;
    while (stop < order.length && values[order[stop]] === values[order[start]]) stop++;
    for (let i = start; i < stop; i++) ranks[order[i]] = (start + 1 + stop) / 2;
    start = stop;
  }
  return ranks;
}
