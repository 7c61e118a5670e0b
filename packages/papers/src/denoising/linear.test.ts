import { evaluate, lift, NDArray, random, setThreads } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import {
  adaptiveBasis,
  gradientEnergy,
  lowRankDenoise,
  sureOf,
  symmetricEigenbasis,
  traceAndAsymmetry,
} from "./adaptiveBasis.ts";
import { initDenoiser, type TrainedDenoiser } from "./denoiser.ts";
import { denoiseImages, jacobian, jacobianProducts } from "./jacobian.ts";
import { psnr } from "./psnr.ts";
import { optimalSlope, oracleShrinkage, wienerDenoiser } from "./shrinkage.ts";
import { shufflePixels } from "./simpleImages.ts";
import { lanczos, topEigenpairs, traceEstimate } from "./topEigenpairs.ts";

setThreads(1);

const matrix = (rows: number[][]) =>
  new NDArray(Float64Array.from(rows.flat()), [rows.length, rows.length], "float64");

const draw = random.generator(8);
const noisy = new NDArray(
  Float32Array.from({ length: 64 }, () => 0.5 + 0.3 * draw.normal()),
  [1, 1, 8, 8],
  "float32",
);
async function smallNetwork(): Promise<TrainedDenoiser> {
  const options = { architecture: "unet", channels: 4, blocks: 1, imageChannels: 1 } as const;
  return { options, ...(await evaluate(initDenoiser(random.key(2), options))) };
}

describe("the best denoiser of a Gaussian (truth 1)", () => {
  const y = [1, -2, 0.5];
  const W = matrix([
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ]);
  /** Sigma (Sigma + sigma^2 I)^-1, read off the Wiener denoiser of points with that covariance. */
  async function response(): Promise<{ f: number[]; W: NDArray }> {
    // Six points +-sqrt(3) times the columns of a Cholesky factor have covariance Sigma and mean 0.
    const factor = [
      [Math.SQRT2, 0, 0],
      [0.6 / Math.SQRT2, Math.sqrt(1 - 0.18), 0],
      [0, 0.3 / Math.sqrt(0.82), Math.sqrt(0.5 - 0.09 / 0.82)],
    ];
    const points = [1, -1].flatMap((sign) =>
      [0, 1, 2].flatMap((k) => factor.map((row) => sign * Math.sqrt(3) * row[k])),
    );
    const images = new NDArray(Float64Array.from(points), [6, 1, 1, 3], "float64");
    const denoise = await wienerDenoiser(images);
    const at = async (v: number[]) =>
      Array.from(
        (await denoise(new NDArray(Float64Array.from(v), [1, 1, 1, 3], "float64"), 0.5)).data,
      );
    const columns = [await at([1, 0, 0]), await at([0, 1, 0]), await at([0, 0, 1])];
    const rows = [0, 1, 2].map((i) => columns.map((column) => column[i]));
    return { f: await at(y), W: matrix(rows) };
  }
  it("is linear, and its trace is its error", async () => {
    expect(W.size).toBe(9);
    const best = await response();
    [0.7193585338, -1.3642611684, 0.0790378007].forEach((value, i) => {
      expect(best.f[i]).toBeCloseTo(value, 6);
      const score = (best.f[i] - y[i]) / 0.25;
      expect(score).toBeCloseTo([-1.1225658648, 2.5429553265, -1.6838487973][i], 5);
    });
    const { trace, asymmetry } = traceAndAsymmetry(best.W);
    expect(trace).toBeCloseTo(2.2382588774, 5);
    expect(0.25 * trace).toBeCloseTo(0.5595647194, 6);
    expect(asymmetry).toBeLessThan(1e-6);
    const { values } = await symmetricEigenbasis(best.W);
    [0.9015869192, 0.7823776434, 0.5542943149].forEach((value, k) => {
      expect(values[k]).toBeCloseTo(value, 5);
    });
    // The expectation of SURE: E||y - W y||^2 = tr (I - W)(Sigma + sigma^2 I)(I - W)^T = sigma^2 tr(I - W).
    expect(sureOf(0.5, trace, 0.25 * (3 - trace), 3)).toBeCloseTo(0.5595647194, 6);
  });
});

describe("the best denoiser of points (truth 2)", () => {
  const points = [
    [0, 0],
    [1, 0],
    [0, 2],
  ];
  /** E[x | y] and Cov[x | y] / sigma^2 by Bayes' rule. */
  function posterior(y: number[], sigma: number, weights: number[]) {
    const likely = points.map(
      (x, i) =>
        weights[i] * Math.exp(-((y[0] - x[0]) ** 2 + (y[1] - x[1]) ** 2) / (2 * sigma ** 2)),
    );
    const total = likely.reduce((sum, value) => sum + value, 0);
    const p = likely.map((value) => value / total);
    const mean = [0, 1].map((k) => points.reduce((sum, x, i) => sum + p[i] * x[k], 0));
    const J = [0, 1].map((a) =>
      [0, 1].map(
        (b) =>
          points.reduce((sum, x, i) => sum + p[i] * (x[a] - mean[a]) * (x[b] - mean[b]), 0) /
          sigma ** 2,
      ),
    );
    return { p, mean, J };
  }

  it("has the posterior covariance as its Jacobian", async () => {
    const { p, mean, J } = posterior([0.4, 0.7], 0.6, [0.5, 0.25, 0.25]);
    [0.6788081157, 0.2570867383, 0.064105146].forEach((value, i) => {
      expect(p[i]).toBeCloseTo(value, 9);
    });
    expect(mean[1]).toBeCloseTo(0.1282102921, 9);
    expect(J[0][0]).toBeCloseTo(0.5305365202, 9);
    expect(J[0][1]).toBeCloseTo(-0.0915587939, 9);
    const { values } = await symmetricEigenbasis(matrix(J));
    expect(values[0]).toBeCloseTo(0.7126503459, 9);
    expect(values[1]).toBeCloseTo(0.4845047996, 9);
    // The derivative of the posterior mean, by differences, is that covariance (equation 9).
    const h = 1e-5;
    for (const a of [0, 1]) {
      const shifted = (s: number) =>
        posterior(
          [0.4, 0.7].map((v, k) => v + (k === a ? s : 0)),
          0.6,
          [0.5, 0.25, 0.25],
        );
      const slope = [0, 1].map((b) => (shifted(h).mean[b] - shifted(-h).mean[b]) / (2 * h));
      for (const b of [0, 1]) expect(slope[b]).toBeCloseTo(J[b][a], 6);
    }
  });

  it("is constant for a single point", () => {
    expect(posterior([5, -3], 0.6, [1, 0, 0])).toEqual({
      p: [1, 0, 0],
      mean: [0, 0],
      J: [
        [0, 0],
        [0, 0],
      ],
    });
  });
});

describe("shrinkage with an oracle", () => {
  it("has the known factors and error (truth 3)", () => {
    const { shrinkage, mse, minimumSum, termCount } = oracleShrinkage(
      new NDArray(Float64Array.of(3, 1, 0.2), [3], "float64"),
      0.5,
    );
    [0.972972973, 0.8, 0.1379310345].forEach((value, k) => {
      expect(shrinkage.data[k]).toBeCloseTo(value, 9);
    });
    expect(mse).toBeCloseTo(0.4777260019, 9);
    expect(minimumSum).toBeCloseTo(0.54, 12);
    expect(mse / minimumSum).toBeGreaterThanOrEqual(0.5);
    expect(mse / minimumSum).toBeLessThanOrEqual(1);
    expect(termCount).toBe(2);
  });

  it.each([
    [1, 0.499439],
    [2, 0.663358],
    [3, 0.743111],
    [5, 0.820386],
  ])(
    "of coefficients that fall like those of alpha = %i has slope %f (truth 4)",
    (alpha, slope) => {
      const c = new Float64Array(2_000_000);
      for (let k = 1; k <= c.length; k++) c[k - 1] = k ** (-(alpha + 1) / 2);
      const mse = (sigma: number) => {
        let sum = 0;
        for (const value of c) sum += (value * value) / (value * value + sigma * sigma);
        return sigma * sigma * sum;
      };
      const measured = Math.log(mse(1e-2) / mse(1e-3)) / Math.log(100);
      expect(measured).toBeCloseTo(slope, 5);
      expect(Math.abs(measured - optimalSlope(alpha))).toBeLessThan(0.015);
    },
  );
});

it("the Wiener denoiser is unchanged when pixels are shuffled (truth 13)", async () => {
  const source = random.generator(3);
  const images = new NDArray(
    Float32Array.from(
      { length: 200 * 16 },
      (_, i) => 0.5 + 0.2 * Math.sin(i / 3) + 0.05 * source.normal(),
    ),
    [200, 1, 4, 4],
    "float32",
  );
  const permutation = random.generator(1).permutation(16);
  const shuffled = shufflePixels(images, permutation);
  const meanPsnr = async (set: NDArray, of: NDArray) => {
    const denoised = await (await wienerDenoiser(set))(of, 0.2);
    const each = await evaluate(psnr(lift(set), lift(denoised)));
    return Array.from(each.data).reduce((sum, value) => sum + value, 0) / each.size;
  };
  const noisyImages = new NDArray(
    Float32Array.from(images.data, (value) => value + 0.2 * source.normal()),
    images.shape,
    "float32",
  );
  const plain = await meanPsnr(images, noisyImages);
  expect(plain).toBeGreaterThan(14);
  const moved = await meanPsnr(shuffled, shufflePixels(noisyImages, permutation));
  expect(moved).toBeCloseTo(plain, 4);
});

describe("the Jacobian of a network", () => {
  it("agrees with differences and with products", async () => {
    const net = await smallNetwork();
    const J = await jacobian(net, noisy);
    const v = new NDArray(
      Float32Array.from({ length: 64 }, (_, i) => Math.cos(3 * i)),
      [1, 1, 8, 8],
      "float32",
    );
    const { forward, backward } = await jacobianProducts(net, noisy, v);
    const sum = (of: (j: number) => number) =>
      Array.from({ length: 64 }, (_, j) => of(j)).reduce((total, value) => total + value, 0);
    for (let i = 0; i < 64; i++) {
      expect(forward.data[i]).toBeCloseTo(
        sum((j) => J.data[i * 64 + j] * v.data[j]),
        4,
      );
      expect(backward.data[i]).toBeCloseTo(
        sum((j) => J.data[j * 64 + i] * v.data[j]),
        4,
      );
    }
    const away = (s: number) =>
      new NDArray(
        Float32Array.from(noisy.data, (y, i) => y + s * v.data[i]),
        noisy.shape,
        "float32",
      );
    const [up, down] = [
      await denoiseImages(net, away(1e-2)),
      await denoiseImages(net, away(-1e-2)),
    ];
    const worst = Math.max(
      ...Array.from({ length: 64 }, (_, i) =>
        Math.abs((up.data[i] - down.data[i]) / 2e-2 - forward.data[i]),
      ),
    );
    expect(worst).toBeLessThan(0.02);
  });

  it("gives a basis whose parts fit together", async () => {
    const net = await smallNetwork();
    const clean = new NDArray(new Float32Array(64).fill(0.5), noisy.shape, "float32");
    const basis = await adaptiveBasis(net, noisy, { clean, sigma: 0.3 });
    const values = Array.from(basis.shrinkage.data);
    expect([...values].sort((a, b) => b - a)).toEqual(values);
    expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(basis.effectiveDimension, 3);
    const squares = Array.from(basis.coefficients?.data ?? []).reduce((sum, c) => sum + c * c, 0);
    expect(squares).toBeCloseTo(16, 5); // ||x||^2 in an orthonormal basis
    expect(basis.posteriorVariance).toBeCloseTo(0.09 * basis.effectiveDimension, 9);
    expect(basis.sure).toBeDefined();
    const full = await lowRankDenoise(basis.jacobian, noisy, 64);
    const f = await denoiseImages(net, noisy);
    for (let i = 0; i < 64; i++) expect(full.data[i]).toBeCloseTo(f.data[i], 4);
  });

  it("has top eigenpairs and a trace by products alone", async () => {
    const net = await smallNetwork();
    const whole = await adaptiveBasis(net, noisy);
    const top = await topEigenpairs(net, noisy, 3, random.generator(0), 60);
    for (let k = 0; k < 3; k++) expect(top.values[k]).toBeCloseTo(whole.shrinkage.data[k], 3);
    const { trace, standardError } = await traceEstimate(net, noisy, 40, random.generator(1));
    expect(Math.abs(trace - whole.effectiveDimension)).toBeLessThan(5 * standardError + 1e-3);
  });
});

it("Lanczos finds the eigenvectors of a matrix with equal eigenvalues, and no more than there are", async () => {
  const diagonal = [5, 5, 3, 1, 0, 0];
  const product = async (v: Float64Array) => v.map((value, i) => diagonal[i] * value);
  const { values, vectors } = await lanczos(product, 6, 3, random.generator(0));
  [5, 5, 3].forEach((value, k) => {
    expect(values[k]).toBeCloseTo(value, 8);
  });
  expect(Math.abs(vectors[2][2])).toBeCloseTo(1, 6);
  await expect(lanczos(product, 6, 7, random.generator(0))).rejects.toThrow(/k: 7/);
});

it("gradient energy counts neighbours in both directions", () => {
  const images = new NDArray(Float32Array.of(0, 1, 0, 1, 2, 2, 2, 2), [2, 1, 2, 2], "float32");
  expect(gradientEnergy(images)).toEqual([2, 0]);
});
