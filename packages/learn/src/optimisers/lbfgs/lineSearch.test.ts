import { expect, test } from "vitest";
import { type LineSearchOptions, lineSearch } from "./lineSearch.ts";

/** Value and slope at a step. */
type Curve = (a: number) => [number, number];

// Test functions 1, 2 and 3 of Moré and Thuente (1994), section 5.
const rational: Curve = (a) => [-a / (a * a + 2), (a * a - 2) / (a * a + 2) ** 2];
const power: Curve = (a) => {
  const base = a + 0.004;
  return [base ** 5 - 2 * base ** 4, 5 * base ** 4 - 8 * base ** 3];
};
const wavy: Curve = (a) => {
  const [flat, beta] = [39, 0.01];
  const kink: [number, number] =
    a <= 1 - beta
      ? [1 - a, -1]
      : a >= 1 + beta
        ? [a - 1, 1]
        : [(a - 1) ** 2 / (2 * beta) + beta / 2, (a - 1) / beta];
  const angle = (flat * Math.PI * a) / 2;
  const amplitude = (2 * (1 - beta)) / (flat * Math.PI);
  return [kink[0] + amplitude * Math.sin(angle), kink[1] + (1 - beta) * Math.cos(angle)];
};

function run(curve: Curve, first: number, options: LineSearchOptions) {
  const [value, slope] = curve(0);
  const search = lineSearch({ step: 0, value, slope }, first, options);
  let step = first;
  for (let trial = 1; trial <= 40; trial++) {
    const [value, slope] = curve(step);
    const state = search.advance({ step, value, slope });
    if (state.kind !== "evaluate") return { step, trials: trial, kind: state.kind };
    step = state.step;
  }
  throw new Error("no end");
}

test.each<[string, Curve, number, number]>([
  ["rational", rational, 1e-3, 1e-1],
  ["power", power, 0.1, 0.1],
  ["wavy", wavy, 0.1, 0.1],
])("%s: both Wolfe conditions hold, from first steps of 0.001 to 1000", (_, curve, c1, c2) => {
  for (const first of [1e-3, 1e-1, 10, 1e3]) {
    const found = run(curve, first, {
      sufficientDecrease: c1,
      curvature: c2,
      intervalTolerance: 1e-12,
      longest: 1e10,
    });
    const [[f0, g0], [f, g]] = [curve(0), curve(found.step)];
    expect(found.kind).toBe("accepted");
    expect(f).toBeLessThanOrEqual(f0 + c1 * found.step * g0);
    expect(Math.abs(g)).toBeLessThanOrEqual(c2 * Math.abs(g0));
  }
});

test("the numbers of trials that the authors report", () => {
  // Moré and Thuente (1994), tables 1 to 3.
  const counts = (curve: Curve, c1: number, c2: number) =>
    [1e-3, 1e-1, 10, 1e3].map(
      (first) =>
        run(curve, first, {
          sufficientDecrease: c1,
          curvature: c2,
          intervalTolerance: 1e-12,
          longest: 1e10,
        }).trials,
    );
  expect(counts(rational, 1e-3, 1e-1)).toEqual([6, 3, 1, 4]);
  expect(counts(power, 0.1, 0.1)).toEqual([12, 8, 8, 11]);
  expect(counts(wavy, 0.1, 0.1)).toEqual([12, 12, 10, 13]);
});

test("a line that falls for ever ends at the longest step", () => {
  const options = {
    sufficientDecrease: 1e-3,
    curvature: 0.9,
    intervalTolerance: 0.1,
    longest: 1e3,
  };
  expect(run((a) => [-a, -1], 1, options)).toMatchObject({ step: 1e3, kind: "accepted" });
});
