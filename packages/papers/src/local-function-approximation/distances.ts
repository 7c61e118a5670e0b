/** How far explanations are from each other (section 5.1) and from what they should be (5.2). */
import type { NDArray } from "@etude/tensor";

/** Over points: the mean L1 distance of attributions [m, d]. */
export const meanL1 = (a: NDArray, b: NDArray): number =>
  sumOver(a, (i) => Math.abs(Number(a.data[i]) - Number(b.data[i]))) / a.shape[0];

/** sum |a - b| / sum |b|: 0 where a is b, about 1 where it has nothing of it. */
export const relativeL1 = (a: NDArray, b: NDArray): number =>
  sumOver(a, (i) => Math.abs(Number(a.data[i]) - Number(b.data[i]))) /
  sumOver(b, (i) => Math.abs(Number(b.data[i])));

function sumOver({ size }: NDArray, of: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += of(i);
  return sum;
}

export interface CosineDistance {
  /** Over points: the mean of 1 - cos of attributions [m, d]; 1 where one of them is zero. */
  readonly mean: number;
  /** Points where one is zero, which has no direction. */
  readonly zeros: number;
}

export function meanCosine(a: NDArray, b: NDArray): CosineDistance {
  const [m, d] = a.shape;
  let [sum, zeros] = [0, 0];
  for (let point = 0; point < m; point++) {
    let [product, ofA, ofB] = [0, 0, 0];
    for (let i = point * d; i < (point + 1) * d; i++) {
      const [x, y] = [Number(a.data[i]), Number(b.data[i])];
      product += x * y;
      ofA += x * x;
      ofB += y * y;
    }
    if (ofA === 0 || ofB === 0) zeros++;
    sum += ofA === 0 || ofB === 0 ? 1 : 1 - product / Math.sqrt(ofA * ofB);
  }
  return { mean: sum / m, zeros };
}

export interface AttributionDistances {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly l1: readonly (readonly number[])[];
  readonly cosine: readonly (readonly number[])[];
  /** Pairs of attributions, over all points, of which one is zero. */
  readonly zeros: number;
}

/** Distances of all pairs: rows are those of `a`, columns those of `b`; attributions are [m, d]. */
export function attributionDistances(
  a: Readonly<Record<string, NDArray>>,
  b: Readonly<Record<string, NDArray>>,
): AttributionDistances {
  const [rows, columns] = [Object.keys(a), Object.keys(b)];
  const directions = rows.map((row) => columns.map((column) => meanCosine(a[row], b[column])));
  return {
    rows,
    columns,
    l1: rows.map((row) => columns.map((column) => meanL1(a[row], b[column]))),
    cosine: directions.map((row) => row.map(({ mean }) => mean)),
    zeros: directions.flat().reduce((sum, { zeros }) => sum + zeros, 0),
  };
}
