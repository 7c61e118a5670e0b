/** Fewer points where more would not be seen: a page should not carry 100 000 of them. */

/**
 * Indices of the points of a line that show: of every one of `columns` stretches of the x axis the
 * first, the lowest, the highest and the last, so that peaks stay; gaps (NaN) stay gaps.
 */
export function thinLine(
  x: readonly number[],
  y: readonly number[],
  columns: number,
): readonly number[] {
  const all = x.map((_, index) => index);
  if (x.length <= 4 * columns) return all;
  const step = x.length / columns;
  const kept = new Set<number>();
  for (let column = 0; column < columns; column++) {
    const from = Math.floor(column * step);
    const to = Math.min(x.length, Math.floor((column + 1) * step));
    let lowest = -1;
    let highest = -1;
    let hole = -1;
    for (let i = from; i < to; i++) {
      if (!Number.isFinite(y[i])) hole = i;
      else {
        if (lowest < 0 || y[i] < y[lowest]) lowest = i;
        if (highest < 0 || y[i] > y[highest]) highest = i;
      }
    }
    for (const i of [from, lowest, highest, hole, to - 1]) if (i >= 0) kept.add(i);
  }
  return [...kept].sort((a, b) => a - b);
}

/** Points so close hide each other, in pixels; where there are few, all are kept. */
const nearness = 2;
const few = 1000;

/** Indices of points, of which no two that are many fall on the same square of pixels. */
export function thinDots(
  place: (index: number) => readonly [x: number, y: number],
  length: number,
): number[] {
  const seen = new Set<string>();
  const kept: number[] = [];
  for (let i = 0; i < length; i++) {
    const [x, y] = place(i);
    if (!Number.isFinite(x + y)) continue;
    if (length > few) {
      const key = `${Math.round(x / nearness)},${Math.round(y / nearness)}`;
      if (seen.has(key)) continue;
      seen.add(key);
    }
    kept.push(i);
  }
  return kept;
}

/** Means over blocks, so that there are at most `rows` x `columns` of them; NaN where all are. */
export function thinCells(
  values: readonly (readonly number[])[],
  rows: number,
  columns: number,
): { readonly values: readonly (readonly number[])[]; readonly block: readonly [number, number] } {
  const width = Math.max(0, ...values.map((row) => row.length));
  const block = [
    Math.max(1, Math.ceil(values.length / rows)),
    Math.max(1, Math.ceil(width / columns)),
  ] as const;
  if (block[0] === 1 && block[1] === 1) return { values, block };
  const thinned = Array.from({ length: Math.ceil(values.length / block[0]) }, (_, r) =>
    Array.from({ length: Math.ceil(width / block[1]) }, (_, c) => {
      const cells = values
        .slice(r * block[0], (r + 1) * block[0])
        .flatMap((row) => row.slice(c * block[1], (c + 1) * block[1]))
        .filter(Number.isFinite);
      return cells.length === 0
        ? Number.NaN
        : cells.reduce((sum, value) => sum + value, 0) / cells.length;
    }),
  );
  return { values: thinned, block };
}
