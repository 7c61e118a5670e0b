import { random } from "@etude/tensor";
import { expect, test } from "vitest";
import {
  lastIterateBound,
  optimalWeights,
  ratesFromWeights,
  scheduleFromWeights,
  worstCaseRates,
} from "./bound.ts";
import { numericalSchedule, scheduleBound } from "./numericalBound.ts";
import { expectClose } from "./testing.ts";

const norms = [4, 2, 1, 1, 2, 1];
const rates = [0.1, 0.3, 0.3, 0.2, 0.2, 0.1];

test("rates of weights are the weights times the share that is still to come", () => {
  expectClose(
    ratesFromWeights(norms.map((norm) => norm ** -2)),
    [0.06140351, 0.22807018, 0.63157895, 0.35087719, 0.07017544, 0],
  );
});

test("the optimal weights and their bound, against others", () => {
  const weights = optimalWeights(norms, 3);
  expectClose(weights, [0.09933993, 0.39735971, 1.58943883, 1.58943883, 0.39735971, 1.58943883]);
  expect(lastIterateBound(weights, norms, 3)).toBeCloseTo(1.589438828, 9);
  expect(lastIterateBound(Array(6).fill(1), norms, 3)).toBeCloseTo(3, 12);
  const constant = 3 / Math.sqrt(norms.reduce((sum, norm) => sum + norm ** 2, 0));
  expect(lastIterateBound(Array(6).fill(constant), norms, 3)).toBeCloseTo(2.598076, 6);
  const draw = random.generator(0);
  for (let i = 0; i < 200; i++) {
    const other = weights.map((weight) => weight * Math.exp(draw.normal() * 0.2));
    expect(lastIterateBound(other, norms, 3)).toBeGreaterThan(1.589438828);
  }
});

test("without information: linear decay, from the weights D / (G sqrt T)", () => {
  const worst = worstCaseRates(10, 2, 5);
  expectClose([worst[0], worst[8], worst[9]], [0.113842, 0.01264911, 0]);
  expectClose(worst, ratesFromWeights(Array(10).fill(2 / (5 * Math.sqrt(10)))), 1e-15);
  expect(lastIterateBound(optimalWeights(Array(10).fill(5), 2), Array(10).fill(5), 2)).toBeCloseTo(
    (2 * 5) / Math.sqrt(10),
    12,
  );
});

test("tails of long runs keep their digits", () => {
  // In float32, or added up from the front, the last steps would have lost them.
  const steps = 200_000;
  const schedule = scheduleFromWeights(Float64Array.from({ length: steps }, (_, t) => 1 / (t + 1)));
  const [last, before] = [schedule[steps - 2], schedule[steps - 3]];
  const harmonic = (a: number, b: number) => 1 / a + 1 / b;
  expect(before / last).toBeCloseTo(
    (harmonic(steps - 1, steps) / (steps - 2)) * (steps * (steps - 1)),
    9,
  );
});

test("the numerical bound and its gradient", () => {
  expect(scheduleBound(rates, norms, 1).value).toBeCloseTo(1.721060606, 9);
  const { value, gradient } = scheduleBound(rates, norms, 3);
  expect(value).toBeCloseTo(5.054393939, 9);
  const h = 1e-6;
  const differences = rates.map((_, j) => {
    const at = (by: number) =>
      scheduleBound(
        rates.map((rate, t) => (t === j ? rate + by : rate)),
        norms,
        3,
      ).value;
    return (at(h) - at(-h)) / (2 * h);
  });
  expectClose(gradient, differences, 1e-7);
});

test("the least of the numerical bound, and that it scales with the norms and the distance", async () => {
  const flat = await numericalSchedule(Array(8).fill(1), 1);
  expect(flat.converged).toBe(true);
  expect(flat.bound).toBeCloseTo(0.628304318, 8);
  expectClose(
    flat.rates,
    [0.262366, 0.236887, 0.211688, 0.186824, 0.16237, 0.138422, 0.115115, 0.277913],
    2e-6,
  );
  const other = await numericalSchedule(norms, 1);
  expect(other.converged).toBe(true);
  expect(other.bound).toBeCloseTo(0.801338563, 8);
  const scaled = await numericalSchedule(
    norms.map((norm) => 50 * norm),
    3,
  );
  expect(scaled.bound).toBeCloseTo(150 * 0.801338563, 6);
  expectClose(
    scaled.rates,
    other.rates.map((rate) => (rate * 3) / 50),
    1e-7,
  );
  expect(
    scheduleBound(
      scaled.rates,
      norms.map((norm) => 50 * norm),
      3,
    ).value,
  ).toBeCloseTo(scaled.bound, 9);
});

test("what makes no sense is refused", () => {
  expect(() => scheduleBound([0.1, 0], [1, 1], 1)).toThrow("rate 0 at step 1");
  expect(() => scheduleBound([0.1], [1, 1], 1)).toThrow("2 gradient norms for 1 steps");
  expect(() => optimalWeights([1, 0], 1)).toThrow("gradient norm 0 at step 1");
  expect(() => optimalWeights([1, 1], 0)).toThrow("must be positive, got 0");
  expect(() => ratesFromWeights([1, -1])).toThrow("weight -1 at step 1");
  expect(() => scheduleFromWeights([1, 0])).toThrow("only one weight is positive");
});
