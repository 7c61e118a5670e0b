import { expect, it } from "vitest";
import { finish } from "../contract/events.ts";
import { cyclingClasses, flowSampler } from "../diffusion/index.ts";
import { discretisePolicy, mixtureOf, searchPolicy } from "./search.ts";
import { planeModel } from "./testing.ts";

const place = { label: "search", done: 0, total: 1 };
const { predict } = await planeModel();
const options = {
  conditions: cyclingClasses(8, 2),
  shape: [2],
  steps: 10,
  strength: 2,
  batch: 16,
  dtype: "float64" as const,
  seed: 4,
};

it("a mixture costs its mean and is one guided step of its mean strength", () => {
  const weights = [0.1, 0.2, 0.05, 0.4, 0.25];
  const { evaluations, effectiveStrength } = mixtureOf(weights, [1, 2, 4]);
  expect(evaluations).toBeCloseTo(1.7, 12);
  expect(effectiveStrength).toBeCloseTo(2.05, 12);
  const [c, n] = [
    [1, 2, -1],
    [0.5, 2.5, -0.5],
  ];
  [1.525, 1.475, -1.525].forEach((value, i) => {
    expect(n[i] + effectiveStrength * (c[i] - n[i])).toBeCloseTo(value, 12);
  });
});

it("finds that guidance matters early; without a cost it has no reason to choose", async () => {
  const found = await finish(
    searchPolicy(predict, flowSampler(), { ...options, costWeight: 5e-3, iterations: 100 }, place),
  );
  expect(found.weights.shape).toEqual([10, 5]);
  expect(found.relativeError).toBeLessThan(found.firstRelativeError / 4);
  const early = found.guidanceMass.slice(0, 5).reduce((a, b) => a + b);
  const late = found.guidanceMass.slice(5).reduce((a, b) => a + b);
  expect(early).toBeGreaterThan(4 * late);
  expect(found.evaluations).toBeLessThan(16);
  const { kinds } = discretisePolicy(found);
  expect(kinds.slice(0, 5)).toContain("guided");
  expect(kinds[9]).toBe("conditional");
  const free = await finish(
    searchPolicy(predict, flowSampler(), { ...options, costWeight: 0, iterations: 100 }, place),
  );
  expect(free.evaluations).toBeGreaterThan(found.evaluations);
  expect(free.relativeError).toBeLessThan(found.relativeError);
});

it("ends with choices when the temperature falls, and checkpoints change nothing", async () => {
  const mixed = { ...options, iterations: 30 };
  const plain = await finish(searchPolicy(predict, flowSampler(), mixed, place));
  const cold = await finish(
    searchPolicy(predict, flowSampler(), { ...mixed, finalTemperature: 0.02 }, place),
  );
  const sharpest = ({ weights }: typeof plain) => Math.max(...Array.from(weights.data, Number));
  expect(sharpest(cold)).toBeGreaterThan(sharpest(plain));
  expect(sharpest(cold)).toBeGreaterThan(0.99);
  const again = await finish(
    searchPolicy(predict, flowSampler(), { ...mixed, checkpointed: true }, place),
  );
  again.weights.data.forEach((weight, i) => {
    expect(weight).toBeCloseTo(plain.weights.data[i], 9);
  });
});

it("refuses what cannot be searched", async () => {
  const run = (changes: object) =>
    finish(searchPolicy(predict, flowSampler(), { ...options, ...changes }, place));
  await expect(run({ strength: -1 })).rejects.toThrow(/strength/);
  await expect(run({ costWeight: -1 })).rejects.toThrow(/costWeight/);
  await expect(run({ strengths: [] })).rejects.toThrow(/strengths/);
  await expect(run({ steps: 1 })).rejects.toThrow(/2 steps/);
});
