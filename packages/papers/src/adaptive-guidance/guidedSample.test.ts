import { array, jit, NDArray, random, type Tensor, zeros } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import {
  cumulativeAlphas,
  cyclingClasses,
  ddpmSampler,
  discretePath,
  flowSampler,
  linearBetas,
  type Predict,
  pathSampler,
} from "../diffusion/index.ts";
import { alignment, cosines } from "./alignment.ts";
import { bucketFor } from "./batches.ts";
import { calibrateThreshold, evaluationsAt, thresholdFor, triggers } from "./calibrate.ts";
import { guidedSample } from "./guidedSample.ts";
import {
  adaptiveEvaluations,
  adaptiveGuidance,
  alternatingKinds,
  conditionalOnly,
  fixedEvaluations,
  fixedPolicy,
  fullGuidance,
  guidedWithin,
} from "./policy.ts";
import { float64, int32, planeModel } from "./testing.ts";

const sampler = flowSampler();

describe("alignment", () => {
  it("is the cosine over all entries of a sample", () => {
    const [c, n] = [float64([[1, 2, -1]]), float64([[0.5, 2.5, -0.5]])];
    expect(alignment(c, n)[0]).toBeCloseTo(0.9428090416, 10);
  });

  it("does not depend on scale, and agrees with the compiled one", async () => {
    const draw = random.generator(3);
    const values = () => Float64Array.from({ length: 24 }, () => draw.normal());
    const [a, b] = [values(), values()];
    const shaped = (data: Float64Array) => new NDArray(data, [4, 2, 3], "float64");
    const plain = alignment(shaped(a), shaped(b));
    const scaled = alignment(shaped(a.map((v) => 2 * v)), shaped(b.map((v) => 3 * v)));
    scaled.forEach((value, i) => {
      expect(value).toBeCloseTo(plain[i], 14);
    });
    const compiled = await jit(cosines)(shaped(a), shaped(b));
    compiled.data.forEach((value, i) => {
      expect(value).toBeCloseTo(plain[i], 13);
    });
  });

  it("refuses what has no direction", () => {
    expect(() =>
      alignment(
        float64([
          [1, 2],
          [0, 0],
        ]),
        float64([
          [1, 2],
          [1, 1],
        ]),
      ),
    ).toThrow(/sample 1 is zero/);
    expect(() => alignment(float64([[1]]), float64([[1, 2]]))).toThrow(/one shape/);
  });
});

describe("two classes in the plane, exact scores, 10 steps", async () => {
  const { predict } = await planeModel();
  const run = (policy: Parameters<typeof guidedSample>[2]["policy"], strength = 3) =>
    guidedSample(predict, sampler, {
      condition: int32([1]),
      strength,
      steps: 10,
      policy,
      initial: float64([[0.3, -0.8]]),
    });

  it("full guidance ends where it should, and the predictions align", async () => {
    const { samples, evaluations, alignments } = await run(adaptiveGuidance(1.5));
    expect(samples.data[0]).toBeCloseTo(-1.6449250983, 9);
    expect(samples.data[1]).toBeCloseTo(1.4128214071, 9);
    expect(evaluations).toEqual([20]);
    const gamma = alignments.map(([value]) => value);
    const expected = [
      0.8004357296, 0.5822718422, 0.6198371971, 0.9389024765, 0.998990948, 0.9999982833,
    ];
    expected.forEach((value, k) => {
      expect(gamma[k]).toBeCloseTo(value, 9);
    });
    for (const value of gamma.slice(6)) expect(value).toBeCloseTo(1, 8);
  });

  it("AG stops guiding after the step that reaches the threshold", async () => {
    const high = await run(adaptiveGuidance(0.99));
    expect(high.evaluations).toEqual([15]);
    expect(high.samples.data[0]).toBeCloseTo(-1.6440159819, 9);
    expect(high.samples.data[1]).toBeCloseTo(1.4124037427, 9);
    const low = await run(adaptiveGuidance(0.9));
    expect(low.evaluations).toEqual([14]);
    expect(low.samples.data[0]).toBeCloseTo(-1.6264639005, 9);
    expect(low.samples.data[1]).toBeCloseTo(1.404169401, 9);
  });

  it("strength 1 is the conditional sample under any policy", async () => {
    for (const policy of [fullGuidance(10), conditionalOnly(10), adaptiveGuidance(0.9)]) {
      const { samples } = await run(policy, 1);
      expect(samples.data[0]).toBeCloseTo(-0.8144404613, 9);
      expect(samples.data[1]).toBeCloseTo(1.0051745634, 9);
    }
  });

  it("a threshold above 1 is full guidance bit for bit, -1 guides the first step only", async () => {
    const [never, full] = [await run(adaptiveGuidance(1.01)), await run(fullGuidance(10))];
    expect(never.samples.data).toEqual(full.samples.data);
    const once = await run(adaptiveGuidance(-1));
    expect(once.evaluations).toEqual([11]);
    const fixed = await run(guidedWithin(10, 0, 1));
    expect(once.samples.data).toEqual(fixed.samples.data);
  });

  it("takes the conditional prediction at the trigger itself if told to", async () => {
    const early = await run(adaptiveGuidance(0.99, { atTrigger: "conditional" }));
    const fixed = await run(guidedWithin(10, 0, 4));
    expect(early.evaluations).toEqual([15]);
    early.samples.data.forEach((value, i) => {
      expect(value).toBeCloseTo(fixed.samples.data[i], 12);
    });
  });

  it("is not stopped before firstCheck", async () => {
    const late = await run(adaptiveGuidance(-1, { firstCheck: 6 }));
    expect(late.evaluations).toEqual([17]);
  });
});

describe("many samples", async () => {
  const { predict } = await planeModel();
  const draw = random.generator(11);
  const count = 23;
  const initial = new NDArray(
    Float64Array.from({ length: 2 * count }, () => draw.normal()),
    [count, 2],
    "float64",
  );
  const condition = cyclingClasses(count, 2);
  const common = { strength: 3, steps: 10, policy: adaptiveGuidance(0.97) };
  const all = await guidedSample(predict, sampler, { ...common, initial, condition });

  it("decide each for itself: a permuted batch gives the permuted result", async () => {
    expect(new Set(all.evaluations).size).toBeGreaterThan(2);
    const order = draw.permutation(count);
    const turned = await guidedSample(predict, sampler, {
      ...common,
      initial: new NDArray(
        Float64Array.from(
          { length: 2 * count },
          (_, i) => initial.data[2 * order[i >> 1] + (i & 1)],
        ),
        [count, 2],
        "float64",
      ),
      condition: int32(Array.from(order, (row) => row % 2)),
    });
    order.forEach((row, i) => {
      expect(turned.evaluations[i]).toBe(all.evaluations[row]);
      for (const j of [0, 1])
        expect(turned.samples.data[2 * i + j]).toBeCloseTo(all.samples.data[2 * row + j], 12);
    });
  });

  it("give what each gives alone, in a batch of one", async () => {
    for (const row of [0, 7, 22]) {
      const one = await guidedSample(predict, sampler, {
        ...common,
        initial: float64([[initial.data[2 * row], initial.data[2 * row + 1]]]),
        condition: int32([row % 2]),
      });
      expect(one.evaluations).toEqual([all.evaluations[row]]);
      for (const j of [0, 1])
        expect(one.samples.data[j]).toBeCloseTo(all.samples.data[2 * row + j], 12);
    }
  });

  it("and in smaller batches", async () => {
    const parts = await guidedSample(predict, sampler, {
      ...common,
      initial,
      condition,
      batchSize: 9,
    });
    expect(parts.evaluations).toEqual(all.evaluations);
    expect(parts.alignments.map(({ length }) => length)).toEqual(new Array(10).fill(count));
    parts.samples.data.forEach((value, i) => {
      expect(value).toBeCloseTo(all.samples.data[i], 12);
    });
  });

  it("run the rows that are counted, in a few sizes", () => {
    const counted = all.evaluations.reduce((sum, value) => sum + value, 0);
    expect(all.rows).toBeGreaterThanOrEqual(counted);
    expect(all.rows).toBeLessThan(2 * 10 * count);
    expect([23, 13, 12, 7, 6, 3, 2, 1].map((active) => bucketFor(active, 23))).toEqual([
      23, 15, 12, 9, 6, 3, 3, 3,
    ]);
  });

  it("have thresholds by cost, from one run under full guidance", async () => {
    const full = await guidedSample(predict, sampler, {
      ...common,
      policy: fullGuidance(10),
      initial,
      condition,
    });
    const found = triggers(full.alignments, 0.97);
    expect(found.map((step) => adaptiveEvaluations(10, step))).toEqual(all.evaluations);
    const aimed = await calibrateThreshold(predict, sampler, {
      ...common,
      initial,
      condition,
      targetEvaluations: 14,
    });
    expect(aimed).toBe(thresholdFor(full.alignments, 14));
    expect(evaluationsAt(full.alignments, aimed)).toBeGreaterThanOrEqual(14);
    // A little lower, and one sample less reaches it.
    const levels = full.alignments.flatMap((gamma) => Array.from(gamma)).sort((a, b) => a - b);
    const below = levels.findLast((level) => level < aimed) ?? Number.NaN;
    expect(evaluationsAt(full.alignments, below)).toBeLessThan(14);
    expect(() => thresholdFor(full.alignments, 10)).toThrow(/between 11 and 20/);
  });
});

describe("editing", () => {
  // A linear field whose branches differ by constants: image and text pull along one axis each.
  const predict: Predict = (x, _, condition) => {
    const parts = condition as { image: Tensor | null; text: Tensor | null } | null;
    const along = (part: Tensor | null | undefined, axis: number) =>
      part ? part.reshape([-1, 1]).mul(float64([axis === 0 ? [1, 0] : [0, 1]])) : 0;
    return x.add(along(parts?.image, 0)).add(along(parts?.text, 1));
  };
  const both = { image: float64([1, 1]), text: float64([2, 2]) };
  const options = {
    condition: both,
    negative: { image: null, text: null },
    edit: { imageOnly: { image: both.image, text: null }, imageStrength: 1.5 },
    strength: 4,
    steps: 2,
    initial: float64([
      [1, 1],
      [30, 1],
    ]),
  };

  it("takes three evaluations a step and combines them with two strengths", async () => {
    const { samples, evaluations } = await guidedSample(predict, sampler, {
      ...options,
      policy: fullGuidance(2),
    });
    expect(evaluations).toEqual([6, 6]);
    // v = x + (1.5, 4 * 2): x' = x / 2 - v_0 / 2, twice.
    expect(samples.data[0]).toBeCloseTo((1 / 2 - 0.75) / 2 - 0.75, 12);
    expect(samples.data[1]).toBeCloseTo((1 / 2 - 4) / 2 - 4, 12);
  });

  it("stops when both others are parallel to the full one", async () => {
    const { evaluations } = await guidedSample(predict, sampler, {
      ...options,
      policy: adaptiveGuidance(0.99),
    });
    expect(evaluations).toEqual([6, 4]);
  });
});

it("counts evaluations as the paper does", () => {
  expect(adaptiveEvaluations(20, 9)).toBe(30);
  expect(adaptiveEvaluations(20, null)).toBe(40);
  expect(fixedEvaluations(alternatingKinds(20))).toBe(25);
});

it("samplers with noise take it from the key, and the same key gives the same", async () => {
  const path = discretePath(cumulativeAlphas(linearBetas(100, 1e-3, 0.1)));
  const predict: Predict = (x) => x.mul(0.9);
  const options = {
    condition: int32([0, 1, 2]),
    strength: 2,
    steps: 5,
    policy: fullGuidance(5),
    shape: [4],
  };
  const once = (seed: number) =>
    guidedSample(predict, ddpmSampler(path), { ...options, key: random.key(seed) });
  const [a, b, c] = [await once(1), await once(1), await once(2)];
  expect(a.samples.data).toEqual(b.samples.data);
  expect(a.samples.data).not.toEqual(c.samples.data);
});

describe("refuses", () => {
  const predict: Predict = (x) => x;
  const options = {
    condition: int32([0, 1]),
    strength: 2,
    steps: 4,
    policy: fullGuidance(4),
    initial: float64([
      [1, 2],
      [3, 4],
    ]),
  };
  const run = (changes: object, model = predict) =>
    guidedSample(model, sampler, { ...options, ...changes });

  it("thresholds, strengths, steps and policies that mean nothing", async () => {
    expect(() => adaptiveGuidance(-1.2)).toThrow(/at least -1/);
    expect(() => adaptiveGuidance(Number.NaN)).toThrow(/threshold/);
    expect(() => adaptiveGuidance(0.9, { firstCheck: 0.5 })).toThrow(/firstCheck/);
    await expect(run({ strength: -1 })).rejects.toThrow(/strength must not be negative/);
    await expect(run({ steps: 1, policy: fullGuidance(1) })).rejects.toThrow(/2 steps or more/);
    await expect(run({ policy: fullGuidance(5) })).rejects.toThrow(/for 5 steps, not for 4/);
    await expect(run({ policy: adaptiveGuidance(0.9, { firstCheck: 4 }) })).rejects.toThrow(
      /beyond the 4 steps/,
    );
    await expect(
      run({ policy: fixedPolicy(["guided", "linear", "linear", "linear"]) }),
    ).rejects.toThrow(/need coefficients/);
  });

  it("a missing condition, one of another length, and no start", async () => {
    await expect(run({ condition: undefined })).rejects.toThrow(/condition is missing/);
    await expect(run({ condition: int32([1]) })).rejects.toThrow(/2 samples/);
    await expect(run({ negative: int32([1, 2, 3]) })).rejects.toThrow(/negative condition/);
    await expect(run({ initial: undefined })).rejects.toThrow(/`key` and the `shape`/);
  });

  it("predictions that are not finite or zero, by step", async () => {
    const late: Predict = (x, t) => x.div(t.sub(0.5).reshape([-1, 1]));
    await expect(run({}, late)).rejects.toThrow(
      /step 2 \(time 0.5\): the prediction is not finite/,
    );
    const nothing: Predict = (x) => x.mul(0);
    await expect(run({ policy: adaptiveGuidance(0.9) }, nothing)).rejects.toThrow(
      /step 0 .*sample 0 is zero/,
    );
  });
});

it("compares estimates of x_0 where predictions of noise all look alike", async () => {
  // At the first step a noise prediction is x almost whatever the condition.
  const path = discretePath(cumulativeAlphas(linearBetas(100, 1e-3, 0.15)));
  const predict: Predict = (x, t, condition) => {
    const alpha = path.levels(t).signal.reshape([-1, 1]);
    const mean = condition === null ? array([[1, 0]]) : array([[0, 1]]);
    return x.sub(alpha.mul(mean)).div(path.levels(t).noise.reshape([-1, 1]));
  };
  const run = (compare: "prediction" | "denoised") =>
    guidedSample(predict, pathSampler(path), {
      condition: zeros([4], "int32"),
      strength: 2,
      steps: 5,
      policy: adaptiveGuidance(2, { compare }),
      key: random.key(0),
      shape: [2],
    });
  const [plain, estimates] = [await run("prediction"), await run("denoised")];
  expect(Math.min(...plain.alignments[0])).toBeGreaterThan(0.99);
  for (const gamma of estimates.alignments)
    for (const value of gamma) expect(value).toBeCloseTo(0, 4);
});
