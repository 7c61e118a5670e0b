import { ssim } from "@etude/learn";
import {
  array,
  evaluate,
  exportOnnx,
  jit,
  loadOnnx,
  NDArray,
  random,
  type Tensor,
} from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { finish } from "../contract/events.ts";
import { conditionalMlp } from "./conditionalMlp.ts";
import { type ConditionalNet, freshWeights, predictWith } from "./conditionalNet.ts";
import { conditionalUnet } from "./conditionalUnet.ts";
import { frechetDistance } from "./frechet.ts";
import {
  drawFromMixture,
  fitGaussianMixture,
  gaussianMixture,
  gaussianMixtureModel,
} from "./gaussianMixture.ts";
import type { Predict } from "./model.ts";
import { cumulativeAlphas, discretePath, flowPath, linearBetas } from "./noisePaths.ts";
import { decodePictures, encodePictures, principalComponents } from "./principalComponents.ts";
import { fittingWindow, relativeError, structuralSimilarity } from "./similarity.ts";
import { stepsAtOnce, trainDenoiser } from "./training.ts";

const float64 = (values: number[], shape: number[]) => array(Float64Array.from(values), { shape });
const place = { label: "training", done: 0, total: 1 };

describe("the exact model of a Gaussian mixture", async () => {
  const line = await gaussianMixture({
    means: float64([-1.5, 1], [2, 1]),
    covariances: float64([0.36, 0.64], [2, 1, 1]),
  });
  const model = gaussianMixtureModel(line);
  const at = async (x: number, t: number, label: number) => {
    const given = [float64([x], [1, 1]), float64([t], [1]), array(Int32Array.of(label))] as const;
    const [conditional, unconditional, posterior] = await jit((y: Tensor, s: Tensor, c: Tensor) => [
      model.predict(y, s, c),
      model.predict(y, s, null),
      model.posterior(y, s),
    ])(...given);
    return [conditional.data[0], unconditional.data[0], posterior.data[label]];
  };

  it("has the velocities and posteriors worked out elsewhere", async () => {
    const first = await at(0.4, 0.5, 1);
    [-1.043902439, -0.5465127632, 0.8628365563].forEach((value, i) => {
      expect(first[i]).toBeCloseTo(value, 9);
    });
    const second = await at(0.4, 0.8, 0);
    [2.2787286064, 0.4843865288, 0.4168165455].forEach((value, i) => {
      expect(second[i]).toBeCloseTo(value, 9);
    });
  });

  it("predicts noise as well: the score is the gradient of the log density", async () => {
    const path = discretePath(cumulativeAlphas(linearBetas(20, 0.01, 0.3)));
    const { predict } = gaussianMixtureModel(line, { path, kind: "score" });
    const [a, b] = [path.at(12).signal, path.at(12).noise];
    const density = (x: number) =>
      [
        [-1.5, 0.36],
        [1, 0.64],
      ].reduce((sum, [mean, variance]) => {
        const v = a * a * variance + b * b;
        return sum + Math.exp(-((x - a * mean) ** 2) / (2 * v)) / Math.sqrt(v);
      }, 0);
    const { data } = await jit((x: Tensor, t: Tensor) => predict(x, t, null))(
      float64([0.3], [1, 1]),
      float64([12], [1]),
    );
    const h = 1e-5;
    const slope = (Math.log(density(0.3 + h)) - Math.log(density(0.3 - h))) / (2 * h);
    expect(data[0]).toBeCloseTo(slope, 7);
  });

  it("is fitted to classes, and draws from itself", async () => {
    const labels = Array.from({ length: 4000 }, (_, i) => i % 2);
    const latents = drawFromMixture(line, labels, 8);
    const fitted = await fitGaussianMixture(latents, labels, { ridge: 0 });
    expect(fitted.means.data[0]).toBeCloseTo(-1.5, 1);
    expect(fitted.variances.data[1]).toBeCloseTo(0.64, 1);
    const correlated = await fitGaussianMixture(
      float64([0, 0, 1, 1, 2, 2.5, 0, 1, 1, 0, 5, 5], [6, 2]),
      [0, 0, 0, 1, 1, 1],
      { ridge: 0.1, weights: "frequencies" },
    );
    // variance + covariance of class 0 by hand: mean (1, 7/6), C = [[2/3, 5/6], [5/6, 19/18]] + 0.1 I.
    const [low, high] = [correlated.variances.data[0], correlated.variances.data[1]];
    expect(low + high).toBeCloseTo(2 / 3 + 19 / 18 + 0.2, 12);
    expect(low * high).toBeCloseTo((2 / 3 + 0.1) * (19 / 18 + 0.1) - 25 / 36, 12);
    await expect(fitGaussianMixture(latents, labels.fill(1, 1))).rejects.toThrow(/class 0 has 1/);
  });

  it("refuses what is no mixture", async () => {
    const means = float64([0, 0], [1, 2]);
    await expect(
      gaussianMixture({ means, covariances: float64([1, 0, 0, 0], [1, 2, 2]) }),
    ).rejects.toThrow(/not positive definite/);
    await expect(gaussianMixture({ means, covariances: float64([1], [1, 1, 1]) })).rejects.toThrow(
      /covariances/,
    );
    const covariances = float64([1, 0, 0, 1], [1, 2, 2]);
    await expect(gaussianMixture({ means, covariances, weights: [-1] })).rejects.toThrow(
      /positive/,
    );
  });
});

describe("networks", () => {
  const nets: [string, ConditionalNet][] = [
    ["mlp", conditionalMlp({ inputs: 6, classes: 3, width: 16, blocks: 2, timeScale: 1000 })],
    [
      "unet",
      conditionalUnet({
        channels: 1,
        height: 8,
        width: 4,
        classes: 3,
        features: 8,
        levels: 2,
        timeScale: 1000,
      }),
    ],
  ];

  it.each(nets)(
    "%s: rows are independent, labels and times count, files give the same",
    async (_, net) => {
      const params = await freshWeights(net, 5);
      const predict = predictWith(net, params);
      const x = await evaluate(random.normal(random.key(2), [4, ...net.shape]));
      const t = array([0.1, 0.5, 0.9, 0.5]);
      const labels = array([0, 1, 2, 3], { dtype: "int32" });
      const f = (y: Tensor, s: Tensor, c: Tensor) => predict(y, s, c);
      const all = await jit(f)(x, t, labels);
      expect(all.shape).toEqual(x.shape);
      const width = x.size / 4;
      const row = (array_: NDArray, i: number, shape = array_.shape.slice(1)) => {
        const size = array_.size / 4;
        return new NDArray(
          array_.data.slice(i * size, (i + 1) * size),
          [1, ...shape],
          array_.dtype,
        );
      };
      const one = await jit(f)(row(x, 1), row(t, 1), row(labels, 1));
      one.data.forEach((value, i) => {
        expect(value).toBeCloseTo(all.data[width + i], 5);
      });
      const none = await jit((y: Tensor, s: Tensor) => predict(y, s, null))(x, t);
      expect(Array.from(none.data.slice(3 * width))).toEqual(Array.from(all.data.slice(3 * width)));
      expect(none.data[0]).not.toBe(all.data[0]);
      const bytes = exportOnnx(f, [x, t, labels], {
        inputNames: ["x", "t", "condition"],
        outputNames: ["prediction"],
        dynamicBatch: true,
      });
      const { prediction } = await (await loadOnnx(bytes)).run({ x, t, condition: labels });
      prediction.data.forEach((value, i) => {
        expect(value).toBeCloseTo(all.data[i], 5);
      });
    },
  );

  it("refuse shapes they cannot halve", () => {
    const sizes = { channels: 1, height: 10, width: 8, classes: 2, timeScale: 1 };
    expect(() => conditionalUnet(sizes)).toThrow(/cannot be halved 2 times/);
    expect(() => conditionalUnet({ ...sizes, height: 8, features: 12 })).toThrow(/divisible by 8/);
  });
});

describe("training", () => {
  it("comes near the exact model, goes on where it stopped, and gives the same bits", async () => {
    const mixture = await gaussianMixture({
      means: float64([-2, 2], [2, 1]),
      covariances: float64([0.25, 0.25], [2, 1, 1]),
    });
    const labels = Int32Array.from({ length: 2000 }, (_, i) => i % 2);
    const x = drawFromMixture(mixture, labels, 3).astype("float32");
    const net = conditionalMlp({ inputs: 1, classes: 2, width: 32, blocks: 1, timeScale: 1000 });
    const training = {
      path: flowPath(),
      kind: "velocity",
      steps: 600,
      batchSize: 128,
      learningRate: 3e-3,
      dropLabels: 0.2,
      averageDecay: 0.98,
      seed: 7,
    } as const;
    const data = { x, labels: array(labels) };
    const { params } = await finish(trainDenoiser(net, data, training, place));
    const exact = gaussianMixtureModel(mixture);
    const learned = predictWith(net, params);
    // At t = 0.5, for noisy samples of both classes, with their class and without.
    const count = 400;
    const draw = random.generator(5);
    const noisy = Float64Array.from({ length: count }, (_, i) => 0.5 * (x.data[i] + draw.normal()));
    const seen = [
      new NDArray(noisy, [count, 1], "float64"),
      float64(new Array(count).fill(0.5), [count]),
    ];
    for (const condition of [array(labels.slice(0, count)), null]) {
      const at = (model: Predict, dtype: "float32" | "float64") =>
        jit((y: Tensor, t: Tensor, c: Tensor | null) => model(y, t, c))(
          seen[0].astype(dtype),
          seen[1].astype(dtype),
          condition,
        );
      const [truth, found] = [await at(exact.predict, "float64"), await at(learned, "float32")];
      const apart = Array.from(truth.data).reduce((sum, v, i) => sum + (v - found.data[i]) ** 2, 0);
      const size = Array.from(truth.data).reduce((sum, v) => sum + v * v, 0);
      expect(apart / size).toBeLessThan(0.06);
    }
    let held: Uint8Array | undefined;
    const checkpoint = {
      load: async () => held,
      save: async (bytes: Uint8Array) => {
        held = bytes;
      },
    };
    const again = await finish(trainDenoiser(net, data, training, place, { checkpoint }));
    const resumed = await finish(trainDenoiser(net, data, training, place, { checkpoint }));
    expect(again).toEqual(resumed);
    expect(JSON.stringify(again.params)).toBe(JSON.stringify(params));
  });

  it("cuts steps into calls without a remainder, and refuses what makes no sense", async () => {
    expect([1, 49, 100, 4000, 53].map((steps) => stepsAtOnce(steps))).toEqual([1, 49, 50, 50, 1]);
    const net = conditionalMlp({ inputs: 1, classes: 1, width: 4, blocks: 1, timeScale: 1 });
    const data = { x: float64([0], [1, 1]).astype("float32"), labels: array(Int32Array.of(0)) };
    const run = (changes: object) =>
      finish(
        trainDenoiser(
          net,
          data,
          {
            path: flowPath(),
            kind: "velocity",
            steps: 1,
            batchSize: 1,
            learningRate: 1e-3,
            dropLabels: 0,
            averageDecay: 0.9,
            seed: 0,
            ...changes,
          },
          place,
        ),
      );
    await expect(run({ steps: 0 })).rejects.toThrow(/training steps/);
    await expect(run({ dropLabels: 1 })).rejects.toThrow(/dropLabels/);
  });
});

describe("measures", () => {
  const draw = random.generator(4);
  const pictures = (count: number) =>
    new NDArray(
      Float64Array.from({ length: count * 2 * 16 * 14 }, () => draw.uniform()),
      [count, 2, 16, 14],
      "float64",
    );
  const [a, b] = [pictures(3), pictures(3)];

  it("structural similarity: 1 of itself, the known value of flat pictures, and that of the metric", async () => {
    const own = await jit((x: Tensor) => structuralSimilarity(x, x))(a);
    for (const value of own.data) expect(value).toBeCloseTo(1, 12);
    const flat = (value: number) =>
      new NDArray(new Float64Array(64).fill(value), [1, 1, 8, 8], "float64");
    const apart = await jit((x: Tensor, y: Tensor) => structuralSimilarity(x, y))(
      flat(0.2),
      flat(0.6),
    );
    expect(apart.item()).toBeCloseTo((2 * 0.12 + 1e-4) / (0.04 + 0.36 + 1e-4), 12);
    const wide = await jit((x: Tensor, y: Tensor) => structuralSimilarity(x, y, { window: 11 }))(
      a,
      b,
    );
    const mean = Array.from(wide.data).reduce((sum, value) => sum + value, 0) / 3;
    expect(mean).toBeCloseTo(ssim(a, b), 12);
    expect(() => structuralSimilarity(a as never, b as never, { window: 15 })).toThrow(
      /window of 15/,
    );
    expect([fittingWindow(28, 28), fittingWindow(6, 9), fittingWindow(3, 3)]).toEqual([7, 5, 3]);
  });

  it("relative error is of squares", async () => {
    const { data } = await jit(relativeError)(
      float64([1, 2, 3, 4], [2, 2]),
      float64([1, 1, 3, 0], [2, 2]),
    );
    expect(Array.from(data)).toEqual([0.5, 16 / 9]);
  });

  it("Frechet distance of Gaussians known by hand", async () => {
    const draws = (mean: number, deviation: number, seed: number) => {
      const g = random.generator(seed);
      return float64(
        Array.from({ length: 40_000 }, () => mean + deviation * g.normal()),
        [20_000, 2],
      );
    };
    const [x, y] = [draws(0, 1, 1), draws(3, 2, 2)];
    expect(await frechetDistance(x, x)).toBeCloseTo(0, 8);
    // 2 (3^2 + (2 - 1)^2)
    expect(Math.abs((await frechetDistance(x, y)) - 20)).toBeLessThan(0.4);
  });

  it("principal components keep what they explain and give pictures back", async () => {
    const all = await principalComponents(a, 448);
    expect(all.explained).toBeCloseTo(1, 10);
    const [latents, back] = await jit((x: Tensor) => {
      const z = encodePictures(all, x);
      return [z, decodePictures(all, z)];
    })(a);
    back.data.forEach((value, i) => {
      expect(value).toBeCloseTo(a.data[i], 10);
    });
    const variance = Array.from(latents.data).reduce((sum, v) => sum + v * v, 0) / latents.size;
    expect(variance).toBeCloseTo(1, 10);
    await expect(principalComponents(a, 449)).rejects.toThrow(/449 components/);
  });
});
