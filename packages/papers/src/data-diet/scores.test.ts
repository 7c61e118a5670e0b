import { DataError } from "@etude/data";
import { mlp } from "@etude/learn";
import { array, evaluate, jit, lift, type NDArray, type Tensor } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { UsageError } from "../contract/errors.ts";
import { compileDenseGradientNorms, compileDenseTangentKernel } from "./denseGradients.ts";
import { grandScores } from "./gradientNorms.ts";
import { el2nScores, errorScores, meanOverRuns, scoreDataset } from "./scores.ts";
import { compileTangentKernel } from "./tangentKernel.ts";
import { float64, tanhNet, toyLayers, toyNet } from "./testing.ts";

const close = (actual: ArrayLike<number>, expected: readonly number[], digits = 8) =>
  expect(Array.from(actual, (x) => Number(x.toFixed(digits)))).toEqual(expected);

const softmax = jit((logits: Tensor) => logits.softmax());

describe("scores from probabilities", () => {
  it("are those worked out by hand", async () => {
    const p = await softmax(
      float64([
        [2, 1, 0.1],
        [0.5, 0.5, 0.5],
        [-1, 3, 0],
      ]),
    );
    const labels = [0, 2, 0];
    close(el2nScores(p, labels), [0.42984788, 0.81649658, 1.35820309]);
    close(errorScores("l1", p, labels), [0.68199772, 1.33333333, 1.96570435]);
    close(errorScores("maxMargin", p, labels), [-0.41656817, 0, 0.91909173]);
    close(errorScores("sumMargin", p, labels), [-0.97700342, 0, 0.94855652]);
  });

  it("are sqrt((C - 1) / C) for a uniform prediction", () => {
    const uniform = (classes: number) =>
      el2nScores(
        array(new Float64Array(classes).fill(1 / classes), { shape: [1, classes] }),
        [0],
      )[0];
    close([2, 3, 10, 100].map(uniform), [
      Number(Math.SQRT1_2.toFixed(8)),
      0.81649658,
      0.9486833,
      0.99498744,
    ]);
  });

  it("keep to their bounds by the probability of the label", async () => {
    const classes = 4;
    const rows = 60;
    const logits = Array.from({ length: rows }, (_, i) =>
      Array.from({ length: classes }, (_, k) => 6 * Math.sin(1 + 7 * i + 3 * k * k)),
    );
    const p = await softmax(float64(logits));
    const labels = Int32Array.from({ length: rows }, (_, i) => i % classes);
    const el2n = el2nScores(p, labels);
    const l1 = errorScores("l1", p, labels);
    labels.forEach((label, i) => {
      const row = Array.from(p.data.subarray(i * classes, (i + 1) * classes), Number);
      const wrong = 1 - row[label];
      const others = row.reduce((sum, value, k) => (k === label ? sum : sum + value ** 2), 0);
      expect(l1[i]).toBeCloseTo(2 * wrong, 12);
      expect(el2n[i] ** 2).toBeCloseTo(wrong ** 2 + others, 12);
      expect(el2n[i]).toBeGreaterThanOrEqual(wrong * Math.sqrt(classes / (classes - 1)) - 1e-12);
      expect(el2n[i]).toBeLessThanOrEqual(Math.SQRT2 * wrong + 1e-12);
      expect(el2n[i]).toBeLessThan(Math.SQRT2);
    });
    const two = float64([
      [0.3, 0.7],
      [0.9, 0.1],
    ]);
    close(
      el2nScores(two, [0, 0]),
      [0.7, 0.1].map((w) => Number((w * Math.SQRT2).toFixed(8))),
    );
  });

  it("refuse logits, labels that are no classes, and NaN", () => {
    expect(() => el2nScores(float64([[2, 1]]), [0])).toThrow(/sums to 3.000.*not logits/);
    expect(() => el2nScores(float64([[1.5, -0.5]]), [0])).toThrow(DataError);
    expect(() => el2nScores(float64([[0.5, 0.5]]), [2])).toThrow(/label 2 of example 0/);
    expect(() => el2nScores(float64([[0.5, 0.5]]), [0, 1])).toThrow(/2 labels for 1 examples/);
    expect(() => el2nScores(float64([[Number.NaN, 1]]), [1])).toThrow(DataError);
  });
});

describe("GraNd", () => {
  it("of a linear softmax is EL2N sqrt(|x|^2 + 1)", async () => {
    const layers = [
      {
        weight: float64([
          [0.1, 0.3, -0.1],
          [-0.2, 0, 0.4],
        ]),
        bias: float64([0, 0.1, -0.1]),
      },
    ];
    const x = float64([
      [1, 2],
      [-0.5, 0.25],
      [0, 0],
    ]);
    const labels = [0, 1, 2];
    const net = mlp([2, 3]);
    const scores = await grandScores(net, layers, x, labels);
    close(scores, [2.45594623, 0.94492636, 0.85693104]);
    const p = await jit((q: typeof layers, x: Tensor) => net(q as never, x).softmax())(
      layers as never,
      x,
    );
    const el2n = el2nScores(p, labels);
    close(el2n, [1.00263585, 0.82479935, 0.85693104]);
    const norms = [5, 0.3125, 0].map((square) => Math.sqrt(square + 1));
    scores.forEach((score, i) => {
      expect(score).toBeCloseTo(el2n[i] * norms[i], 12);
    });
  });

  it("of a network with a hidden layer is that worked out by hand, by either way", async () => {
    const { x, labels } = toyNet;
    const general = await grandScores(tanhNet, toyLayers, x, labels);
    close(general, [2.1991815424, 0.8679840568, 2.0966854255], 10);
    const closed = await compileDenseGradientNorms((z) => z.tanh())(toyLayers, x, labels);
    closed.forEach((score, i) => {
      expect(Math.abs(score - general[i])).toBeLessThan(1e-12);
    });
    const [p, losses] = await evaluate([
      tanhNet(toyLayers as never, lift(x)).softmax(),
      tanhNet(toyLayers as never, lift(x)).logSoftmax(),
    ]);
    close(el2nScores(p, labels), [0.85734464, 0.54721759, 1.14443396]);
    close(
      labels.map((label, i) => -Number(losses.data[2 * i + label])),
      [0.9319989928, 0.4892945412, 1.6567235452],
      10,
    );
  });

  it("does not depend on the size of the batches", async () => {
    const { x, labels } = toyNet;
    const [one, two] = [
      await grandScores(tanhNet, toyLayers, x, labels, { batchSize: 1 }),
      await grandScores(tanhNet, toyLayers, x, labels, { batchSize: 2 }),
    ];
    one.forEach((score, i) => {
      expect(two[i]).toBeCloseTo(score, 13);
    });
    await expect(grandScores(tanhNet, toyLayers, x, labels, { batchSize: 0 })).rejects.toThrow(
      UsageError,
    );
    await expect(grandScores(tanhNet, toyLayers, x, [0, -1, 1])).rejects.toThrow(/label -1/);
  });
});

it("the tangent kernel is the same by the Jacobian and by the closed form", async () => {
  const { x } = toyNet;
  const [general, closed]: NDArray[] = [
    await compileTangentKernel(tanhNet)(toyLayers, x),
    await compileDenseTangentKernel((z) => z.tanh())(toyLayers, x),
  ];
  expect(closed.shape).toEqual([3, 2, 3, 2]);
  closed.data.forEach((value, i) => {
    expect(Math.abs(Number(value) - Number(general.data[i]))).toBeLessThan(1e-12);
  });
});

it("scores are averaged over runs and then ranked, which is not the mean of the ranks", async () => {
  // By mean score the first is ahead, though it has the lower rank in two runs of three.
  const runs = [
    [0.1, 0.2],
    [0.1, 0.2],
    [0.9, 0.2],
  ].map((scores) => Float64Array.from(scores));
  const { mean, perRun } = await scoreDataset(
    async (seed) => runs[seed],
    async (trained) => trained,
    { seeds: [0, 1, 2] },
  );
  expect(mean[0]).toBeGreaterThan(mean[1]);
  expect(perRun).toEqual(runs);
  const once = Float64Array.of(1, Number.POSITIVE_INFINITY);
  expect(meanOverRuns([once, Float64Array.of(3, 0)])).toEqual(
    Float64Array.of(2, Number.POSITIVE_INFINITY),
  );
  expect(() => meanOverRuns([])).toThrow(UsageError);
  expect(() => meanOverRuns([Float64Array.of(1, Number.NaN)])).toThrow(/example 1 is NaN/);
});
