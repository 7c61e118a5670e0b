import { readFileSync } from "node:fs";
import { array, jit, type Tensor, vmap } from "@etude/tensor";
import { expect, test } from "vitest";
import {
  constantSchedule,
  cosineRestartsSchedule,
  cosineSchedule,
  exponentialSchedule,
  interpolatedSchedule,
  inverseSquareRootSchedule,
  joinSchedules,
  linearSchedule,
  piecewiseSchedule,
  polynomialSchedule,
  type Schedule,
  scheduleValues,
  stepSchedule,
  tabulated,
  warmup,
  warmupCosineSchedule,
} from "./index.ts";

/** Values at steps 0 ... 120, made by `golden/make_optimisers.py` with optax and PyTorch. */
const golden: { schedules: Record<string, number[]> } = JSON.parse(
  readFileSync(new URL("../../golden/optimisers.json", import.meta.url), "utf8"),
);

const schedules: Record<string, Schedule> = {
  linear: linearSchedule(0.2, 0.05, 70, 10),
  polynomial: polynomialSchedule({ start: 0.2, end: 0.01, power: 2.5, steps: 80 }),
  cosine: cosineSchedule(0.2, 100, 0.01),
  warmupCosine: warmupCosineSchedule({ start: 0.02, peak: 0.2, warmup: 20, steps: 110, end: 0.01 }),
  restarts: cosineRestartsSchedule(0.1, { period: 30, end: 0.01 }),
  growingRestarts: cosineRestartsSchedule(0.1, { period: 10, growth: 2 }),
  exponential: exponentialSchedule(0.2, { factor: 0.5, steps: 25, end: 0.02 }),
  step: stepSchedule(0.2, { factor: 0.5, steps: 25 }),
  piecewise: piecewiseSchedule([
    [0, 0.2],
    [30, 0.1],
    [70, 0.01],
  ]),
  interpolated: interpolatedSchedule([
    [0, 0.1],
    [40, 0.4],
    [100, 0.1],
  ]),
  joined: joinSchedules([linearSchedule(0, 0.1, 15), cosineSchedule(0.1, 60)], [15]),
};

/** All schedules at once, each at every step. */
const valuesOf = async (
  all: Record<string, Schedule>,
  steps: number,
  dtype: "int32" | "float64",
) => {
  const run = jit((at: Tensor) =>
    Object.fromEntries(
      Object.entries(all).map(([name, schedule]) => [
        name,
        vmap((step: Tensor) =>
          schedule(step).add(step.astype(dtype === "int32" ? "float32" : dtype).mul(0)),
        )(at),
      ]),
    ),
  );
  return run(array(Int32Array.from({ length: steps }, (_, t) => t)).astype(dtype));
};

test("the values of the reference at every step: counted in int32, and in float64", async () => {
  for (const [dtype, tolerance] of [
    ["int32", 1e-7],
    ["float64", 1e-10],
  ] as const) {
    const values = await valuesOf(schedules, 121, dtype);
    for (const [name, expected] of Object.entries(golden.schedules)) {
      expected.forEach((value, t) => {
        const off = Math.abs(values[name].data[t] - value);
        expect(off, `${name} in ${dtype}, step ${t}`).toBeLessThan(tolerance);
      });
    }
  }
});

test("a warm-up rises to the first value of what follows; the inverse root meets its peak", async () => {
  const warmed = await scheduleValues(warmup(constantSchedule(0.4), 4, 0.2), 7);
  [0.2, 0.25, 0.3, 0.35, 0.4, 0.4, 0.4].forEach((value, t) => {
    expect(warmed[t]).toBeCloseTo(value, 6);
  });
  const root = await scheduleValues(inverseSquareRootSchedule(1, 100), [0, 50, 100, 400, 10_000]);
  [0, 0.5, 1, 0.5, 0.1].forEach((value, i) => {
    expect(root[i]).toBeCloseTo(value, 6);
  });
});

test("a table holds its last value, and a compiled schedule is asked again for other steps", async () => {
  const table = tabulated([3, 1, 2]);
  expect(await scheduleValues(table, 5)).toEqual([3, 1, 2, 2, 2]);
  let traced = 0;
  const counted: Schedule = (step) => {
    traced++;
    return table(step);
  };
  expect(await scheduleValues(counted, [2, 0])).toEqual([2, 3]);
  expect(await scheduleValues(counted, [1, 100])).toEqual([1, 2]);
  expect(traced).toBe(1);
  expect(await scheduleValues(constantSchedule(0.5), 3)).toEqual([0.5, 0.5, 0.5]);
});

test("what makes no sense is refused", async () => {
  expect(() => cosineSchedule(0.1, 0)).toThrow("steps must be a positive number of steps, got 0");
  expect(() => joinSchedules([constantSchedule(1)], [5])).toThrow("1 schedules need 0 boundaries");
  expect(() => warmupCosineSchedule({ peak: 1, warmup: 10, steps: 10 })).toThrow(
    "after the warm-up",
  );
  expect(() => tabulated([])).toThrow("no values");
  expect(() => tabulated([1, Number.NaN])).toThrow("value 1 is NaN");
  expect(() => piecewiseSchedule([[1, 0.1]])).toThrow("first step must be 0");
  expect(() =>
    piecewiseSchedule([
      [0, 1],
      [9, 2],
      [5, 3],
    ]),
  ).toThrow("steps must rise");
  expect(() => stepSchedule(1, { factor: -1, steps: 2 })).toThrow("factor must be positive");
  await expect(scheduleValues(constantSchedule(1), [-1])).rejects.toThrow(
    "-1 is no number of steps",
  );
});
