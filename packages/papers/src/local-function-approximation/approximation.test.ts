import { array, evaluate, jit, lift, random, stack, type Tensor } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { type AdamGrid, paperGrid, ratesOf, weightedLoss } from "./adamFit.ts";
import { approximations } from "./approximations.ts";
import { leastSquares } from "./leastSquares.ts";
import {
  type ApproximationOptions,
  localFunctionApproximation,
} from "./localFunctionApproximation.ts";
import { methodNames, methods } from "./methods.ts";
import {
  bernoulliExponential,
  everySubset,
  gaussian,
  type Neighbourhood,
  oneHot,
  shapley,
  uniformScale,
  weightedPoints,
} from "./neighbourhoods.ts";
import { explanationLosses } from "./noFreeLunch.ts";
import { gaussLegendre } from "./quadrature.ts";
import type { ScalarFunction } from "./scalarFunction.ts";
import { shapleyValues } from "./shapleyValues.ts";
import { gaussianPopulation, listOf, point, polynomial, sigmoidal } from "./testing.ts";

const key = random.key(2);
const close = (actual: readonly number[], expected: readonly number[], tolerance: number) => {
  expect(actual).toHaveLength(expected.length);
  const worst = Math.max(...actual.map((value, i) => Math.abs(value - expected[i])));
  expect(worst, `${actual} against ${expected}`).toBeLessThan(tolerance);
};

const squared = { loss: "squaredError", model: "linear" } as const;
const matching = { loss: "gradientMatching", model: "linearNoBias" } as const;

describe("with whole populations in place of samples", () => {
  const gaussianWhole = (count: number, sigma: number): Neighbourhood => {
    const { xi, weights } = gaussianPopulation(count, sigma);
    return weightedPoints(`N(0, ${sigma}^2)`, "additive", xi, weights);
  };
  const scales = (from: number): Neighbourhood => {
    const { nodes, weights } = gaussLegendre(12, from, 1);
    const xi = nodes.map((a) => [a, a, a]);
    return weightedPoints(
      "scales",
      "multiplicative",
      array(xi, { dtype: "float64" }),
      array(weights),
    );
  };
  const at = (f: ScalarFunction, z: Neighbourhood, options: Omit<ApproximationOptions, "key">) =>
    localFunctionApproximation(f, point, z, { ...options, key });

  it("C-LIME and SmoothGrad are the same (14), and C-LIME's bias is right", async () => {
    const found = await evaluate({
      cLimes: [0.3, 1].map((sigma) => at(polynomial, gaussianWhole(3, sigma), squared)),
      smooth: at(polynomial, gaussianWhole(3, 0.7), matching),
      sigmoid: [0.1, 0.5, 1].map((sigma) => [
        at(sigmoidal, gaussianWhole(13, sigma), matching),
        at(sigmoidal, gaussianWhole(13, sigma), squared),
      ]),
    });
    found.cLimes.forEach(({ weights, bias }, i) => {
      close([...listOf(weights), bias.item()], [4, 1, 5, [0.09, 1][i]], 1e-9);
    });
    close(listOf(found.smooth.weights), [4, 1, 5], 1e-10);
    const expected = [
      [0.066758843, -0.12517283, 0.033379421],
      [0.075769742, -0.142068267, 0.037884871],
      [0.08242583, -0.154548433, 0.041212916],
    ];
    found.sigmoid.forEach(([smooth, cLime], i) => {
      close(listOf(smooth.weights), expected[i], i < 2 ? 2e-9 : 1e-7);
      close(listOf(cLime.weights), listOf(smooth.weights), i < 2 ? 1e-8 : 1e-6);
    });
    expect(found.sigmoid[0][1].bias.item()).toBeCloseTo(0.092155772, 8);
    expect(found.sigmoid[1][1].bias.item()).toBeCloseTo(0.116262227, 8);
  });

  it("scaled gradients are Integrated Gradients, subsets give LIME, Shapley values and Occlusion", async () => {
    const subsets = (z: Neighbourhood) => everySubset(z);
    const units = weightedPoints(
      "units",
      "multiplicative",
      array(
        [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ],
        { dtype: "float64" },
      ),
      array([1, 1, 1]),
    );
    const found = await evaluate({
      integrated: at(polynomial, scales(0), matching).weights,
      half: at(sigmoidal, scales(0.5), matching).weights,
      shap: at(sigmoidal, subsets(shapley()), squared).weights,
      values: shapleyValues(sigmoidal, point),
      lime: at(sigmoidal, subsets(bernoulliExponential(1)), squared).weights,
      occluded: at(polynomial, units, { loss: "deltaSquaredError", model: "linearNoBias" }).weights,
    });
    close(listOf(found.integrated), [7 / 3, 4 / 3, -11 / 3], 1e-7);
    close(listOf(found.half), [0.109426745, -0.410350293, -0.054713372], 1e-8);
    close(listOf(found.shap), listOf(found.values), 1e-7);
    close(listOf(found.lime), [0.055592021, -0.552253226, -0.034794888], 1e-8);
    close(listOf(found.occluded), [3, 2, -5], 1e-10);
  });
});

describe("Adam", () => {
  const w = array([0.7, -1.3, 2.1]);
  const x = lift(
    array([
      [0.5, -0.4, 0.8],
      [-0.3, 0.6, 0.7],
    ]),
  );
  const affine: ScalarFunction = (rows) => rows.matmul(w).add(0.4);
  const quick: AdamGrid = {
    ...paperGrid,
    learningRates: [1, 0.5],
    decays: [0.1],
    milestones: [[30, 40]],
  };

  it("recovers an affine f in every neighbourhood, and a logistic f with a logistic g", async () => {
    const explain = jit((points: Tensor) => {
      const ofAffine = methodNames.map((name) => {
        const { neighbourhood, loss, model } = methods[name].instance({});
        const options = { loss, model, solver: "adam", samples: 640, grid: quick, key } as const;
        return approximations(affine, points, neighbourhood, options).weights;
      });
      const logistic: ScalarFunction = (rows) => rows.matmul(w).sub(0.5).sigmoid();
      const ofLogistic = (["squaredError", "gradientMatching"] as const).map((loss) =>
        approximations(logistic, points, gaussian(0.5), {
          loss,
          model: "logistic",
          solver: "adam",
          samples: 640,
          key,
        }),
      );
      return { ofAffine, ofLogistic };
    });
    const points = await evaluate(x);
    const { ofAffine, ofLogistic } = await explain(points);
    const plain = listOf(w);
    methodNames.forEach((name, k) => {
      const times = methods[name].operation === "additive" ? [1, 1, 1, 1, 1, 1] : listOf(points);
      close(
        listOf(ofAffine[k]),
        times.map((value, i) => value * plain[i % 3]),
        0.03,
      );
    });
    for (const { weights } of ofLogistic) close(listOf(weights), [...plain, ...plain], 0.1);
    // With squared errors the bias is identified as well: w.x0 - 0.5.
    close(listOf(ofLogistic[0].bias), [0.35 + 0.52 + 1.68 - 0.5, -0.21 - 0.78 + 1.47 - 0.5], 0.2);
  });

  it("weighs samples: with one weight 1 and all others 0 only that one is fitted", async () => {
    const xi = lift(
      array([
        [1, 0],
        [0, 1],
        [1, 1],
      ]),
    );
    const y = lift(array([5, 7, -2]));
    const logs = lift(array([-1e30, 0, -1e30]));
    const params = { weights: lift(array([1, 2])), bias: lift(0) };
    const { one, exact, even } = await evaluate({
      one: weightedLoss("linear", "squaredError", params, xi, y, logs),
      even: weightedLoss("linear", "squaredError", params, xi, y, logs.mul(0)),
      exact: leastSquares(xi, y, logs, true),
    });
    // Errors 1 - 5, 2 - 7, 3 + 2: with the weights in a matrix of all pairs both losses would be one.
    expect(one.item()).toBeCloseTo(25 / 2, 5);
    expect(even.item()).toBeCloseTo((16 + 25 + 25) / 6, 5);
    const [, second] = listOf(exact.weights);
    expect(second + exact.bias.item()).toBeCloseTo(7, 5);
  });

  it("shares a weight where samples cannot tell features apart", async () => {
    const xi = lift(
      array(
        [
          [0, 0, 1],
          [1, 1, 0],
          [1, 1, 1],
          [0, 0, 0],
        ],
        { dtype: "float64" },
      ),
    );
    const y = lift(array([3, 2, 5, 0], { dtype: "float64" }));
    const { weights } = await evaluate(leastSquares(xi, y, undefined, true));
    close(listOf(weights), [1, 1, 3], 1e-3);
  });

  it("keeps the best parameters, not the last: rates that ruin a fit late do not show", async () => {
    const found = await evaluate({
      best: localFunctionApproximation(affine, x.slice(0), gaussian(1), {
        ...squared,
        solver: "adam",
        samples: 500,
        // The "decay" multiplies the rate by a million for the last epochs.
        grid: { ...quick, decays: [1e6], milestones: [[48]], learningRates: [0.05] },
        key,
      }),
    });
    close(listOf(found.best.weights), listOf(w), 0.05);
    expect(found.best.loss.item()).toBeLessThan(1e-2);
  });

  it("has the paper's grid: eight settings", () => {
    const rates = ratesOf(paperGrid);
    expect(rates[0]).toEqual([1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5]);
    expect(rates[39]).toEqual([0.5, 1, 0.1, 1, 0.25, 0.5, 0.05, 0.5]);
    expect(rates[49][3]).toBeCloseTo(0.01, 12);
  });
});

describe("no free lunch", () => {
  it("a parabola: exact near 0.5, and worse on [-1, 1] than the best line there (18)", async () => {
    const parabola: ScalarFunction = (x) => x.mul(x).sum(-1);
    const half = lift(array([0.5], { dtype: "float64" }));
    // U(-0.1, 0.1): three nodes are exact for what least squares needs.
    const { nodes, weights } = gaussLegendre(3, -0.1, 0.1);
    const xi = array(nodes, { dtype: "float64", shape: [3, 1] });
    const near = weightedPoints("U(-0.1, 0.1)", "additive", xi, array(weights));
    const { weights: slope, bias } = await evaluate(
      localFunctionApproximation(parabola, half, near, { ...squared, key }),
    );
    const [a, b] = [listOf(slope)[0], bias.item()];
    expect(a).toBeCloseTo(1, 9);
    expect(b).toBeCloseTo(0.25333333333, 9);
    const grid = Array.from({ length: 20001 }, (_, i) => -1 + i / 10000);
    const largest = (points: readonly number[]) =>
      Math.max(...points.map((x) => (x * x - (a * (x - 0.5) + b)) ** 2));
    expect(largest(grid.filter((x) => Math.abs(x - 0.5) <= 0.1 + 1e-9))).toBeCloseTo(4.4444e-5, 9);
    expect(largest(grid)).toBeCloseTo(5.04751, 5);
    // The best line for the largest error is constant 1/2: d(f, G) = 1/4.
    const constant = Math.max(...grid.map((x) => (x * x - 0.5) ** 2));
    expect(constant).toBeCloseTo(0.25, 12);
    expect(largest(grid)).toBeGreaterThan(constant);
  });

  it("each neighbourhood likes the explanation best that was fitted to it", async () => {
    const instances = [
      { neighbourhood: everySubset(bernoulliExponential(2)), ...squared },
      { neighbourhood: everySubset(shapley()), ...squared },
      { neighbourhood: oneHot(), loss: "deltaSquaredError", model: "linearNoBias" },
      { neighbourhood: uniformScale(), ...matching },
      { neighbourhood: gaussian(0.8), ...squared },
    ] as const;
    const { table } = await evaluate({
      table: (() => {
        const fitted = instances.map(({ neighbourhood, loss, model }) =>
          localFunctionApproximation(sigmoidal, point, neighbourhood, {
            loss,
            model,
            samples: 3000,
            key,
          }),
        );
        const explanations = stack(fitted.map(({ weights }) => weights));
        return instances.map((instance, i) =>
          explanationLosses(sigmoidal, point, explanations, instance, {
            samples: 3000,
            key: random.key(10 + i),
          }),
        );
      })(),
    });
    table.map(listOf).forEach((losses, column) => {
      expect(losses[column]).toBeLessThan(Math.min(...losses) * 1.001);
      // By far, for all the others.
      const others = losses.filter((_, row) => row !== column);
      expect(Math.min(...others)).toBeGreaterThan(losses[column] * 1.02);
    });
  });
});

describe("refusals", () => {
  it("say what is wrong", () => {
    const explain = (z: Neighbourhood, options: Omit<ApproximationOptions, "key">) => () =>
      localFunctionApproximation(polynomial, point, z, { ...options, key });
    expect(explain(gaussian(1), { loss: "squaredError", model: "logistic" })).toThrow(
      "no closed form",
    );
    expect(explain(gaussian(1), { loss: "deltaSquaredError", model: "linearNoBias" })).toThrow(
      "removes",
    );
    expect(explain(gaussian(1), { ...squared, samples: 0 })).toThrow("0 samples");
    expect(explain(gaussian(1), { ...squared, samples: 1, solver: "adam" })).toThrow("divided");
    expect(() => uniformScale(2)).toThrow("from 0 to 1");
    expect(() => gaussian(0)).toThrow("sigma is 0");
    expect(() => bernoulliExponential(-1)).toThrow("kernel width");
  });
});
