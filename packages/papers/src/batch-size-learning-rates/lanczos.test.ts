import { random } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { lanczos, largestEigenpair, largestEigenpairs } from "./lanczos.ts";
import { dot, norm, type Product, preconditioned } from "./product.ts";
import { plotWidth, slq } from "./spectrum.ts";
import { tridiagonalEigen } from "./tridiagonal.ts";

const diagonal = (values: readonly number[]): Product => ({
  size: values.length,
  apply: async (v) => v.map((entry, i) => entry * values[i]),
});

describe("lanczos", () => {
  it("is exact on what fits into its steps", async () => {
    const product = diagonal([1, 2, 3, 4, 5, 6]);
    const start = new Float64Array(6).fill(1);
    const three = await lanczos(product, { steps: 3, start });
    expect([...three.alphas].map((a) => Number(a.toFixed(9)))).toEqual([3.5, 3.5, 3.5]);
    [1.7078251277, 1.4605934867].forEach((beta, i) => {
      expect(three.betas[i]).toBeCloseTo(beta, 9);
    });
    [1.2527794946, 3.5, 5.7472205054].forEach((theta, i) => {
      expect(three.ritzValues[i]).toBeCloseTo(theta, 9);
    });
    [0.2887788779, 0.4224422442, 0.2887788779].forEach((weight, i) => {
      expect(three.weights[i]).toBeCloseTo(weight, 9);
    });
    [1, 3.5, 15.1666666667, 73.5, 379.1666666667, 2033.5].forEach((moment, j) => {
      const seen = three.ritzValues.reduce((sum, t, k) => sum + three.weights[k] * t ** j, 0);
      expect(seen).toBeCloseTo(moment, 8);
    });
    const six = await lanczos(product, { steps: 9, start });
    [1, 2, 3, 4, 5, 6].forEach((theta, i) => {
      expect(six.ritzValues[i]).toBeCloseTo(theta, 9);
      expect(six.weights[i]).toBeCloseTo(1 / 6, 9);
    });
    expect(six.notice).toContain("the matrix has 6 rows");
  });

  it("stops at an invariant subspace and says so", async () => {
    const product = diagonal([1, 1, 1, 4, 4, 4, 4]);
    const { ritzValues, weights, notice, products } = await lanczos(product, { steps: 6 });
    expect(products).toBe(2);
    expect(ritzValues[0]).toBeCloseTo(1, 10);
    expect(ritzValues[1]).toBeCloseTo(4, 10);
    expect(weights[0] + weights[1]).toBeCloseTo(1, 12);
    expect(notice).toBe("an invariant subspace after 2 steps");
  });

  it("finds the most positive eigenvalue, not that of largest magnitude", async () => {
    const values = Array.from({ length: 60 }, (_, i) => (i === 0 ? -50 : i / 20));
    const { value, vector } = await largestEigenpair(diagonal(values));
    expect(value).toBeCloseTo(59 / 20, 4);
    expect(Math.abs(vector[59])).toBeCloseTo(1, 2);
  });

  it("gives the next eigenvalues too, the largest first, and none that has not settled", async () => {
    const values = Array.from({ length: 100 }, (_, i) => (i < 4 ? 10 * (i + 1) : Math.sin(i)));
    const pairs = await largestEigenpairs(diagonal(values), 4, { steps: 20 });
    expect(pairs.map(({ value }) => Number(value.toFixed(6)))).toEqual([40, 30, 20, 10]);
    pairs.forEach(({ vector }, k) => {
      expect(Math.abs(vector[3 - k])).toBeCloseTo(1, 6);
    });
    expect((await largestEigenpairs(diagonal(values), 100, { steps: 20 })).length).toBeLessThan(20);
  });

  it("needs its vectors made orthogonal: without, the top eigenvalue comes back as a ghost", async () => {
    const values = Array.from({ length: 200 }, (_, i) => (i === 199 ? 1000 : 0.5 ** (i / 10)));
    const options = { steps: 60, generator: random.generator(4) };
    const copies = async (reorthogonalise: boolean) => {
      const { ritzValues } = await lanczos(diagonal(values), { ...options, reorthogonalise });
      return ritzValues.filter((theta) => Math.abs(theta - 1000) < 1e-6).length;
    };
    expect(await copies(false)).toBeGreaterThan(1);
    expect(await copies(true)).toBe(1);
  });

  it("bounds how far a Ritz value is from an eigenvalue", async () => {
    const values = Array.from({ length: 300 }, (_, i) => Math.sin(i) * 3);
    const result = await lanczos(diagonal(values), { steps: 25 });
    result.ritzValues.forEach((theta, k) => {
      const nearest = Math.min(...values.map((value) => Math.abs(value - theta)));
      expect(nearest).toBeLessThanOrEqual(result.residuals[k] + 1e-9);
      expect(norm(result.ritzVector(k))).toBeCloseTo(1, 10);
    });
  });

  it("refuses what is not symmetric, not finite or does not fit", async () => {
    const skew: Product = { size: 2, apply: async (v) => Float64Array.of(v[1], -v[0]) };
    await expect(lanczos(skew, { checkSymmetry: true })).rejects.toThrow("not symmetric");
    const broken: Product = { size: 2, apply: async () => Float64Array.of(Number.NaN, 0) };
    await expect(lanczos(broken)).rejects.toThrow("not finite");
    await expect(lanczos(diagonal([1, 2]), { start: new Float64Array(3) })).rejects.toThrow(
      "3 entries",
    );
    await expect(lanczos(diagonal([1, 2]), { start: new Float64Array(2) })).rejects.toThrow(
      "no direction",
    );
  });
});

describe("quadrature of a spectrum", () => {
  it("has the traces of the matrix, and a density of total 1", async () => {
    const values = Array.from({ length: 400 }, (_, i) => (i < 4 ? 10 + i : Math.cos(i)));
    const spectrum = await slq(diagonal(values), {
      steps: 40,
      probes: 60,
      generator: random.generator(1),
    });
    const exact = (f: (v: number) => number) => values.reduce((sum, v) => sum + f(v), 0);
    for (const f of [(v: number) => v * v, (v: number) => Math.exp(-v * v)])
      expect(Math.abs(spectrum.trace(f) / exact(f) - 1)).toBeLessThan(0.08);
    const width = plotWidth(spectrum.nodes);
    let total = 0;
    for (let x = -5; x < 20; x += 0.01) total += 0.01 * spectrum.density(x, width);
    expect(total).toBeCloseTo(1, 4);
  });

  it("is one probe where parameters are many", async () => {
    const size = 100_000;
    const product: Product = { size, apply: async (v) => v.map((entry, i) => (entry * i) / size) };
    expect((await slq(product, { steps: 3 })).products).toBe(3);
  });
});

describe("a divided matrix", () => {
  it("has the eigenvalues of D^-1 A", async () => {
    const A = [
      [2, 1],
      [1, 3],
    ];
    const product: Product = {
      size: 2,
      apply: async (v) => Float64Array.from(A, (row) => dot(Float64Array.from(row), v)),
    };
    const { value } = await largestEigenpair(preconditioned(product, Float64Array.of(4, 0.5)));
    // D^-1 A = [[.5, .25], [2, 6]]: trace 6.5, determinant 2.5.
    expect(value).toBeCloseTo((6.5 + Math.sqrt(6.5 ** 2 - 10)) / 2, 8);
  });
});

describe("tridiagonal matrices", () => {
  it("have eigenvalues 2 cos(k pi / (m + 1)) when all is 0 beside ones", () => {
    const m = 50;
    const { values, vectors } = tridiagonalEigen(new Float64Array(m), new Float64Array(m).fill(1));
    values.forEach((value, k) => {
      expect(value).toBeCloseTo(2 * Math.cos(((m - k) * Math.PI) / (m + 1)), 12);
      let square = 0;
      for (let i = 0; i < m; i++) square += vectors[i * m + k] ** 2;
      expect(square).toBeCloseTo(1, 12);
    });
  });

  it("may come apart, be of one row, or repeat themselves", () => {
    expect([...tridiagonalEigen([7], []).values]).toEqual([7]);
    expect([...tridiagonalEigen([3, 1, 2], [0, 0]).values]).toEqual([1, 2, 3]);
    expect([...tridiagonalEigen([5, 5, 5, 5], [0, 1e-200, 0]).values]).toEqual([5, 5, 5, 5]);
  });
});
