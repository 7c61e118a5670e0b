/** Inputs that are the same in every run: a small generator of its own, for arrays of any shape. */
import { array, type NDArray } from "@etude/tensor";

/** Uniform numbers in [0, 1) from a 32-bit state (mulberry32). */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Source {
  /** Normal entries with the given standard deviation (Box-Muller). */
  normal(shape: readonly number[], deviation?: number): NDArray;
  /** Integers from 0 to `below` - 1, int32. */
  integers(shape: readonly number[], below: number): NDArray;
}

/** A source of random arrays; the same seed gives the same arrays. */
export function source(seed: number): Source {
  const next = uniform(seed);
  const fill = (shape: readonly number[], value: () => number): Float64Array =>
    new Float64Array(shape.reduce((size, length) => size * length, 1)).map(value);
  return {
    normal: (shape, deviation = 1) =>
      array(
        fill(
          shape,
          () => deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
        ),
        { shape, dtype: "float32" },
      ),
    integers: (shape, below) =>
      array(
        fill(shape, () => Math.floor(next() * below)),
        { shape, dtype: "int32" },
      ),
  };
}
