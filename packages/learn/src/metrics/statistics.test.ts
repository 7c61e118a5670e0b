import { random } from "@etude/tensor";
import { describe, expect, test } from "vitest";
import { expectNear, readGolden, wave } from "../testing/golden.ts";
import {
  bootstrapInterval,
  meanInterval,
  normalCdf,
  normalQuantile,
  pairedDifference,
  quantileOf,
  standardDeviation,
  standardError,
  studentCdf,
  studentQuantile,
  wilsonInterval,
} from "./statistics.ts";

/** Made by `golden/make_metrics.py`. */
const golden = readGolden("metrics") as {
  deviation: number;
  error: number;
  interval: number[];
  paired: { t: number; p: number; interval: number[] };
  wilson: number[];
  wilsonNone: number[];
  freedoms: number[];
  levels: number[];
  student: number[][];
  normal: number[];
  quantiles: number[];
};

describe("Student's t and the normal distribution", () => {
  test("quantiles are SciPy's to 1e-9 of their size, from 1 to 10^7 degrees of freedom", () => {
    golden.freedoms.forEach((freedom, row) => {
      golden.levels.forEach((p, i) => {
        const expected = golden.student[row][i];
        const error = Math.abs(studentQuantile(p, freedom) - expected) / Math.abs(expected);
        expect(error, `${p} with ${freedom}`).toBeLessThan(1e-9);
      });
    });
    golden.levels.forEach((p, i) => {
      expect(Math.abs(normalQuantile(p) / golden.normal[i] - 1), `normal ${p}`).toBeLessThan(1e-11);
    });
  });

  test("one and two degrees of freedom have closed forms", () => {
    for (const t of [-30, -1, -0.01, 0, 0.3, 2, 1e4]) {
      expect(studentCdf(t, 1)).toBeCloseTo(0.5 + Math.atan(t) / Math.PI, 14);
      expect(studentCdf(t, 2)).toBeCloseTo(0.5 + t / (2 * Math.sqrt(2 + t * t)), 14);
    }
    expect(studentCdf(-1e200, 1) * Math.PI * 1e200).toBeCloseTo(1, 12);
    expect(studentCdf(Number.NEGATIVE_INFINITY, 3)).toBe(0);
    expect(studentQuantile(0.5, 3)).toBe(0);
    expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 14);
    // Far out, where the series gives way to the continued fraction.
    expect(normalCdf(-6) / 9.865876450376946e-10).toBeCloseTo(1, 12);
    expect(() => studentQuantile(1, 3)).toThrow(/between 0 and 1/);
    expect(() => studentCdf(1, 0)).toThrow(/degrees of freedom/);
  });
});

describe("intervals", () => {
  const sample = wave(4, [9]);

  test("means over seeds, as SciPy has them", () => {
    expectNear(standardDeviation(sample), golden.deviation, 1e-12);
    expectNear(standardError(sample), golden.error, 1e-12);
    meanInterval(sample).forEach((end, i) => {
      expectNear(end, golden.interval[i], 1e-10);
    });
    const { t, pValue, interval } = pairedDifference(sample, wave(6, [9]), 0.9);
    expectNear(t, golden.paired.t, 1e-12);
    expectNear(pValue, golden.paired.p, 1e-12);
    interval.forEach((end, i) => {
      expectNear(end, golden.paired.interval[i], 1e-10);
    });
    [0, 0.1, 0.5, 0.77, 1].forEach((p, i) => {
      expectNear(quantileOf(sample, p), golden.quantiles[i], 1e-12);
    });
  });

  test("shares, as SciPy has them", () => {
    for (const [got, expected] of [
      [wilsonInterval(7, 40), golden.wilson],
      [wilsonInterval(0, 12, 0.9), golden.wilsonNone],
    ])
      got.forEach((end, i) => {
        expectNear(end, expected[i], 1e-10);
      });
    expect(wilsonInterval(5, 5)[1]).toBe(1);
    expect(() => wilsonInterval(6, 5)).toThrow(/not possible/);
  });

  test("hold the true mean as often as they say", () => {
    const chance = random.generator(11);
    const rounds = 400;
    let [student, bootstrap] = [0, 0];
    for (let round = 0; round < rounds; round++) {
      const values = Float64Array.from({ length: 20 }, () => chance.normal() + 3);
      const holds = ([low, high]: readonly [number, number]) => Number(low <= 3 && 3 <= high);
      student += holds(meanInterval(values, 0.9));
      bootstrap += holds(bootstrapInterval(values, { level: 0.9, resamples: 200, seed: round }));
    }
    // The share of 400 is known to 1.5 % (one deviation); the bootstrap of 20 values is a bit short.
    expect(student / rounds).toBeGreaterThan(0.855);
    expect(student / rounds).toBeLessThan(0.945);
    expect(bootstrap / rounds).toBeGreaterThan(0.82);
    expect(bootstrap / rounds).toBeLessThan(0.93);
  });

  test("a bootstrap is its seed's, and close to Student's for many values", () => {
    const values = wave(1, [200]);
    const [low, high] = bootstrapInterval(values, { resamples: 2000, seed: 5 });
    expect(bootstrapInterval(values, { resamples: 2000, seed: 5 })).toEqual([low, high]);
    expect(bootstrapInterval(values, { resamples: 2000, seed: 6 })).not.toEqual([low, high]);
    const [left, right] = meanInterval(values);
    expect((high - low) / (right - left)).toBeCloseTo(1, 1);
  });

  test("one value has no spread; equal differences are infinitely significant", () => {
    expect(() => meanInterval([1])).toThrow(/one value says nothing of the spread/);
    expect(pairedDifference([2, 3, 4], [1, 2, 3])).toMatchObject({
      mean: 1,
      interval: [1, 1],
      pValue: 0,
    });
    expect(pairedDifference([1, 2], [1, 2])).toMatchObject({ t: 0, pValue: 1 });
    expect(() => pairedDifference([1, 2], [1, 2, 3])).toThrow(/2 values of a and 3 values of b/);
  });
});
