/**
 * Between arrays with leading batch axes and the linear algebra library, which knows single matrices
 * of float64.
 */
import { type AbstractMatrix, WrapperMatrix1D } from "ml-matrix";
import { isFloat } from "../dtype.ts";
import { fail, showShape } from "../errors.ts";
import type { Aval, Tensor } from "../graph.ts";
import { NDArray } from "../ndarray.ts";
import { type Shape, sizeOf } from "../shape.ts";

/** One matrix of a batch, for messages. */
export interface Entry {
  readonly operation: string;
  readonly batch: Shape;
  readonly index: number;
}

/**
 * The host rule of an operation on matrices: `compute` reads one member of every input, row by row in
 * float64, and fills in the members of the results, which come as zeros. All inputs and results have
 * the leading axes of the first input; results have the dtypes of `outputs`. Matrices without entries
 * are not computed on.
 */
export function eachMatrix(
  operation: string,
  inputs: readonly NDArray[],
  outputs: readonly Aval[],
  compute: (given: readonly Float64Array[], results: readonly Float64Array[], entry: Entry) => void,
): NDArray[] {
  const batch = inputs[0].shape.slice(0, -2);
  const count = sizeOf(batch);
  const given = inputs.map((input) => input.astype("float64").data as Float64Array);
  const results = outputs.map(({ shape }) => new Float64Array(sizeOf(shape)));
  for (let index = 0; index < count && inputs[0].size > 0; index++) {
    const member = (data: Float64Array) => {
      const size = data.length / count;
      return data.subarray(index * size, (index + 1) * size);
    };
    compute(given.map(member), results.map(member), { operation, batch, index });
  }
  return results.map((data, i) => {
    const { shape, dtype } = outputs[i];
    return new NDArray(data, shape, "float64").astype(dtype);
  });
}

/** "the matrix", or which one of the batch. */
export function describe({ batch, index }: Entry): string {
  if (batch.length === 0) return "the matrix";
  let rest = index;
  const place = batch.toReversed().map((length) => {
    const position = rest % length;
    rest = Math.floor(rest / length);
    return position;
  });
  return `matrix ${showShape(place.reverse())} of the batch`;
}

/** Fail with the place of the first NaN or Infinity, if there is one. */
export function expectFinite(entry: Entry, name: string, data: Float64Array, columns: number) {
  const found = data.findIndex((value) => !Number.isFinite(value));
  if (found >= 0) notFinite(entry, name, data[found], Math.floor(found / columns), found % columns);
}

export function notFinite(
  entry: Entry,
  name: string,
  value: number,
  row: number,
  column: number,
): never {
  const member = entry.batch.length === 0 ? "" : ` (${describe(entry)})`;
  return fail(`${entry.operation}: ${name} is ${value} at [${row}, ${column}]${member}`);
}

/** Row-major storage as the library takes it, without a copy. */
export const view = (data: Float64Array, rows: number): AbstractMatrix =>
  new WrapperMatrix1D(data, { rows });

/**
 * The matrix divided by a power of two, which is exact, so that its largest entry is between 1 and 2.
 * Where squares of entries underflow or overflow the library's iterations go wrong or do not end.
 */
export function normalised(a: Float64Array): { scale: number; unit: Float64Array } {
  const largest = a.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const scale = largest === 0 ? 1 : 2 ** Math.min(1023, Math.floor(Math.log2(largest)));
  return { scale, unit: a.map((value) => value / scale) };
}

/** Write a matrix of so many columns, entry by entry; -0, which changes of sign leave, becomes 0. */
export function fill(
  target: Float64Array,
  columns: number,
  entry: (row: number, column: number) => number,
): void {
  for (let place = 0, row = 0; place < target.length; row++) {
    for (let column = 0; column < columns; column++) target[place++] = entry(row, column) + 0;
  }
}

/** The symmetric part (a + a^T) / 2 of an n x n matrix. */
export function symmetricPart(a: Float64Array, n: number): Float64Array {
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const mean = a[i * n + j] / 2 + a[j * n + i] / 2;
      result[i * n + j] = mean;
      result[j * n + i] = mean;
    }
  }
  return result;
}

/** Check while tracing that `a` holds matrices of floats; returns their numbers of rows and columns. */
export function matrixShape(operation: string, a: Tensor): [rows: number, columns: number] {
  if (!isFloat(a.dtype))
    fail(`${operation}: takes floats, got ${a.dtype}; convert with .astype("float32")`);
  if (a.rank < 2) fail(`${operation}: shape ${showShape(a.shape)} has no rows and columns`);
  const [rows, columns] = a.shape.slice(-2);
  return [rows, columns];
}

/** The same for square ones; returns their order. */
export function squareOrder(operation: string, a: Tensor): number {
  const [rows, columns] = matrixShape(operation, a);
  return rows === columns
    ? rows
    : fail(`${operation}: takes square matrices, got shape ${showShape(a.shape)}`);
}
