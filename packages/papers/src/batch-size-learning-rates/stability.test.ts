import { type ArrayTree, array, random, type Tensor } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { adamDiagonal, compileGradientMoments } from "./adamCurvature.ts";
import type { Examples, Loss } from "./curvature.ts";
import { compileHeavyBall } from "./heavyBall.ts";
import { stableAdamRate } from "./learningRates.ts";
import {
  compileRateSweep,
  drawnWithReplacement,
  largestStable,
  medianLoss,
  rateGrid,
  stabilitySweep,
} from "./stability.ts";

/** lambda w^2 / 2 with lambda = 4, on any batch. */
const quadratic: Loss = (params, x) => {
  const w = params.w as Tensor;
  return w.mul(w).sum().mul(2).add(x.sum().mul(0));
};
const examples: Examples = {
  inputs: array([[0], [0], [0]]),
  targets: array([0, 1, 2], { dtype: "int32" }),
};
const start: ArrayTree = { w: array([1, 0.5]) };

describe("a stability sweep", () => {
  it("finds the limit 2 / lambda of gradient descent, and survives divergence", async () => {
    const sweep = compileRateSweep(quadratic, "sgd");
    const order = drawnWithReplacement(3, 400 * 2, random.generator(0));
    const rates = [0.1, 0.49, 0.51, 5, 1e30];
    const losses = await sweep({ start, examples, order, batchSize: 2, rates });
    expect(losses[0]).toBeLessThan(1e-6);
    expect(losses[1]).toBeLessThan(1e-6);
    expect(losses[2]).toBeGreaterThan(1);
    expect(Number.isFinite(losses[4])).toBe(false);
    expect(largestStable(rates, losses, 0.5)).toBe(0.49);
    const inPairs = await sweep({ start, examples, order, batchSize: 2, rates, atOnce: 2 });
    expect(inPairs).toEqual(losses);
    await expect(
      sweep({ start, examples, order: order.slice(1), batchSize: 2, rates }),
    ).rejects.toThrow("not made of batches");
  });

  it("takes medians over seeds, with a diverged run as the worst", async () => {
    expect(medianLoss([1, Number.NaN, 2])).toBe(2);
    expect(medianLoss([Number.NaN, Number.POSITIVE_INFINITY, 2])).toBe(Number.POSITIVE_INFINITY);
    // Stable below 0.1 times the batch size, but for one seed of three, which always diverges.
    const found = await stabilitySweep(
      async (rates, batchSize, seed) =>
        rates.map((rate) => (seed === 1 ? Number.NaN : rate < 0.1 * batchSize ? 0 : 9)),
      { grid: rateGrid(0.05, 2, 6), batchSizes: [1, 4, 100], threshold: 1, seeds: [0, 1, 2] },
    );
    expect(found.map(({ learningRate }) => learningRate)).toEqual([0.05, 0.2, 1.6]);
    expect(largestStable([1], [2], 1)).toBeNaN();
  });
});

describe("the heavy ball", () => {
  it("follows its recurrence, alone and beside others", async () => {
    const ball = compileHeavyBall(
      (params, x) => x.add((params.w as Tensor).sum().mul(0)),
      quadratic,
    );
    const points = [
      { learningRate: 0.1, momentum: 0.5 },
      { learningRate: 0.3, momentum: 0 },
    ];
    const order = new Int32Array(5 * 2);
    const qualities = await ball.grid(start, examples, order, 2, points, examples);
    points.forEach(({ learningRate, momentum }, i) => {
      const loss = [1, 0.5].reduce((sum, from) => {
        let [w, v] = [from, 0];
        for (let k = 0; k < 5; k++) {
          v = momentum * v - learningRate * 4 * w;
          w += v;
        }
        return sum + 2 * w * w;
      }, 0);
      expect(qualities[i].trainLoss).toBeCloseTo(loss, 5);
    });
  });
});

describe("Adam's curvature", () => {
  const rows = 40;
  const generator = random.generator(5);
  const noise: Loss = (params, x) => (params.w as Tensor).mul(x.mean(0)).sum();
  const data: Examples = {
    inputs: array(
      Array.from({ length: rows }, () => [generator.normal(), 3 * generator.normal() + 1, 0]),
    ),
    targets: array(new Int32Array(rows), { dtype: "int32" }),
  };

  it("has the moments of single gradients, and leaves out what never moves", async () => {
    const moments = compileGradientMoments(noise);
    const { mean, variance } = await moments({ w: array([1, 1, 1]) }, data);
    for (const k of [0, 1]) {
      const column = Array.from({ length: rows }, (_, i) => data.inputs.data[3 * i + k]);
      const average = column.reduce((sum, value) => sum + value, 0) / rows;
      const spread = column.reduce((sum, value) => sum + (value - average) ** 2, 0) / (rows - 1);
      expect(mean[k]).toBeCloseTo(average, 5);
      expect(variance[k]).toBeCloseTo(spread, 4);
    }
    const D = adamDiagonal({ mean, variance }, 4);
    expect(D[2]).toBe(Number.POSITIVE_INFINITY);
    expect(D[1]).toBeCloseTo(Math.sqrt(mean[1] ** 2 + variance[1] / 4), 6);
  });

  it("lets the stable rate grow as sqrt b where gradients are noise", () => {
    // One weight of variance 9 and mean 0, curvature of a batch P sigma^2 / b.
    const rate = (b: number): number => {
      const [D] = adamDiagonal({ mean: Float64Array.of(0), variance: Float64Array.of(9) }, b);
      return stableAdamRate(50 / b / D);
    };
    expect(rate(64) / rate(4)).toBeCloseTo(4, 6);
    // Once the mean outweighs the noise the rate follows the curvature alone.
    const mean = { mean: Float64Array.of(5), variance: Float64Array.of(9) };
    expect(adamDiagonal(mean, 1e9)[0]).toBeCloseTo(5, 6);
  });
});
