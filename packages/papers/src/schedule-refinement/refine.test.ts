import { scheduleValues } from "@etude/learn";
import { random } from "@etude/tensor";
import { expect, test } from "vitest";
import { meanFilterReflect } from "./meanFilter.ts";
import { medianFilterReflect } from "./medianFilter.ts";
import { finiteNorms, refinedSchedule, refineSchedule } from "./refine.ts";
import { resample } from "./resample.ts";
import { expectClose } from "./testing.ts";
import { filterWidth } from "./window.ts";

const record = [5, 9, 3, 4, 8, 2, 7, 1, 6, 2, 3, 9];

test("constant norms give linear decay, whatever the filter and the norm", () => {
  for (const norm of ["l1", "l2"] as const)
    for (const smoothing of [0, 0.1, 0.9])
      expectClose(refineSchedule(Array(5).fill(3), { norm, smoothing }), [1, 0.75, 0.5, 0.25, 0]);
});

test("weights are the inverse squares of l2 norms, the inverse of l1 norms", () => {
  const norms = [4, 2, 1, 1, 2, 1];
  expectClose(
    refineSchedule(norms, { norm: "l2", smoothing: 0 }),
    [0.09722222, 0.36111111, 1, 0.55555556, 0.11111111, 0],
  );
  expectClose(refineSchedule(norms, { norm: "l1", smoothing: 0 }), [0.4, 0.7, 1, 0.6, 0.2, 0]);
});

test("the median filter repeats the first value and mirrors at the last", () => {
  expect(filterWidth(12, 0.25)).toBe(3);
  expect(Array.from(medianFilterReflect(record, 3))).toEqual([5, 5, 4, 4, 4, 7, 2, 6, 2, 3, 3, 3]);
  expect(filterWidth(12, 0.5)).toBe(7);
  expect(Array.from(medianFilterReflect(record, 7))).toEqual([5, 5, 5, 5, 4, 4, 4, 3, 3, 3, 3, 3]);
  expect(filterWidth(12, 0.1)).toBe(1);
  expect(Array.from(medianFilterReflect(record, 1))).toEqual(record);
});

test("running medians and means equal those of every window written out, ties and windows longer than the record too", () => {
  const draw = random.generator(3);
  for (const [length, width] of [
    [2, 9],
    [3, 11],
    [40, 7],
    [200, 41],
    [65, 64 * 2 + 1],
  ]) {
    const values = Array.from({ length }, () => draw.integer(30));
    // The mirror written out: forwards from the end, back and forth.
    const after: number[] = [];
    for (let place = length - 2, by = -1; after.length < width; place += by) {
      if (place < 0 || place >= length) {
        by = -by;
        place += 2 * by;
      }
      after.push(values[place]);
    }
    const half = (width - 1) / 2;
    const padded = [...Array(half).fill(values[0]), ...values, ...after];
    const windows = values.map((_, t) => padded.slice(t, t + width).sort((a, b) => a - b));
    const medians = windows.map((sorted) => sorted[half]);
    expect(Array.from(medianFilterReflect(values, width)), `${length} by ${width}`).toEqual(
      medians,
    );
    const squares = windows.map((sorted) => sorted.reduce((sum, x) => sum + x * x, 0) / width);
    expectClose(meanFilterReflect(values, width, 2), squares.map(Math.sqrt), 1e-12);
  }
});

test("refined from filtered norms", () => {
  expectClose(
    refineSchedule(record, { norm: "l2", smoothing: 0.25 }),
    [
      0.29036141, 0.27988868, 0.41175788, 0.3861897, 0.36062152, 0.11502783, 1, 0.10606061,
      0.54545455, 0.16161616, 0.08080808, 0,
    ],
  );
  expectClose(
    refineSchedule(record, { norm: "l1", smoothing: 0.25 }),
    [
      0.78228571, 0.73428571, 0.84285714, 0.76785714, 0.69285714, 0.37142857, 1, 0.3, 0.6,
      0.26666667, 0.13333333, 0,
    ],
  );
});

test("the scale of the norms does not matter; the largest multiplier is 1, the last 0", () => {
  const draw = random.generator(5);
  const norms = Array.from({ length: 300 }, () => Math.exp(draw.normal()));
  for (const norm of ["l1", "l2"] as const) {
    const schedule = refineSchedule(norms, { norm });
    for (const factor of [1e-9, 7, 1e12])
      expectClose(
        refineSchedule(
          norms.map((value) => factor * value),
          { norm },
        ),
        schedule,
        1e-12,
      );
    expect(Math.max(...schedule)).toBe(1);
    expect(Math.min(...schedule)).toBe(0);
    expect(schedule[299]).toBe(0);
    expect(schedule.slice(0, 299).every((multiplier) => multiplier > 0)).toBe(true);
  }
});

test("norms that fall as t^-a peak at the share (2a / (4a + 1))^(1 / (2a + 1)) of the run", () => {
  const steps = 10_000;
  const peakOf = (exponent: number, norm: "l1" | "l2") => {
    const norms = Float64Array.from({ length: steps }, (_, t) => (t + 1) ** -exponent);
    return (refineSchedule(norms, { norm, smoothing: 0 }).indexOf(1) + 1) / steps;
  };
  for (const [a, peak] of [
    [0.25, 0.3969],
    [0.5, 0.5774],
    [1, 0.7368],
  ]) {
    expect(Math.abs(peakOf(a, "l2") - peak)).toBeLessThan(5e-4);
    // w = G^-1: 2a counts where a did.
    expect(Math.abs(peakOf(2 * a, "l1") - peak)).toBeLessThan(5e-4);
  }
  // Growing norms anneal faster than linear decay, at every step.
  const growing = Float64Array.from({ length: 100 }, (_, t) => (t + 1) ** 0.5);
  refineSchedule(growing, { norm: "l2", smoothing: 0 }).forEach((multiplier, t) => {
    expect(multiplier).toBeLessThanOrEqual(1 - t / 99 + 1e-12);
  });
});

test("where most norms nearly vanish the mean sees the few that do not, the median does not", () => {
  // Large at every tenth step of the first half, always 1 in the second.
  const norms = Array.from({ length: 400 }, (_, t) => (t >= 200 ? 1 : t % 10 === 0 ? 30 : 0.1));
  const at = (filter: "median" | "mean") => refineSchedule(norms, { norm: "l2", filter });
  expect(at("median").indexOf(1)).toBeLessThan(200);
  expect(at("median")[100]).toBeGreaterThan(50 * at("median")[250]);
  expect(at("mean").indexOf(1)).toBeGreaterThan(200);
  expect(at("mean")[100]).toBeLessThan(0.02);
  // Small values after large ones keep their digits.
  const falling = Float64Array.from({ length: 100 }, (_, t) => 10 ** (-t / 5));
  const means = meanFilterReflect(falling, 5, 1);
  const expected = [-2, -1, 0, 1, 2].reduce((sum, d) => sum + falling[90 + d], 0) / 5;
  expect(means[90] / expected).toBeCloseTo(1, 12);
});

test("norms that are not finite count for nothing, and one is told", () => {
  const told: string[] = [];
  const holes = [Number.NaN, 4, Infinity, Number.NaN, 1, 2, Number.NaN];
  expectClose(
    finiteNorms(holes, (message) => told.push(message)),
    [4, 4, 3, 2, 1, 2, 2],
  );
  expect(told).toEqual([
    "4 of 7 gradient norms are not finite and were left out, the first at step 0",
  ]);
  expect(refineSchedule(holes, { norm: "l2" })).toHaveLength(7);
});

test("a schedule for another length keeps its shares of the run", () => {
  expectClose(resample([1, 0.5, 0], 6), [1, 1, 0.75, 0.5, 0.25, 0]);
  expectClose(resample([1, 0.8, 0.6, 0.4, 0.2, 0], 3), [0.8, 0.4, 0]);
  const schedule = refineSchedule(record, { norm: "l2", length: 120 });
  expect(schedule).toHaveLength(120);
  expect(schedule[119]).toBe(0);
  expectClose(resample(schedule, 12), refineSchedule(record, { norm: "l2" }), 1e-12);
});

test("as a schedule of an optimiser it has the peak, and stays at 0 after the run", async () => {
  const schedule = refinedSchedule([2, 2, 2], { norm: "l2", peak: 0.25 });
  expect(await scheduleValues(schedule, 5)).toEqual([0.25, 0.125, 0, 0, 0]);
});

test("records that cannot be refined are refused in a line that says where", () => {
  const refused =
    (norms: number[], smoothing = 0) =>
    () =>
      refineSchedule(norms, { norm: "l2", smoothing });
  expect(refused([3])).toThrow("1 gradient norms are no record of a run");
  expect(refused([3, Number.NaN])).toThrow("1 gradient norms are no record of a run");
  expect(refused([1, 2, -1])).toThrow("gradient norm -1 at step 2");
  expect(refused([1, 0, 1])).toThrow(
    "gradient norm 0 at step 1: the run interpolates; refinement undefined",
  );
  expect(refused([1, 1], 1)).toThrow("in [0, 1), got 1");
  expect(refused([1, 1], -0.1)).toThrow("in [0, 1), got -0.1");
  expect(() => refineSchedule([1, 1], { norm: "l2", length: 1 })).toThrow(
    "1 is no number of steps",
  );
  expect(() => refinedSchedule([1, 1], { norm: "l2", peak: 0 })).toThrow("must be positive, got 0");
  // A single zero that the filter takes out is no obstacle.
  const once = Array.from({ length: 30 }, (_, t) => (t === 7 ? 0 : 1));
  expectClose(
    refineSchedule(once, { norm: "l2", smoothing: 0.1 }),
    Array.from({ length: 30 }, (_, t) => 1 - t / 29),
    1e-12,
  );
});
