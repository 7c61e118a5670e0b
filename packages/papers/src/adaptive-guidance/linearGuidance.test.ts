import { array, NDArray, random } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import {
  cyclingClasses,
  flowPath,
  flowSampler,
  type Predict,
  pathSampler,
} from "../diffusion/index.ts";
import { guidedSample } from "./guidedSample.ts";
import { leadingRegressions, type Ridge, triangularFactor } from "./leastSquares.ts";
import { fitHistories, fitLinearGuidance } from "./linearGuidance.ts";
import { alternatingKinds, fixedPolicy, fullGuidance, linearGuidance } from "./policy.ts";
import { float64, int32, planeModel } from "./testing.ts";

const sampler = flowSampler();

describe("least squares", () => {
  const columns = [
    [1, 0.2, 1.8, 0.6, 0.9, 1.1],
    [1, 0, 2, 0.5, 1, 1],
    [0.8, 0.1, 1.5, 0.4, 0.7, 1.2],
  ];
  const target = [0.7, 0.15, 1.4, 0.45, 0.6, 1.15];

  it("gives the coefficients worked out elsewhere, plain and with ridge", async () => {
    const factor = await triangularFactor([...columns, target]);
    const [plain] = await leadingRegressions(factor, [3]);
    const expected = [0.3086519115, -0.2729577465, 0.9024144869];
    expected.forEach((value, i) => {
      expect(plain.coefficients[i]).toBeCloseTo(value, 9);
    });
    expect(plain.residual / 6).toBeCloseTo(0.0012721328, 9);
    const [shrunk] = await leadingRegressions(factor, [3], { ridge: 0.1 });
    [0.2974552527, -0.0087280115, 0.5909677357].forEach((value, i) => {
      expect(shrunk.coefficients[i]).toBeCloseTo(value, 9);
    });
  });

  it("takes rows by blocks, and several problems from one factor", async () => {
    const draw = random.generator(5);
    const long = Array.from({ length: 4 }, () =>
      Float64Array.from({ length: 20_000 }, () => draw.normal()),
    );
    const third = long[2].map((value, i) => 2 * long[0][i] - long[1][i] + 0.1 * value);
    const factor = await triangularFactor([long[0], long[1], third, long[3]]);
    const [second, last] = await leadingRegressions(factor, [2, 3]);
    expect(second.coefficients[0]).toBeCloseTo(2, 2);
    expect(second.coefficients[1]).toBeCloseTo(-1, 2);
    expect(1 - second.residual / second.total).toBeCloseTo(1 - 0.01 / 5.01, 3);
    expect(last.coefficients.length).toBe(3);
  });

  it("with an intercept fits what is left of the means, which ridge does not shrink", async () => {
    const x = [1, 2, 3, 4];
    const y = [5, 7, 9, 11];
    const factor = await triangularFactor([[1, 1, 1, 1], x, y]);
    const [fit] = await leadingRegressions(factor, [2], { intercept: true });
    expect(fit.coefficients[0]).toBeCloseTo(3, 10);
    expect(fit.coefficients[1]).toBeCloseTo(2, 10);
    const [flat] = await leadingRegressions(factor, [2], { intercept: true, ridge: 1e9 });
    expect(flat.coefficients[0]).toBeCloseTo(8, 6);
    expect(flat.coefficients[1]).toBeCloseTo(0, 6);
  });

  it("of columns that depend on each other gives the shortest solution", async () => {
    const x = [1, 2, 3];
    const factor = await triangularFactor([x, x, [2, 4, 6]]);
    const [fit] = await leadingRegressions(factor, [2]);
    expect(fit.coefficients[0]).toBeCloseTo(1, 10);
    expect(fit.coefficients[1]).toBeCloseTo(1, 10);
    await expect(leadingRegressions(factor, [2], { ridge: -1 })).rejects.toThrow(/ridge/);
  });
});

describe("LinearAG", () => {
  /** The prediction without condition is a fixed share of the one with it. */
  const proportional: Predict = (x, t, condition) => {
    const conditional = x.mul(0.7).add(t.reshape([-1, 1]).cos());
    return condition === null ? conditional.mul(0.4) : conditional;
  };
  const draw = random.generator(2);
  const initial = new NDArray(
    Float64Array.from({ length: 60 }, () => draw.normal()),
    [20, 3],
    "float64",
  );
  const condition = cyclingClasses(20, 2);

  it("reproduces full guidance where the regression is exact", async () => {
    const common = { strength: 3, steps: 8, initial };
    const coefficients = await fitLinearGuidance(proportional, sampler, {
      ...common,
      conditions: condition,
    });
    for (const r2 of coefficients.r2) expect(r2).toBeCloseTo(1, 12);
    const [full, linear] = [
      await guidedSample(proportional, sampler, { ...common, condition, policy: fullGuidance(8) }),
      await guidedSample(proportional, sampler, {
        ...common,
        condition,
        policy: linearGuidance(coefficients),
      }),
    ];
    expect(linear.evaluations).toEqual(new Array(20).fill(10));
    linear.samples.data.forEach((value, i) => {
      expect(value).toBeCloseTo(full.samples.data[i], 9);
    });
  });

  it("drifts away where histories are nearly parallel, and a little ridge keeps it near", async () => {
    const { predict } = await planeModel();
    const common = { strength: 2, steps: 20, shape: [2], dtype: "float64" as const };
    const many = cyclingClasses(200, 2);
    const fit = (ridge: Ridge) =>
      fitLinearGuidance(predict, sampler, {
        ...common,
        key: random.key(9),
        conditions: many,
        ridge,
      });
    const run = (policy: Parameters<typeof guidedSample>[2]["policy"]) =>
      guidedSample(predict, sampler, { ...common, key: random.key(1), condition: many, policy });
    const full = await run(fullGuidance(20));
    const apart = ({ samples }: { samples: NDArray }) =>
      Array.from(samples.data).reduce((sum, v, i) => sum + (v - full.samples.data[i]) ** 2, 0);
    const [plain, shrunk] = [await fit(0), await fit({ relative: 1e-4 })];
    expect(Math.min(...plain.r2.slice(2))).toBeGreaterThan(0.9999);
    const [drifting, near] = [await run(linearGuidance(plain)), await run(linearGuidance(shrunk))];
    const without = await run(fixedPolicy(alternatingKinds(20, "conditional")));
    expect(near.evaluations[0]).toBe(25);
    expect(apart(near)).toBeLessThan(apart(without) / 100);
    expect(apart(drifting)).toBeGreaterThan(100 * apart(without));
    expect(Math.max(...drifting.sizes)).toBeGreaterThan(3 * Math.max(...full.sizes));
  });

  it("refuses coefficients of another strength, schedule, sampler or negative condition", async () => {
    const coefficients = await fitLinearGuidance(proportional, sampler, {
      strength: 3,
      steps: 4,
      initial,
      conditions: condition,
    });
    const run = (changes: object, by = sampler) =>
      guidedSample(proportional, by, {
        condition,
        initial,
        strength: 3,
        steps: 4,
        policy: linearGuidance(coefficients),
        ...changes,
      });
    await expect(run({ strength: 2 })).rejects.toThrow(/fitted with strength 3, not 2/);
    await expect(run({ steps: 6 })).rejects.toThrow(/for 4 steps, not for 6/);
    const other = pathSampler(flowPath(), { kind: "velocity" });
    await expect(run({}, other)).rejects.toThrow(/fitted with sampler flow, Euler/);
    await expect(run({ negative: int32(new Array(20).fill(1)) })).rejects.toThrow(
      /fitted with negative empty/,
    );
    await expect(run({ negative: condition })).rejects.toThrow(/several/);
  });

  it("fits an intercept where predictions have one", async () => {
    const c = [float64([[1], [2], [4]]), float64([[2], [0], [1]])];
    const n = c.map(({ data }, k) =>
      array(
        Float64Array.from(data, (v) => 2 * v + 3 + k),
        { shape: [3, 1] },
      ),
    );
    const histories = { conditional: c, unconditional: n };
    const { intercept, r2 } = await fitHistories(histories, { intercept: true });
    expect(intercept[0]).toBeCloseTo(3, 10);
    expect(r2[0]).toBeCloseTo(1, 12);
    expect((await fitHistories(histories)).r2[0]).toBeLessThan(0.999);
  });
});
