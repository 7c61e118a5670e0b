/** Random test inputs: what an input is drawn from, by a seeded generator. */
import { allocate, type DType } from "../dtype.ts";
import { NDArray } from "../ndarray.ts";
import { count } from "./reference.ts";

/** Numbers in [0, 1), the same for the same seed. */
export type Random = () => number;

/** Weyl sequence through a 32-bit mixer. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** An input of a case: its shape and how its entries are drawn. Without a dtype it is a float. */
export interface Source {
  readonly shape: readonly number[];
  readonly dtype?: Exclude<DType, "float32" | "float64">;
  readonly draw: (random: Random, size: number) => readonly number[];
}

const each =
  (one: (random: Random) => number) =>
  (random: Random, size: number): number[] =>
    Array.from({ length: size }, () => one(random));

/** Entries between two bounds. */
export const between = (shape: readonly number[], low: number, high: number): Source => ({
  shape,
  draw: each((random) => low + (high - low) * random()),
});

export const real = (shape: readonly number[]): Source => between(shape, -2, 2);
export const positive = (shape: readonly number[]): Source => between(shape, 0.3, 2.5);

/** Entries of either sign, at least 0.1 from zero. */
export const nonzero = (shape: readonly number[]): Source => ({
  shape,
  draw: each((random) => (random() < 0.5 ? -1 : 1) * (0.1 + 1.9 * random())),
});

/** Entries no two of which, nor zero, are nearer than 0.05: no ties, no kinks. */
export const distinct = (shape: readonly number[]): Source => ({
  shape,
  draw: (random, size) => {
    const values = Array.from(
      { length: size },
      (_, i) => (i - size / 2 + 0.3 + 0.3 * random()) * 0.15,
    );
    for (let i = size - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [values[i], values[j]] = [values[j], values[i]];
    }
    return values;
  },
});

/** Like {@link distinct}, and no two of nearly the same magnitude. */
export const distinctMagnitudes = (shape: readonly number[]): Source => ({
  shape,
  draw: (random, size) =>
    distinct(shape)
      .draw(random, size)
      .map((value) => (value + size * 0.1) * (random() < 0.5 ? -1 : 1)),
});

/** Entries at least 0.1 from every whole number and from every half. */
export const fractional = (shape: readonly number[]): Source => ({
  shape,
  draw: each(
    (random) => Math.floor(random() * 6 - 3) + (random() < 0.5 ? 0.1 : 0.6) + 0.3 * random(),
  ),
});

/** Whole numbers low, ..., high - 1. */
export const integers = (
  shape: readonly number[],
  low: number,
  high: number,
  dtype: "int32" | "uint32" = "int32",
): Source => ({
  shape,
  dtype,
  draw: each((random) => low + Math.floor(random() * (high - low))),
});

/** Positions along an axis of this length, half of them counted from its end. */
export const positions = (shape: readonly number[], length: number): Source =>
  integers(shape, -length, length);

export const flags = (shape: readonly number[]): Source => ({
  shape,
  dtype: "bool",
  draw: each((random) => Number(random() < 0.5)),
});

/** Numbers as an array of any dtype. */
export function arrayOf(data: readonly number[], shape: readonly number[], dtype: DType): NDArray {
  const storage = allocate(dtype, data.length);
  storage.set(data);
  return new NDArray(storage, shape, dtype);
}

/** Draw an input; `dtype` is what its floats become. */
export function drawFrom(
  { shape, dtype: own, draw }: Source,
  dtype: DType,
  random: Random,
): NDArray {
  return arrayOf(draw(random, count(shape)), shape, own ?? dtype);
}
