/**
 * Random numbers outside graphs: for the order of rows, the choice of a subsample, the start of a
 * search - what a program decides between two compiled calls. The same Threefry-2x32 as inside
 * graphs, evaluated one counter at a time, so nothing has to be compiled.
 */
import { fail } from "../errors.ts";
import { key } from "./keys.ts";

/** Where a generator stands, as plain data: put it in a checkpoint, and the numbers go on from there. */
export interface GeneratorState {
  readonly key: readonly [high: number, low: number];
  readonly drawn: number;
}

export interface Generator {
  /** 32 random bits, as a number from 0 up to 2^32 - 1. */
  bits(): number;
  /** A number of [low, high), of 53 random bits; [0, 1) where nothing is said. */
  uniform(low?: number, high?: number): number;
  /** A draw from the standard normal distribution. */
  normal(): number;
  /** A whole number from 0 up to but not including `count`, each equally likely. */
  integer(count: number): number;
  /** The numbers 0 ... count - 1 in random order. */
  permutation(count: number): Int32Array<ArrayBuffer>;
  /** `size` different numbers of 0 ... count - 1, in random order. */
  sample(count: number, size: number): Int32Array<ArrayBuffer>;
  /** A generator of its own for a purpose: what it draws does not depend on what others drew. */
  fork(purpose: number): Generator;
  state(): GeneratorState;
}

/**
 * A stream of random numbers from a seed or from where another stopped.
 *
 * @example
 * const order = random.generator(42).permutation(rows);
 */
export function generator(start: number | bigint | GeneratorState): Generator {
  const { key: words, drawn } = typeof start === "object" ? start : fromSeed(start);
  let counter = drawn;

  const pair = (): [number, number] => {
    const index = counter++;
    return threefry2x32(words, Math.floor(index / 2 ** 32), index % 2 ** 32);
  };
  const fraction = (): number => {
    const [a, b] = pair();
    return ((a >>> 5) * 2 ** 26 + (b >>> 6)) / 2 ** 53;
  };
  const integer = (count: number): number => {
    if (!Number.isInteger(count) || count < 1 || count > 2 ** 32)
      fail(`random.generator: integer(${count}) needs a whole number from 1 to 2^32`);
    // The bits beyond the last multiple of `count` would favour small numbers: draw again.
    const limit = 2 ** 32 - (2 ** 32 % count);
    let word = pair()[0];
    while (word >= limit) word = pair()[0];
    return word % count;
  };
  const sample = (count: number, size: number): Int32Array<ArrayBuffer> => {
    if (!Number.isInteger(size) || size < 0 || size > count)
      fail(`random.generator: cannot draw ${size} different numbers out of ${count}`);
    const numbers = Int32Array.from({ length: count }, (_, i) => i);
    for (let i = 0; i < Math.min(size, count - 1); i++) {
      const other = i + integer(count - i);
      [numbers[i], numbers[other]] = [numbers[other], numbers[i]];
    }
    return numbers.slice(0, size);
  };

  return {
    bits: () => pair()[0],
    uniform: (low = 0, high = 1) => low + (high - low) * fraction(),
    // Box and Muller's transform; the second of its two numbers is dropped, so that the state is a count.
    normal: () => Math.sqrt(-2 * Math.log(1 - fraction())) * Math.cos(2 * Math.PI * fraction()),
    integer,
    permutation: (count) => sample(count, count),
    sample,
    fork: (purpose) =>
      generator({ key: threefry2x32(words, 2 ** 32 - 1, purpose >>> 0), drawn: 0 }),
    state: () => ({ key: words, drawn: counter }),
  };
}

function fromSeed(seed: number | bigint): GeneratorState {
  const { data } = key(seed);
  return { key: [Number(data[0]), Number(data[1])], drawn: 0 };
}

/** The two words of a counter (high, low) under a key: `threefry` of this folder in plain numbers. */
export function threefry2x32(
  [first, second]: readonly [number, number],
  high: number,
  low: number,
): [number, number] {
  const schedule = [first, second, first ^ second ^ 0x1bd11bda];
  const rotations = [13, 15, 26, 6, 17, 29, 16, 24];
  let a = (high + first) | 0;
  let b = (low + second) | 0;
  for (let round = 0; round < 20; round++) {
    const bits = rotations[round % 8];
    a = (a + b) | 0;
    b = ((b << bits) | (b >>> (32 - bits))) ^ a;
    if (round % 4 === 3) {
      const group = (round + 1) / 4;
      a = (a + schedule[group % 3]) | 0;
      b = (b + schedule[(group + 1) % 3] + group) | 0;
    }
  }
  return [a >>> 0, b >>> 0];
}
