import { expect, test } from "vitest";
import { polynomialFit } from "./polynomialFit.ts";
import {
  gaussianFilter,
  publishedShapes,
  syntheticNorms,
  syntheticSchedule,
} from "./publishedShapes.ts";
import {
  cosine,
  flat,
  inverse,
  inverseSqrt,
  linearDecay,
  polynomial,
  stepwise,
} from "./standardSchedules.ts";
import { expectClose } from "./testing.ts";

test("the standard schedules at their steps", () => {
  expectClose(flat(3), [1, 1, 1]);
  expectClose(inverse(3), [1, 1 / 2, 1 / 3]);
  expectClose(inverseSqrt(4), [1, Math.SQRT1_2, 1 / Math.sqrt(3), 0.5]);
  expectClose(cosine(4), [1, (1 + Math.SQRT1_2) / 2, 0.5, (1 - Math.SQRT1_2) / 2]);
  // Counted from 0 it ends at 1 / T, so the last gradient is used.
  expectClose(linearDecay(4), [1, 0.75, 0.5, 0.25]);
  expectClose(stepwise(6, { factor: 0.1 }), [1, 1, 0.1, 0.1, 0.01, 0.01]);
  expectClose(linearDecay(10, { warmup: 0.2 }), [
    0.5,
    1,
    1,
    7 / 8,
    6 / 8,
    5 / 8,
    4 / 8,
    3 / 8,
    2 / 8,
    1 / 8,
  ]);
  expectClose(inverse(4, { warmup: 0.5 }), [0.5, 1, 1, 0.5]);
  expectClose(polynomial(4, { power: 2 }), [1, 9 / 16, 1 / 4, 1 / 16]);
  expect(() => flat(1)).toThrow("1 is no number of steps");
  expect(() => flat(5, { warmup: 1 })).toThrow("in [0, 1), got 1");
});

test("the fit finds the warm-up and the power of polynomial schedules, published ones too", () => {
  for (const { warmup, power = 1 } of publishedShapes) {
    for (const steps of [317, 10_000]) {
      const fit = polynomialFit(polynomial(steps, { warmup, power }));
      expect(Math.abs(fit.warmup - warmup)).toBeLessThan(1e-3);
      expect(Math.abs(fit.power - power)).toBeLessThan(0.02);
      expect(fit.error).toBeLessThan(1e-3);
    }
  }
});

test("what shapes norms make: no warm-up, a warm-up, and annealing faster or slower than linear", () => {
  const fits = Object.fromEntries(
    Object.entries(syntheticNorms).map(([name, values]) => [
      name,
      polynomialFit(syntheticSchedule(values)),
    ]),
  );
  expect(fits.constant.warmup).toBeLessThan(1e-3);
  expect(fits.constant.power).toBeCloseTo(1, 2);
  const [level, growing, falling] = ["constant", "growing to 2", "falling to 0.7"].map(
    (end) => fits[`falling, then ${end}`],
  );
  for (const fit of [level, growing, falling]) expect(fit.warmup).toBeGreaterThan(0.04);
  expect(growing.power).toBeGreaterThan(1.5);
  expect(level.power).toBeCloseTo(1, 1);
  expect(falling.power).toBeLessThan(0.95);
});

test("the Gaussian filter keeps constants and the sum, and widens a peak as its deviation says", () => {
  expectClose(gaussianFilter(Array(10).fill(2), 3), Array(10).fill(2), 1e-12);
  const peak = Array.from({ length: 101 }, (_, i) => (i === 50 ? 1 : 0));
  const smooth = gaussianFilter(peak, 4);
  expect(smooth.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  expect(smooth[54] / smooth[50]).toBeCloseTo(Math.exp(-0.5), 12);
});
