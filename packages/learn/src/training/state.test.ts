import { array } from "@etude/tensor";
import { expect, test } from "vitest";
import { decodeState, encodeState } from "./state.ts";

const state = {
  params: {
    weight: array([
      [1, -0],
      [Number.NaN, 3.5],
    ]),
    count: array(7, { dtype: "int32" }),
  },
  mask: array([true, false, true]),
  wide: array([1 / 3], { dtype: "float64" }),
  empty: array([], { shape: [0, 3] }),
  list: [1, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.1],
  $: "dollar",
  $name: { $: { $$: 1 } },
  text: "Größe",
  none: null,
  gone: undefined,
  flag: true,
};

test("what was encoded is decoded, bit by bit", () => {
  const back = decodeState(encodeState(state));
  expect(back).toEqual(state);
  expect(encodeState(back)).toEqual(encodeState(state));
});

test("bytes that are a view of others, as Node's buffers are, decode the same", () => {
  const bytes = encodeState(state);
  const around = new Uint8Array(bytes.length + 11).fill(255);
  around.set(bytes, 3);
  expect(decodeState(around.subarray(3, 3 + bytes.length))).toEqual(state);
  expect(decodeState(Buffer.from(around.buffer, 3, bytes.length))).toEqual(state);
});

test("every truncation and every changed byte is told from a whole state", () => {
  const bytes = encodeState({ weight: array([1, 2, 3]), step: 4 });
  for (let length = 0; length < bytes.length; length++)
    expect(() => decodeState(bytes.slice(0, length))).toThrow("no saved state");
  for (let i = 0; i < bytes.length; i++) {
    const damaged = bytes.slice();
    damaged[i] ^= 1;
    expect(() => decodeState(damaged)).toThrow("no saved state");
  }
});

test("refuses what it cannot keep, and says where it is", () => {
  expect(() => encodeState({ a: [1, new Map()] })).toThrow("a Map at state.a[1]");
});
