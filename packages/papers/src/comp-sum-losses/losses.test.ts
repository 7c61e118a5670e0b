import { softmaxCrossEntropy } from "@etude/learn";
import {
  array,
  evaluate,
  grad,
  jit,
  lift,
  type NDArray,
  type NestedList,
  random,
  type Tensor,
} from "@etude/tensor";
import { describe, expect, test } from "vitest";
import { compMarginLoss, compSumLoss } from "./losses.ts";
import { phi } from "./transform.ts";

const float64 = (values: NestedList) => lift(array(values, { dtype: "float64" }));
const int32 = (values: NestedList) => lift(array(values, { dtype: "int32" }));
const near = (values: NDArray, expected: readonly number[], digits = 8) => {
  expect(values.size).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(values.data[i]).toBeCloseTo(value, digits);
  });
};

const h = float64([1.2, -0.3, 0.5]);
const thrice = float64([
  [1.2, -0.3, 0.5],
  [1.2, -0.3, 0.5],
  [1.2, -0.3, 0.5],
]);
const every = int32([0, 1, 2]);

test("losses and gradients of one example, for every label and tau", async () => {
  const losses: Record<string, number[]> = {
    0: [0.719715464, 6.707229999, 2.463081672],
    0.5: [0.622758444, 3.55237967, 1.721871396],
    1: [0.542158849, 2.042158849, 1.242158849],
    1.5: [0.474888143, 1.27958817, 0.925271839],
    2: [0.418508456, 0.870251699, 0.711239845],
    3: [0.330933792, 0.491582689, 0.458308786],
  };
  const gradients: Record<string, number[]> = {
    0: [2.013752707, 0.449328964, -2.463081672],
    0.5: [1.082118372, 0.241453246, -1.323571617],
    1: [0.581491544, 0.129748301, -0.711239845],
    1.5: [0.312472669, 0.069722077, -0.382194745],
    2: [0.167911588, 0.03746614, -0.205377728],
  };
  const results = await evaluate(
    Object.fromEntries(
      Object.keys(losses).map((tau) => [
        tau,
        {
          loss: compSumLoss(thrice, every, { tau: Number(tau) }),
          slope: grad((z: Tensor) => compSumLoss(z, int32(2), { tau: Number(tau) }))(h),
        },
      ]),
    ),
  );
  for (const [tau, expected] of Object.entries(losses)) near(results[tau].loss, expected);
  for (const [tau, expected] of Object.entries(gradients)) near(results[tau].slope, expected);
});

test("tau = 1 is cross entropy, nearby taus are nearly it, and rho divides the scores", async () => {
  const { one, learn, around, narrow, divided } = await evaluate({
    one: compSumLoss(thrice, every),
    learn: softmaxCrossEntropy(thrice, every),
    around: [1 - 1e-5, 1 - 1e-7, 1 + 1e-7, 1 + 1e-5].map((tau) =>
      compSumLoss(thrice, every, { tau }),
    ),
    narrow: compSumLoss(thrice, every, { tau: 0.5, rho: 0.25 }),
    divided: compSumLoss(thrice.mul(4), every, { tau: 0.5 }),
  });
  near(one, [...learn.data], 14);
  for (const values of around)
    [...values.data].forEach((value, i) => {
      expect(Math.abs(value - one.data[i])).toBeLessThan(3e-5);
    });
  near(narrow, [...divided.data], 10);
});

describe("where softmax has no digits left", () => {
  test("losses are exact or +Infinity, and gradients finite, in both precisions", async () => {
    const losses = (z: Tensor) => ({
      logistic: compSumLoss(z, int32(2), { tau: 1 }),
      generalised: compSumLoss(z, int32(2), { tau: 1.5 }),
      certain: compSumLoss(z, int32(0), { tau: 0.5 }),
      hopeless: compSumLoss(z, int32(2), { tau: 0 }),
      slope: grad((s: Tensor) => compSumLoss(s, int32(2), { tau: 0 }))(z),
    });
    const far = [1000, 0, -1000];
    const results = await evaluate([losses(float64(far)), losses(lift(array(far)))]);
    for (const { logistic, generalised, certain, hopeless, slope } of results) {
      expect(logistic.item()).toBe(2000);
      expect(generalised.item()).toBe(2);
      expect(certain.item()).toBe(0);
      expect(hopeless.item()).toBe(Number.POSITIVE_INFINITY);
      expect(slope.data[0]).toBeGreaterThan(1e37);
      expect(slope.data[2]).toBe(-slope.data[0]);
      expect(Number.isFinite(slope.data[0])).toBe(true);
    }
  });

  test("probabilities as labels give the conditional risk, where impossible classes add nothing", async () => {
    const q = float64([
      [0.2, 0.3, 0.5],
      [0.5, 0.5, 0],
    ]);
    const scores = float64([
      [1.2, -0.3, 0.5],
      [0, 0, Number.NEGATIVE_INFINITY],
    ]);
    const { risk, one } = await evaluate({
      risk: compSumLoss(scores, q, { tau: 0 }),
      one: compSumLoss(thrice, every, { tau: 0 }),
    });
    expect(risk.data[0]).toBeCloseTo(0.2 * one.data[0] + 0.3 * one.data[1] + 0.5 * one.data[2], 12);
    expect(risk.data[1]).toBeCloseTo(1, 12);
  });
});

test("invariants on random scores: shifts, order in tau, and the margin loss below the smooth one", async () => {
  const taus = [0, 0.3, 1, 1.4, 2, 2.5];
  const run = jit((key: Tensor) => {
    const scores = random.normal(key, [500, 5], { dtype: "float64" }).mul(2);
    const labels = scores.argmin(-1).astype("int32");
    const options = { tau: 0.3, rho: 0.7 };
    return {
      losses: taus.map((tau) => compSumLoss(scores, labels, { tau })),
      shifted: compSumLoss(scores.add(17), labels, { tau: 0.3 }),
      margin: compMarginLoss(scores, labels, options),
      smooth: compSumLoss(scores, labels, options),
    };
  });
  const { losses, shifted, margin, smooth } = await run(await evaluate(random.key(5)));
  near(shifted, [...losses[1].data], 9);
  for (let i = 0; i < 500; i++) {
    for (let t = 1; t < taus.length; t++)
      expect(losses[t].data[i]).toBeLessThanOrEqual(losses[t - 1].data[i] + 1e-12);
    expect(margin.data[i]).toBeLessThanOrEqual(smooth.data[i] + 1e-12);
    // The label is the worst of five: all four others violate every margin.
    expect(margin.data[i]).toBeCloseTo(phi(4, 0.3), 10);
  }
});

test("the margin loss is linear inside the margin and zero beyond it", async () => {
  const scores = float64([
    [1, 0.75, 0],
    [1, 0.5, 0.5],
    [1, 0.9, 1.5],
  ]);
  const loss = await evaluate(compMarginLoss(scores, int32([0, 0, 0]), { tau: 0, rho: 0.5 }));
  near(loss, [0.5, 0, 1.8], 12);
});

test("the transform at 1, for every tau", () => {
  const expected: [number, number][] = [
    [0, 1],
    [0.5, 0.828427125],
    [1, Math.LN2],
    [1.5, 0.585786438],
    [2, 0.5],
    [3, 0.375],
  ];
  for (const [tau, value] of expected) expect(phi(1, tau)).toBeCloseTo(value, 9);
});

test("what makes no sense is refused", () => {
  const scores = lift(array([[1, 2, 3]]));
  expect(() => compSumLoss(scores, int32([0]), { tau: -0.1 })).toThrow(/tau must be/);
  expect(() => compSumLoss(scores, int32([0]), { rho: 0 })).toThrow(/rho must be/);
  expect(() => compSumLoss(scores, int32([[0]]))).toThrow(/labels \[1, 1\] for scores \[1, 3\]/);
  expect(() => compSumLoss(lift(array([[1]])), int32([0]))).toThrow(/two classes or more/);
  expect(() => compSumLoss(scores, lift(array([[0.5, 0.5]])))).toThrow(/one for each score/);
  expect(() => compMarginLoss(scores, int32([0]), { rho: -1 })).toThrow(/rho must be/);
});
