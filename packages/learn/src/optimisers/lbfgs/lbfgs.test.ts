import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type LbfgsOptions, lbfgs, type ValueAndGradient } from "./lbfgs.ts";

/** Made by `golden/make_optimisers.py` with SciPy's L-BFGS-B. */
const golden: {
  logistic: { x: number[]; y: number[] };
  minima: Record<
    string,
    { start: number[]; x: number[]; value: number; iterations: number; evaluations: number }
  >;
} = JSON.parse(readFileSync(new URL("../../../golden/optimisers.json", import.meta.url), "utf8"));

const rosenbrock: ValueAndGradient = (x) => {
  const gradient = new Float64Array(x.length);
  let value = 0;
  for (let i = 0; i + 1 < x.length; i++) {
    const [a, b] = [x[i + 1] - x[i] ** 2, 1 - x[i]];
    value += 100 * a * a + b * b;
    gradient[i] += -400 * x[i] * a - 2 * b;
    gradient[i + 1] += 200 * a;
  }
  return { value, gradient };
};

const logistic: ValueAndGradient = (w) => {
  const { x, y } = golden.logistic;
  const gradient = Float64Array.from(w, (v) => 0.02 * v);
  let value = w.reduce((sum, v) => sum + 0.01 * v * v, 0);
  y.forEach((label, i) => {
    const row = x.slice(5 * i, 5 * i + 5);
    const z = row.reduce((sum, v, j) => sum + v * w[j], 0);
    value += (Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - label * z) / y.length;
    const error = 1 / (1 + Math.exp(-z)) - label;
    row.forEach((v, j) => {
      gradient[j] += (error * v) / y.length;
    });
  });
  return { value, gradient };
};

const quadratic: ValueAndGradient = (x) => {
  const scale = (i: number) => 10 ** ((4 * i) / 19);
  const gradient = x.map((v, i) => scale(i) * (v - Math.sin(i)));
  const value = x.reduce((sum, v, i) => sum + 0.5 * scale(i) * (v - Math.sin(i)) ** 2, 0);
  return { value, gradient };
};

const tight = { gradientTolerance: 1e-9, relativeDecrease: 0 };

test.each<[string, ValueAndGradient, LbfgsOptions, number]>([
  ["rosenbrock2", rosenbrock, {}, 1e-7],
  ["rosenbrock2tight", rosenbrock, tight, 1e-9],
  ["rosenbrock10", rosenbrock, {}, 1e-6],
  ["rosenbrock10tight", rosenbrock, tight, 1e-9],
  ["logistic", logistic, {}, 1e-9],
])("%s: the iterates of SciPy's L-BFGS-B", async (name, f, options, near) => {
  const expected = golden.minima[name];
  const { x, value, iterations, evaluations } = await lbfgs(f, expected.start, options);
  expected.x.forEach((entry, i) => {
    expect(Math.abs(x[i] - entry)).toBeLessThan(near);
  });
  expect(Math.abs(value - expected.value)).toBeLessThan(1e-9);
  expect(Math.abs(iterations - expected.iterations)).toBeLessThanOrEqual(1);
  expect(Math.abs(evaluations - expected.evaluations)).toBeLessThanOrEqual(1);
});

test("a quadratic of condition 10^4: the same minimum in about as many steps", async () => {
  // Over hundreds of iterations rounding takes two implementations on different ways.
  const expected = golden.minima.quadratic;
  const { x, iterations, evaluations, reason } = await lbfgs(quadratic, expected.start, {
    gradientTolerance: 1e-6,
    relativeDecrease: 0,
  });
  expect(reason).toBe("gradient");
  x.forEach((v, i) => {
    expect(Math.abs(v - Math.sin(i))).toBeLessThan(1e-6);
  });
  expect(iterations / expected.iterations).toBeLessThan(1.25);
  expect(evaluations / expected.evaluations).toBeLessThan(1.25);
});

test("it says why it stopped, and where", async () => {
  const start = [-1.2, 1];
  const rising: number[] = [];
  const few = await lbfgs(rosenbrock, start, {
    maxIterations: 5,
    onIteration: ({ value }) => rising.push(value),
  });
  expect([few.reason, few.iterations, rising.length]).toEqual(["iterations", 5, 5]);
  expect(rising.toSorted((a, b) => b - a)).toEqual(rising);

  let calls = 0;
  const counted: ValueAndGradient = (x) => {
    calls++;
    return rosenbrock(x);
  };
  for (const maxEvaluations of [1, 2, 3, 4, 5, 17]) {
    calls = 0;
    const short = await lbfgs(counted, start, { maxEvaluations });
    expect([short.reason, short.evaluations, calls]).toEqual([
      "evaluations",
      maxEvaluations,
      maxEvaluations,
    ]);
    // What comes back is a point that was evaluated, no worse than the start.
    const again = await rosenbrock(short.x);
    expect(again.value).toBe(short.value);
    expect(short.value).toBeLessThanOrEqual((await rosenbrock(Float64Array.from(start))).value);
  }

  const controller = new AbortController();
  const aborted = await lbfgs(rosenbrock, start, {
    signal: controller.signal,
    onIteration: ({ iteration }) => iteration === 3 && controller.abort(),
  });
  expect([aborted.reason, aborted.iterations]).toEqual(["aborted", 3]);

  const at = await lbfgs(rosenbrock, [1, 1]);
  expect([at.reason, at.iterations, at.evaluations]).toEqual(["gradient", 0, 1]);
});

test("a function that is not finite", async () => {
  const nowhere = await lbfgs(() => ({ value: Number.NaN, gradient: [0] }), [1]);
  expect([nowhere.reason, nowhere.evaluations]).toEqual(["notFinite", 1]);
  expect(nowhere.message).toContain("outside its domain");
  const steep = await lbfgs(() => ({ value: 1, gradient: [Number.POSITIVE_INFINITY] }), [1]);
  expect(steep.reason).toBe("notFinite");

  // Finite at the start and nowhere else.
  const island = await lbfgs(([x]) => ({ value: x === 1 ? 2 : Number.NaN, gradient: [1] }), [1]);
  expect([island.reason, island.value, island.x[0]]).toEqual(["notFinite", 2, 1]);

  // x - 0.1 log(x - 2): steps that leave the domain x > 2 are shortened, until x = 2.1.
  for (const start of [7, 30.3, 90.3, 1234.5]) {
    const barrier = await lbfgs(
      ([x]) => ({ value: x - 0.1 * Math.log(x - 2), gradient: [1 - 0.1 / (x - 2)] }),
      [start],
      { gradientTolerance: 1e-8, relativeDecrease: 0 },
    );
    expect(barrier.x[0], `from ${start}`).toBeCloseTo(2.1, 8);
  }
});

test("a gradient of the wrong sign is found out, not followed", async () => {
  const wrong: ValueAndGradient = ([x]) => ({ value: x * x, gradient: [-2 * x] });
  const { reason, x, value } = await lbfgs(wrong, [3]);
  expect([reason, x[0], value]).toEqual(["lineSearch", 3, 9]);
});

test("in float32 it stops where rounding ends, also without a gradient that small", async () => {
  const rounded: ValueAndGradient = async (x) => {
    const { value, gradient } = await rosenbrock(Float64Array.from(new Float32Array(x)));
    return { value: Math.fround(1e3 + value), gradient: Float32Array.from(gradient) };
  };
  const { reason, value, x } = await lbfgs(rounded, [-1.2, 1], { roundoff: 2 ** -23 });
  expect(reason).toBe("decrease");
  expect(value).toBeLessThanOrEqual(1e3 + 1e-3);
  expect(Math.abs(x[0] - 1)).toBeLessThan(0.05);
});

test("refuses what makes no sense", async () => {
  await expect(lbfgs(rosenbrock, [1, 2], { memory: 0 })).rejects.toThrow("memory");
  await expect(lbfgs(rosenbrock, [1, 2], { curvature: 1e-4 })).rejects.toThrow("curvature");
  await expect(lbfgs(() => ({ value: 1, gradient: [1] }), [1, 2])).rejects.toThrow(
    "1 derivatives for 2 variables",
  );
});
