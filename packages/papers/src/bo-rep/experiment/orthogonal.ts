/** Random orthogonal matrices. */
import type { random } from "@etude/tensor";

/**
 * Uniform over the orthogonal group: Gram and Schmidt on the rows of a normal matrix, twice.
 *
 * @returns [size * size], rows one behind the other
 */
export function randomOrthogonal(size: number, draw: random.Generator): Float64Array {
  const rows: Float64Array[] = [];
  for (let i = 0; i < size; i++) {
    const row = Float64Array.from({ length: size }, () => draw.normal());
    for (let pass = 0; pass < 2; pass++)
      for (const before of rows) {
        const along = inner(row, before);
        for (let j = 0; j < size; j++) row[j] -= along * before[j];
      }
    const length = Math.sqrt(inner(row, row));
    rows.push(row.map((entry) => entry / length));
  }
  const matrix = new Float64Array(size * size);
  rows.forEach((row, i) => {
    matrix.set(row, i * size);
  });
  return matrix;
}

const inner = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, entry, i) => sum + entry * b[i], 0);
