/** Comparison of arrays with messages that say which entry is wrong and what it should be. */
import type { DType } from "../dtype.ts";
import type { NDArray } from "../ndarray.ts";
import { indices, type Reference } from "./reference.ts";

export interface Tolerance {
  /** Largest error of an entry, in units of max(1, |expected entry|). */
  readonly entry?: number;
  /** Largest error of an entry, in units of max(1, the largest expected entry). */
  readonly whole?: number;
  /** Largest error of an entry, in units of the expected entry. */
  readonly relative?: number;
}

/** The value of a number in a dtype: integers wrap around. */
export function valueIn(dtype: DType, value: number): number {
  switch (dtype) {
    case "float32":
      return Math.fround(value);
    case "int32":
      return value | 0;
    case "uint32":
      return value >>> 0;
    case "bool":
      return Number(value !== 0);
    default:
      return value;
  }
}

export class Mismatch extends Error {
  override name = "Mismatch";
}

/** Throw a {@link Mismatch} unless the array has the expected shape and entries. NaN equals NaN. */
export function expectClose(
  what: string,
  got: NDArray,
  expected: Reference,
  { entry = 0, whole = 0, relative = 0 }: Tolerance = {},
): void {
  if (`${got.shape}` !== `${expected.shape}`)
    throw new Mismatch(`${what}: expected shape [${expected.shape}], got [${got.shape}]`);
  const finite = expected.data.filter(Number.isFinite).map(Math.abs);
  const slack = whole * finite.reduce((a, b) => Math.max(a, b), 1);
  let worst = -1;
  let wrong = 0;
  let largest = 0;
  for (let i = 0; i < expected.data.length; i++) {
    const want = expected.data[i];
    const have = got.data[i];
    if (want === have || (Number.isNaN(want) && Number.isNaN(have))) continue;
    const error = Math.abs(want - have);
    const size = Math.abs(want);
    if (error <= slack + entry * Math.max(1, size) + relative * size) continue;
    wrong++;
    if (worst < 0 || error > largest || Number.isNaN(error)) {
      worst = i;
      largest = error;
    }
  }
  if (wrong === 0) return;
  throw new Mismatch(
    `${what}: ${wrong} of ${got.size} entries are wrong, worst at [${indices(got.shape)[worst]}]: ` +
      `expected ${expected.data[worst]}, got ${got.data[worst]} (${got.dtype}[${got.shape}])`,
  );
}

export const toReference = ({ shape, data }: NDArray): Reference => ({ shape, data: [...data] });
