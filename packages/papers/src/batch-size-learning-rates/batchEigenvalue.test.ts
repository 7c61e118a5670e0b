import { random } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { UsageError } from "../contract/errors.ts";
import {
  batchEigenvalue,
  batchEigenvalueDirectional,
  effectiveBatch,
  eigenvectorOverlap,
} from "./batchEigenvalue.ts";
import { largestEigenpair } from "./lanczos.ts";
import { dot, type Product } from "./product.ts";

describe("the effective batch size", () => {
  it("counts that batches are drawn without replacement", () => {
    expect(effectiveBatch(1, 50_000)).toBeCloseTo(1.0000200004, 9);
    expect(effectiveBatch(128, 50_000)).toBeCloseTo(128.3285210138, 9);
    expect(effectiveBatch(8192, 50_000)).toBeCloseTo(9797.1680061232, 8);
    expect(effectiveBatch(128, 1797)).toBeCloseTo(137.8166566807, 9);
  });

  it("is infinite for a batch of everything, which has no noise", () => {
    const b = effectiveBatch(1797, 1797);
    expect(b).toBe(Number.POSITIVE_INFINITY);
    expect(batchEigenvalue({ lambda: 3, pSigma2: 10, b, model: "wigner" })).toBe(3);
    expect(batchEigenvalue({ lambda: 3, pSigma2: 10, b, model: "ggn", bulk: 0.1 })).toBe(3);
  });

  it("refuses batches that cannot be", () => {
    expect(() => effectiveBatch(11, 10)).toThrow(UsageError);
    expect(() => effectiveBatch(0, 10)).toThrow("a batch of 0 out of 10 examples");
  });
});

const wigner = (lambda: number, b: number) =>
  batchEigenvalue({ lambda, pSigma2: 10, b, model: "wigner" });

describe("the eigenvalue of a batch", () => {
  it("moves outwards under additive noise, at both ends", () => {
    const expected = [
      [2, 4.6666666667, -4.472135955],
      [10, 3.3333333333, -2],
      [100, 3.0333333333, -0.7],
      [1000, 3.0033333333, -0.52],
    ];
    for (const [b, top, bottom] of expected) {
      expect(wigner(3, b)).toBeCloseTo(top, 9);
      expect(wigner(-0.5, b)).toBeCloseTo(bottom, 9);
    }
  });

  it("is continuous where it drowns in the bulk", () => {
    const b = 10 / 9;
    expect(wigner(3, b)).toBeCloseTo(6, 12);
    expect(wigner(3 * (1 + 1e-9), b)).toBeCloseTo(6, 7);
    expect(eigenvectorOverlap(3, 10, b)).toBeCloseTo(0, 12);
    expect(eigenvectorOverlap(3, 10, 10)).toBeCloseTo(8 / 9, 12);
  });

  it("moves by a factor for Gauss-Newton matrices", () => {
    const at = (lambda: number, b: number) =>
      batchEigenvalue({ lambda, pSigma2: 500, b, model: "ggn", bulk: 0.5 });
    expect(at(10, 50)).toBeCloseTo(20.5263157895, 9);
    expect(at(10, 200)).toBeCloseTo(12.6315789474, 9);
    expect(at(10, 2000)).toBeCloseTo(10.2631578947, 9);
    expect(at(1, 50)).toBeCloseTo(14.972135955, 9); // the threshold is 2.736
    expect(at(2.7360679775, 50)).toBeCloseTo(at(2.74, 50), 1);
    // An eigenvalue at or below the bulk's level is part of the bulk.
    expect(at(0.5, 50)).toBeCloseTo(at(0.2, 50), 12);
  });

  it("follows second-order perturbation when the noise has a direction", async () => {
    const H = [5, 1, 0.5, 0.1];
    const E = [
      [0, 0.3, -0.2, 0.1],
      [0.3, 0.1, 0, 0],
      [-0.2, 0, -0.1, 0.2],
      [0.1, 0, 0.2, 0],
    ];
    const noisy = dense(4, (i, j) => (i === j ? H[i] : 0) + E[i][j]);
    expect((await largestEigenpair(noisy, { tolerance: 1e-10 })).value).toBeCloseTo(
      5.0332105371,
      9,
    );
    const predicted = batchEigenvalueDirectional({
      lambda: 5,
      meanShift: 0,
      noiseSq: 0.3 ** 2 + 0.2 ** 2 + 0.1 ** 2,
    });
    expect(predicted).toBeCloseTo(5.028, 12);
    // With the gaps it is exact to second order: .09 / 4 + .04 / 4.5 + .01 / 4.9 above 5.
    const neighbours = [
      { lambda: 1, noiseSq: 0.09 },
      { lambda: 0.5, noiseSq: 0.04 },
      { lambda: 0.1, noiseSq: 0.01 },
    ];
    const exact = batchEigenvalueDirectional({ lambda: 5, noiseSq: 0.14, neighbours });
    expect(exact).toBeCloseTo(5 + 0.0225 + 0.04 / 4.5 + 0.01 / 4.9, 12);
    expect(Math.abs(exact - 5.0332105371)).toBeLessThan(0.001);
  });

  it("refuses what is no variance", () => {
    expect(() => batchEigenvalue({ lambda: 1, pSigma2: -1, b: 1, model: "wigner" })).toThrow(
      "variance -1",
    );
    expect(() => batchEigenvalueDirectional({ lambda: 1, noiseSq: -1 })).toThrow(UsageError);
    expect(() => batchEigenvalue({ lambda: 1, pSigma2: 1, b: 1, model: "ggn" })).toThrow("bulk");
  });
});

function dense(size: number, entry: (i: number, j: number) => number): Product {
  const rows = Array.from({ length: size }, (_, i) =>
    Float64Array.from({ length: size }, (_, j) => entry(i, j)),
  );
  return { size, apply: async (v) => Float64Array.from(rows, (row) => dot(row, v)) };
}

describe("random matrices", () => {
  it("agree with the theorem: spikes of 3, 1.5 and 0.5 in a Wigner matrix", async () => {
    const n = 1000;
    const generator = random.generator(3);
    const rows = Array.from({ length: n }, () => new Float64Array(n));
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        const value = generator.normal() / Math.sqrt(n);
        rows[i][j] = value;
        rows[j][i] = value;
      }
      rows[i][i] *= Math.SQRT2;
    }
    rows[0][0] = 0; // v.eps v would only shift the eigenvalue.
    for (const spike of [3, 1.5, 0.5]) {
      const product: Product = {
        size: n,
        apply: async (v) =>
          Float64Array.from(rows, (row, i) => dot(row, v) + (i === 0 ? spike * v[0] : 0)),
      };
      const start = Float64Array.from({ length: n }, (_, i) => (i === 0 ? 30 : generator.normal()));
      const { value, vector } = await largestEigenpair(product, { start, steps: 150 });
      const predicted = batchEigenvalue({ lambda: spike, pSigma2: 1, b: 1, model: "wigner" });
      expect(Math.abs(value - predicted)).toBeLessThan(0.06);
      if (spike > 1) {
        const overlap = vector[0] ** 2;
        expect(Math.abs(overlap - eigenvectorOverlap(spike, 1, 1))).toBeLessThan(0.06);
      }
    }
  });
});
