import { expect, test } from "vitest";
import { lift } from "../graph.ts";
import { evaluate } from "../jit.ts";
import { iota } from "../ops/indexing.ts";
import { generator, threefry2x32 } from "./generator.ts";
import { key } from "./keys.ts";
import { threefry } from "./threefry.ts";

test("its words are those of the same generator inside a graph", async () => {
  for (const seed of [0, 42, 2 ** 40 + 7]) {
    const k = key(seed);
    const [a, b] = await evaluate(threefry(lift(k), iota(5, "uint32")));
    const words = [Number(k.data[0]), Number(k.data[1])] as const;
    const host = [0, 1, 2, 3, 4].map((i) => threefry2x32(words, 0, i));
    expect(host.map(([first]) => first)).toEqual(a.tolist());
    expect(host.map(([, second]) => second)).toEqual(b.tolist());
  }
});

test("the reference's known answers: zero and all ones", () => {
  expect(threefry2x32([0, 0], 0, 0)).toEqual([0x6b200159, 0x99ba4efe]);
  expect(threefry2x32([0xffffffff, 0xffffffff], 0xffffffff, 0xffffffff)).toEqual([
    0x1cb996fc, 0xbb002be7,
  ]);
});

test("goes on from its state, and forks do not depend on what was drawn", () => {
  const stream = generator(7);
  const fork = stream.fork(3).permutation(10);
  for (let i = 0; i < 5; i++) stream.normal();
  const { state } = stream;
  const later = generator(JSON.parse(JSON.stringify(state())));
  expect(later.permutation(20)).toEqual(stream.permutation(20));
  expect(stream.fork(3).permutation(10)).toEqual(fork);
  expect(stream.fork(4).permutation(10)).not.toEqual(fork);
});

test("moments, and every number of a permutation once", () => {
  const stream = generator(1);
  const draws = Float64Array.from({ length: 20_000 }, () => stream.normal());
  const mean = draws.reduce((a, b) => a + b, 0) / draws.length;
  const variance = draws.reduce((a, b) => a + (b - mean) ** 2, 0) / draws.length;
  expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(draws.length));
  expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / draws.length));
  expect([...stream.permutation(1000)].sort((a, b) => a - b)).toEqual([...Array(1000).keys()]);
  expect(new Set(stream.sample(50, 20)).size).toBe(20);
  const counts = [0, 0, 0];
  for (let i = 0; i < 9000; i++) counts[stream.integer(3)]++;
  for (const count of counts) expect(Math.abs(count - 3000)).toBeLessThan(4 * Math.sqrt(2000));
});

test("refuses what it cannot draw", () => {
  expect(() => generator(0).integer(0)).toThrow("integer(0)");
  expect(() => generator(0).sample(3, 4)).toThrow("4 different numbers out of 3");
});
