import { describe, expect, it } from "vitest";
import { UsageError } from "../contract/errors.ts";
import { maxLearningRate, minDamping, scaleLearningRate, stableAdamRate } from "./learningRates.ts";
import { polyak } from "./polyak.ts";

describe("learning rates", () => {
  it("of SGD are 2 over the batch's eigenvalue", () => {
    const rate = (b: number) =>
      maxLearningRate("sgd", { lambda: 3, pSigma2: 10, b, model: "wigner" });
    const expected: [number, number][] = [
      [1, 0.316227766],
      [2, 0.4285714286],
      [4, 0.5217391304],
      [16, 0.6233766234],
      [256, 0.6637856525],
    ];
    for (const [b, value] of expected) expect(rate(b)).toBeCloseTo(value, 9);
  });

  it("grow linearly for a Gauss-Newton matrix that is mostly noise, and saturate", () => {
    const rate = (b: number) =>
      maxLearningRate("sgd", { lambda: 10, pSigma2: 1e5, b, model: "ggn", bulk: 0.01 });
    expect(rate(8) / rate(4)).toBeCloseTo(2, 1);
    expect(rate(1e9)).toBeCloseTo(0.2, 5);
    expect(rate(4)).toBeLessThan(0.001 * rate(1e9));
  });

  it("are carried over by rule", () => {
    expect(scaleLearningRate(0.1, 128, 512, "linear")).toBeCloseTo(0.4, 12);
    expect(scaleLearningRate(1e-3, 128, 512, "sqrt")).toBeCloseTo(0.002, 12);
    expect(scaleLearningRate(0.1, 128, 512, "linear", { lambda: 8 })).toBe(0.25);
    expect(scaleLearningRate(0.1, 8, 64, "spectral", { eigenvalues: [6, 4] })).toBeCloseTo(
      0.15,
      12,
    );
    expect(() => scaleLearningRate(0.1, 8, 64, "spectral")).toThrow("eigenvalues");
    expect(() => scaleLearningRate(0.1, 0, 64, "linear")).toThrow("must be positive");
    expect(maxLearningRate("adam", { rate: 0.02, at: 2, b: 128 })).toBeCloseTo(0.16, 12);
    expect(minDamping(0.1, 4)).toBeCloseTo(0.2, 12);
  });

  it("of Adam are where its recurrence stops to contract", () => {
    // m <- 0.9 m + 0.1 lambda w, w <- w - rate m: spectral radius 1 at the limit.
    const lambda = 3;
    const limit = stableAdamRate(lambda, 0.9);
    for (const [factor, grows] of [
      [0.999, false],
      [1.001, true],
    ] as const) {
      let [w, m] = [1, 0];
      for (let k = 0; k < 20_000; k++) {
        m = 0.9 * m + 0.1 * lambda * w;
        w -= factor * limit * m;
      }
      expect(Math.abs(w) > 1).toBe(grows);
    }
  });
});

describe("the heavy ball", () => {
  it("has the coefficients of Polyak", () => {
    const expected: [number, number, number, number][] = [
      [100, 1, 0.0330578512, 0.6694214876],
      [9, 4, 0.16, 0.04],
      [50, 0.02, 0.0768935025, 0.9231064976],
    ];
    for (const [greatest, least, rate, momentum] of expected) {
      const found = polyak(greatest, least);
      expect(found.learningRate).toBeCloseTo(rate, 9);
      expect(found.momentum).toBeCloseTo(momentum, 9);
    }
  });

  it("shrinks the error alike over the whole range of curvature", () => {
    const { learningRate, momentum } = polyak(100, 1);
    for (const lambda of [1, 10, 50, 100]) {
      // Eigenvalues of [[1 + beta - eta lambda, -beta], [1, 0]]: a double or a complex pair.
      const half = (1 + momentum - learningRate * lambda) / 2;
      const discriminant = half ** 2 - momentum;
      const radius =
        discriminant > 0 ? Math.abs(half) + Math.sqrt(discriminant) : Math.sqrt(momentum);
      expect(radius).toBeCloseTo(0.8181818, 6);
    }
  });

  it("refuses a range that is none", () => {
    expect(() => polyak(1, 0)).toThrow(UsageError);
    expect(() => polyak(1, 2)).toThrow("curvature from 2 to 1");
  });
});
