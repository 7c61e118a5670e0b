import { array, random } from "@etude/tensor";
import { expect, it } from "vitest";
import {
  allPatterns2d,
  type Patterns,
  patternCount,
  samplePatterns,
  sampleRobustPatterns,
  scenarioBound,
} from "./patterns.ts";
import { toy } from "./toy.ts";

const texts = ({ D, samples, count }: Patterns): string[] =>
  Array.from({ length: count }, (_, i) => D.slice(i * samples, (i + 1) * samples).join(""));

it("five points on a line have ten patterns: runs of ones at either end", () => {
  const patterns = allPatterns2d(toy.X);
  expect(texts(patterns).sort()).toEqual(
    [
      "00000",
      "00001",
      "00011",
      "00111",
      "01111",
      "10000",
      "11000",
      "11100",
      "11110",
      "11111",
    ].sort(),
  );
  expect(patternCount(5, 2)).toBe(10n);
});

it("sampling finds all 32 patterns of six samples in space, and says that there are no more", () => {
  // The six axes of an icosahedron: their planes cut space into 20 + 12 cones of fair size.
  const golden = (1 + Math.sqrt(5)) / 2;
  const axes = [1, -1].flatMap((one) => [
    [0, one, golden],
    [one, golden, 0],
    [golden, 0, one],
  ]);
  const X = array(axes, { dtype: "float64" });
  expect(patternCount(6, 3)).toBe(32n);
  const patterns = samplePatterns(X, 33, random.generator(5));
  expect(patterns.count).toBe(32);
  expect(patterns.complete).toBe(false);
  expect(new Set(texts(patterns)).size).toBe(32);
  const enough = samplePatterns(X, 12, random.generator(5));
  expect([enough.count, enough.complete]).toEqual([12, true]);
});

it("equal and opposite samples leave fewer patterns than general position", () => {
  const X = array(
    [
      [1, 0],
      [2, 0],
      [0, 1],
      [-1, 0],
    ],
    { dtype: "float64" },
  );
  expect(allPatterns2d(X).count).toBe(4);
  expect(samplePatterns(X, 20, random.generator(0)).count).toBe(4);
  expect(patternCount(4, 2)).toBe(8n);
});

it("patternCount is exact for numbers beyond floats", () => {
  // All 2^n patterns when the rank is n.
  expect(patternCount(80, 80)).toBe(2n ** 80n);
  expect(patternCount(80, 200)).toBe(2n ** 80n);
});

it("scenarioBound takes the smaller of the two bounds", () => {
  expect(scenarioBound(100, 0.05, 0.05)).toBeCloseTo(4159.829, 2);
  // (n + 1) / (psi xi) - 1 is 40 399 there; it is the smaller one only for tiny confidence demands.
  expect(scenarioBound(1, 0.5, 0.9)).toBeCloseTo(2 / 0.45 - 1, 12);
  expect(() => scenarioBound(100, 0, 0.05)).toThrow("psi must lie between 0 and 1");
});

it("without a perturbation robust patterns are those of the directions", () => {
  const options = { directions: 8, variants: 4 };
  const robust = sampleRobustPatterns(toy.X, 0, { ...options, generator: random.generator(1) });
  expect(new Set(texts(robust)).size).toBe(robust.count);
  expect(robust.count).toBeLessThanOrEqual(8);
  const wide = sampleRobustPatterns(toy.X, 1, { ...options, generator: random.generator(1) });
  expect(wide.count).toBeGreaterThan(robust.count);
  expect(() =>
    sampleRobustPatterns(toy.X, -1, { ...options, generator: random.generator(1) }),
  ).toThrow("eps must not be negative");
});
