import { array, evaluate, lift, random, type Tensor } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { cLime } from "./cLime.ts";
import { gradientTimesInput, vanillaGradients } from "./gradients.ts";
import { integratedGradients } from "./integratedGradients.ts";
import { kernelShap, kernelShapRegression } from "./kernelShap.ts";
import { boundaryWeight, logShapleyKernel } from "./kernels.ts";
import { lime, limeRegression } from "./lime.ts";
import { occlusion } from "./occlusion.ts";
import type { ScalarFunction } from "./scalarFunction.ts";
import { shapleyValues } from "./shapleyValues.ts";
import { smoothGrad } from "./smoothGrad.ts";
import { listOf, point, polynomial, sigmoidal } from "./testing.ts";

const key = random.key(1);

/** All entries to so many digits after the point. */
const expectClose = (actual: readonly number[], expected: readonly number[], digits: number) =>
  expectWithin(actual, expected, 0.5 * 10 ** -digits);

function expectWithin(
  actual: readonly number[],
  expected: readonly number[],
  tolerance: number,
): void {
  expect(actual).toHaveLength(expected.length);
  const worst = Math.max(...actual.map((value, i) => Math.abs(value - expected[i])));
  expect(worst, `${actual} against ${expected}`).toBeLessThan(tolerance);
}

/** The methods without randomness, and those that can look at all subsets. */
const deterministic = (f: ScalarFunction, x: Tensor) => ({
  vanilla: vanillaGradients(f, x),
  timesInput: gradientTimesInput(f, x),
  integrated: integratedGradients(f, x, { steps: 20, rule: "gaussLegendre" }),
  upperHalf: integratedGradients(f, x, { steps: 20, rule: "gaussLegendre", from: 0.5 }),
  nearlyAll: integratedGradients(f, x, { steps: 20, rule: "gaussLegendre", from: 0.95 }),
  shapley: shapleyValues(f, x),
  kernelShap: kernelShap(f, x, { samples: "all", key }),
  occlusion: occlusion(f, x),
});

describe("values worked out by hand", () => {
  it("are those of a polynomial at (1, 2, -1)", async () => {
    const wide = limeRegression(polynomial, point, { samples: "all", kernelWidth: 1e9, key });
    const one = limeRegression(polynomial, point, { samples: "all", key });
    const two = limeRegression(polynomial, point, { samples: "all", kernelWidth: 2, key });
    const found = await evaluate({
      ...deterministic(polynomial, point),
      four: integratedGradients(polynomial, point, { steps: 4 }),
      ten: integratedGradients(polynomial, point, { steps: 10 }),
      end: integratedGradients(polynomial, point, { from: 1 }),
      none: smoothGrad(polynomial, point, { sigma: 0, key }),
      limes: [one, two, wide],
    });
    expectClose(listOf(found.vanilla), [4, 1, 5], 12);
    expectClose(listOf(found.none), [4, 1, 5], 12);
    expectClose(listOf(found.timesInput), [4, 2, -5], 12);
    expectClose(listOf(found.end), [4, 2, -5], 12);
    expectClose(listOf(found.integrated), [7 / 3, 4 / 3, -11 / 3], 12);
    expectClose(listOf(found.four), [2.34375, 1.34375, -3.65625], 12);
    expectClose(listOf(found.ten), [2.335, 1.335, -3.665], 12);
    expectClose(listOf(found.upperHalf), [3.333333333, 1.833333333, -4.166666667], 9);
    expectClose(listOf(found.shapley), [7 / 3, 4 / 3, -11 / 3], 12);
    // All that the weight of 1e6 in place of infinity changes.
    expectWithin(listOf(found.kernelShap), listOf(found.shapley), 1e-7);
    expectClose(listOf(found.occlusion), [3, 2, -5], 12);
    const limes = found.limes.map(({ weights, bias }) => [...listOf(weights), bias.item()]);
    expectClose(limes[0], [3.492235949, 1.855341024, -4.435819211, -0.772302519], 8);
    expectClose(limes[1], [3.102266407, 1.616621167, -3.821967907, -0.719753731], 8);
    // Banzhaf values
    expectClose(limes[2], [2.5, 1.5, -3.5, -0.5], 9);
  });

  it("are those of a sigmoid at (1, 2, -1)", async () => {
    const { lime: near, ...found } = await evaluate({
      ...deterministic(sigmoidal, point),
      lime: limeRegression(sigmoidal, point, { samples: "all", key }),
    });
    expectClose(listOf(found.vanilla), [0.066255654, -0.12422935, 0.033127827], 8);
    expectClose(listOf(found.timesInput), [0.066255654, -0.248458701, -0.033127827], 8);
    expectClose(listOf(found.integrated), [0.148713709, -0.557676411, -0.074356855], 8);
    expectClose(listOf(found.upperHalf), [0.109426745, -0.410350293, -0.054713372], 8);
    expectClose(listOf(found.nearlyAll), [0.069871215, -0.262017056, -0.034935607], 8);
    expectClose(listOf(found.shapley), [0.117994778, -0.538188855, -0.063125478], 8);
    // All that the weight of 1e6 in place of infinity changes.
    expectWithin(listOf(found.kernelShap), listOf(found.shapley), 1e-7);
    expectClose(listOf(found.occlusion), [0.048015706, -0.577064811, -0.038985513], 8);
    expectClose(listOf(near.weights), [0.055592021, -0.552253226, -0.034794888], 8);
    expect(near.bias.item()).toBeCloseTo(0.624360774, 8);
    // Completeness (15).
    for (const method of [found.integrated, found.shapley, found.kernelShap])
      expect(listOf(method).reduce((sum, w) => sum + w)).toBeCloseTo(-0.483319556, 6);
  });

  it("are those of the Shapley kernel", () => {
    const kernel = (d: number) => listOf(logShapleyKernel(d)).map(Math.exp);
    expectClose(kernel(3).slice(1, 3), [1 / 3, 1 / 3], 12);
    expectClose(kernel(4).slice(1, 4), [0.25, 0.125, 0.25], 12);
    expectClose(kernel(5).slice(1, 5), [0.2, 1 / 15, 1 / 15, 0.2], 12);
    expectClose(kernel(10).slice(1, 6), [0.1, 0.0125, 0.003571429, 0.001785714, 0.001428571], 9);
    expect(kernel(10)[0] / boundaryWeight).toBeCloseTo(1, 12);
    expect(kernel(10)[10] / boundaryWeight).toBeCloseTo(1, 12);
  });
});

/** All eight with random samples where they have any; x [m, d]. */
const all = (f: ScalarFunction, x: Tensor) => ({
  lime: lime(f, x, { samples: 200, kernelWidth: 3, key }),
  kernelShap: kernelShap(f, x, { samples: 200, key }),
  occlusion: occlusion(f, x),
  integrated: integratedGradients(f, x, { steps: 50 }),
  timesInput: gradientTimesInput(f, x),
  vanilla: vanillaGradients(f, x),
  smoothGrad: smoothGrad(f, x, { samples: 200, key }),
  cLime: cLime(f, x, { samples: 200, key }),
});
type Names = keyof ReturnType<typeof all>;
const multiplicative: readonly Names[] = [
  "lime",
  "kernelShap",
  "occlusion",
  "integrated",
  "timesInput",
];

describe("invariants", () => {
  const x = lift(
    array(
      [
        [1, 2, -1],
        [-0.5, 0.3, 2],
      ],
      { dtype: "float64" },
    ),
  );
  const w = [0.7, -1.3, 2.1];
  const affine: ScalarFunction = (rows) => rows.matmul(array(w, { dtype: "float64" })).add(0.4);
  const both: ScalarFunction = (rows) => polynomial(rows).mul(2).sub(sigmoidal(rows).mul(3));

  it("affine functions are recovered: w by additive noise, w x0 by multiplication (19)", async () => {
    const [found, rows] = await evaluate([all(affine, x), x] as const);
    for (const name of Object.keys(found) as Names[]) {
      const times = multiplicative.includes(name) ? listOf(rows) : new Array<number>(6).fill(1);
      const expected = times.map((value, i) => value * w[i % 3]);
      expectClose(listOf(found[name]), expected, name === "kernelShap" ? 6 : 9);
    }
  });

  it("so are features whose removal weighs e^-400 and e^-144: subsets without them still say what they do", async () => {
    const far = lift(array([20, 0.5, -1, 0.3, 12], { dtype: "float64" }));
    const more = array([0.7, -1.3, 2.1, 0.9, -0.4], { dtype: "float64" });
    const { weights } = await evaluate(
      limeRegression((rows) => rows.matmul(more), far, { samples: 400, key }),
    );
    expectClose(listOf(weights), [14, -0.65, -2.1, 0.27, -4.8], 8);
  });

  it("every method is linear in f, and gives nothing for a constant", async () => {
    const found = await evaluate({
      both: all(both, x),
      first: all(polynomial, x),
      second: all(sigmoidal, x),
      constant: all((rows) => rows.sum(-1).mul(0).add(7), x),
    });
    for (const name of Object.keys(found.both) as Names[]) {
      const second = listOf(found.second[name]);
      const sum = listOf(found.first[name]).map((value, i) => 2 * value - 3 * second[i]);
      // The weights of KernelSHAP span ten orders of magnitude.
      expectClose(listOf(found.both[name]), sum, name === "kernelShap" ? 6 : 8);
      expectClose(listOf(found.constant[name]), [0, 0, 0, 0, 0, 0], 8);
    }
  });

  it("an unused feature gets nothing where subsets are weighed exactly, and little from samples", async () => {
    const f: ScalarFunction = (rows) => sigmoidal(rows.mul(array([1, 1, 0], { dtype: "float64" })));
    const { exact, ...found } = await evaluate({
      ...all(f, x),
      exact: kernelShap(f, x, { samples: "all", key }),
    });
    for (const name of Object.keys(found) as Names[]) {
      const sampled = name === "lime" || name === "kernelShap" || name === "cLime";
      const unused = listOf(found[name]).filter((_, i) => i % 3 === 2);
      for (const value of unused) expect(Math.abs(value)).toBeLessThan(sampled ? 0.02 : 1e-12);
    }
    expect(Math.abs(listOf(exact)[2])).toBeLessThan(1e-7);
  });

  it("features with the same part have the same Shapley value, and samples tend to it", async () => {
    const f: ScalarFunction = (rows) => rows.slice(null, 0).mul(rows.slice(null, 1)).exp();
    const equal = lift(array([0.8, 0.8, 0.1, -0.4], { dtype: "float64" }));
    const { exact, estimate } = await evaluate({
      exact: shapleyValues(f, equal),
      estimate: kernelShapRegression(f, equal, { samples: 4000, key }),
    });
    const [first, second] = listOf(exact);
    expect(first).toBeCloseTo(second, 12);
    expectWithin(listOf(estimate.weights), listOf(exact), 0.03);
    expect(estimate.bias.item()).toBeCloseTo(1, 5); // f at the baseline
  });

  it("many points are each point by itself, and batches change nothing", async () => {
    const [first] = random.split(random.key(3), 1);
    const options = { samples: 60, kernelWidth: 2, key: random.key(3) };
    const found = await evaluate({
      many: lime(polynomial, x, options),
      one: lime(polynomial, point, { ...options, key: first }),
      whole: smoothGrad(both, x, { samples: 50, key }),
      parts: smoothGrad(both, x, { samples: 50, key, batch: 7 }),
    });
    expectClose(listOf(found.many).slice(0, 3), listOf(found.one), 9);
    expectClose(listOf(found.parts), listOf(found.whole), 10);
  });
});

describe("features of several inputs and baselines", () => {
  const features = array(
    [
      [1, 0, 1],
      [0, 1, 0],
    ],
    { dtype: "float64" },
  );
  const baseline = array([0.5, -1, 0.25], { dtype: "float64" });

  it("sum up what their inputs get, for methods that look along one path", async () => {
    const { whole, parts, occluded, values } = await evaluate({
      whole: integratedGradients(polynomial, point, { baseline }),
      parts: integratedGradients(polynomial, point, { baseline, features }),
      occluded: occlusion(polynomial, point, { baseline, features }),
      values: polynomial(
        lift(
          array(
            [
              [1, 2, -1],
              [0.5, 2, 0.25],
              [1, -1, -1],
              [0.5, -1, 0.25],
            ],
            { dtype: "float64" },
          ),
        ),
      ),
    });
    const [a, b, c] = listOf(whole);
    expectClose(listOf(parts), [a + c, b], 10);
    const [here, withoutFirst, withoutSecond, nothing] = listOf(values);
    expectClose(listOf(occluded), [here - withoutFirst, here - withoutSecond], 10);
    expect(a + b + c).toBeCloseTo(here - nothing, 5);
  });
});

describe("refusals", () => {
  const refused = (explain: () => unknown) => expect(explain).toThrow(Error);
  it("say what is wrong in one line", () => {
    expect(() => smoothGrad(polynomial, point, { sigma: -1, key })).toThrow("sigma is -1");
    expect(() => cLime(polynomial, point, { sigma: 0, key })).toThrow("sigma is 0");
    expect(() => lime(polynomial, point, { kernelWidth: 0, key })).toThrow("kernel width is 0");
    expect(() => lime(polynomial, point, { samples: 0, key })).toThrow("0 samples");
    expect(() => integratedGradients(polynomial, point, { from: 1.5 })).toThrow("scales from 1.5");
    expect(() => kernelShap(polynomial, point, { samples: 4, key })).toThrow("from 5");
    const long = lift(array(new Array<number>(17).fill(1)));
    expect(() => kernelShap((x) => x.sum(-1), long, { samples: "all", key })).toThrow("at most 16");
    expect(() => vanillaGradients(polynomial, point.reshape([1, 1, 3]))).toThrow("[1, 1, 3]");
    expect(() => occlusion(polynomial, point, { baseline: array([0, 0]) })).toThrow(
      "baseline is [2]",
    );
    expect(() => vanillaGradients((x) => x, point)).toThrow("one score a row");
    refused(() => vanillaGradients(polynomial, lift(array([1, 2, 3], { dtype: "int32" }))));
  });
});
