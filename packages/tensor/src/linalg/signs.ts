/**
 * Eigenvectors and singular vectors are determined up to their sign. Here the first entry that is
 * as large as any is positive, so that a result depends on the matrix alone, and almost everywhere
 * continuously, not on how it was computed.
 */
import type { AbstractMatrix } from "ml-matrix";
import { range } from "../shape.ts";

/** Entries this close to the largest count as equal to it, so that rounding does not choose between them. */
const tie = 1 - 1e-6;

/** -1 for every column that has to be negated, else 1. */
export function columnSigns(matrix: AbstractMatrix): number[] {
  const rows = range(matrix.rows);
  return range(matrix.columns).map((column) => {
    const largest = rows.reduce((max, i) => Math.max(max, Math.abs(matrix.get(i, column))), 0);
    const first = rows.find((i) => Math.abs(matrix.get(i, column)) >= tie * largest) ?? 0;
    return matrix.get(first, column) < 0 ? -1 : 1;
  });
}
