/**
 * Threefry-2x32 with 20 rounds: a keyed, counter-based generator. A key of two words turns every
 * counter into two words that look random; nothing is carried from one counter to the next.
 *
 * J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3",
 * SC 2011.
 */
import { fail, showShape } from "../errors.ts";
import { apply, type Op, type Tensor } from "../graph.ts";
import type { Emitter } from "../lower/emitter.ts";
import { alignBatch } from "../ops/elementwise.ts";
import { broadcastShapes } from "../shape.ts";

/** Bits each round rotates by; the two groups of four alternate. */
const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
];

/** Makes the third word of the key schedule of the other two, so that no key gives three zeros. */
const parity = 0x1bd11bda;

const groups = 5; // of four rounds, each followed by an injection of the key

/**
 * Inputs: key [..., 2] and counters [..., n]; outputs: two words [..., n], leading axes broadcast.
 * A counter has two words itself; the high one is zero here, which leaves only its key word in the
 * first addition and keeps that at the key's size.
 */
const threefryOp: Op = {
  name: "threefry",
  infer: ([key, counters]) => {
    if (key.dtype !== "uint32" || counters.dtype !== "uint32" || key.shape.at(-1) !== 2) {
      fail(
        `threefry: key ${key.dtype}${showShape(key.shape)} and counters ${counters.dtype}${showShape(counters.shape)} ` +
          "where uint32[..., 2] and uint32[..., n] belong",
      );
    }
    const leading = broadcastShapes(
      "threefry",
      key.shape.slice(0, -1),
      counters.shape.slice(0, -1),
    );
    const word = { shape: [...leading, counters.shape[counters.rank - 1]], dtype: key.dtype };
    return [word, word];
  },
  batch: (inputs, batched) => apply(threefryOp, alignBatch(inputs, batched), {}),
  onnx: (emit, [key, counters]) => lowerThreefry(emit, key, counters),
};

function lowerThreefry(emit: Emitter, key: string, counters: string): [string, string] {
  const number = (value: number) => emit.scalar(value, "uint32");
  const add = (a: string, b: string) => emit.op("Add", [a, b]);
  const xor = (a: string, b: string) => emit.op("BitwiseXor", [a, b]);
  // The halves of a rotation share no bits; the runtime adds and multiplies faster than it joins and
  // shifts bits, and both wrap around at 32 bits.
  const rotateLeft = (x: string, bits: number) =>
    add(
      emit.op("Mul", [x, number(2 ** bits)]),
      emit.op("BitShift", [x, number(32 - bits)], { direction: "RIGHT" }),
    );

  const [first, second] = emit.ops("Split", [key], 2, { axis: -1, num_outputs: 2 });
  const schedule = [first, second, xor(xor(first, second), number(parity))];

  let [a, b] = [first, add(counters, second)];
  for (let group = 0; group < groups; group++) {
    for (const bits of rotations[group % 2]) {
      a = add(a, b);
      b = xor(a, rotateLeft(b, bits));
    }
    // The group's number is added to the key's word, not to b: the key is the smaller of the two.
    a = add(a, schedule[(group + 1) % 3]);
    b = add(b, add(schedule[(group + 2) % 3], number(group + 1)));
  }
  return [a, b];
}

/** Two random words for every counter [n] of a key [2]. */
export function threefry(key: Tensor, counters: Tensor): [first: Tensor, second: Tensor] {
  const [first, second] = apply(threefryOp, [key, counters], {});
  return [first, second];
}
