import { DataError } from "@etude/data";
import { array, jit, type Tensor } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { UsageError } from "../contract/errors.ts";
import { kernelDistance } from "../kernelDistance.ts";
import { barrierOf, compilePath, errorBarrier, evenly } from "./connectivity.ts";
import { forgettingScores, noForgetting, observeBatch } from "./forgetting.ts";
import { noiseDetection, permuteLabels, redrawLabels } from "./labelNoise.ts";
import { ascendingOrder, selectSubset } from "./subsets.ts";
import { kernelVelocityByGroup, traceOverLogits } from "./tangentKernel.ts";
import { float64, tanhNet, toyLayers, toyNet } from "./testing.ts";

const infinity = Number.POSITIVE_INFINITY;

describe("forgetting", () => {
  const scoreOf = (...sequence: number[]) => {
    const seen = noForgetting(1);
    for (const right of sequence) observeBatch(seen, [0], [right]);
    return forgettingScores(seen)[0];
  };

  it("counts right answers that became wrong, and never learned is infinite", () => {
    expect(scoreOf(0, 1, 1, 0, 1)).toBe(1);
    expect(scoreOf(1, 1, 1, 1, 1)).toBe(0);
    expect(scoreOf(0, 0, 0, 0, 0)).toBe(infinity);
    expect(scoreOf(1, 0, 1, 0, 1)).toBe(2);
    expect(scoreOf(0, 0, 1, 1, 1)).toBe(0);
  });

  it("knows the examples of a batch by their number", () => {
    const seen = noForgetting(3);
    observeBatch(seen, [2, 0], [1, 1]);
    observeBatch(seen, [0, 2], [1, 0]);
    expect([...forgettingScores(seen)]).toEqual([0, infinity, 1]);
    expect(() => observeBatch(seen, [3], [1])).toThrow(/no example 3/);
    expect(() => observeBatch(seen, [0, 1], [1])).toThrow(UsageError);
  });
});

describe("subsets", () => {
  const scores = [3, 1, 2, 2, 0];

  it("take either end or a window of the ascending order, ties by position", () => {
    expect([...ascendingOrder(scores)]).toEqual([4, 1, 2, 3, 0]);
    expect([...selectSubset(scores, { kind: "keepMax", size: 2 })]).toEqual([0, 3]);
    expect([...selectSubset(scores, { kind: "keepMin", size: 2 })]).toEqual([1, 4]);
    expect([...selectSubset(scores, { kind: "window", offset: 1, size: 3 })]).toEqual([1, 2, 3]);
  });

  it("put infinite scores last, in their order", () => {
    expect([...ascendingOrder([infinity, 2, infinity, 1])]).toEqual([3, 1, 0, 2]);
    const kept = selectSubset([infinity, 2, infinity, 1], { kind: "keepMax", size: 1 });
    expect([...kept]).toEqual([2]);
  });

  it("drawn at random have no repetition and follow the seed", () => {
    const draw = (seed: number) => [
      ...selectSubset(new Float64Array(100), { kind: "random", size: 40, seed }),
    ];
    expect(new Set(draw(1)).size).toBe(40);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it("refuse what does not fit", () => {
    const size = (n: number) => () => selectSubset(scores, { kind: "keepMax", size: n });
    for (const wrong of [0, 6, 1.5, Number.NaN]) expect(size(wrong)).toThrow(UsageError);
    expect(() => selectSubset(scores, { kind: "window", offset: 3, size: 3 })).toThrow(
      /window of 3 from 3 on does not fit into 5/,
    );
    expect(() => selectSubset([1, Number.NaN], { kind: "keepMax", size: 1 })).toThrow(DataError);
  });
});

describe("planted label noise", () => {
  const labels = Int32Array.from({ length: 1000 }, (_, i) => i % 10);
  const countOf = (values: Int32Array) =>
    Array.from({ length: 10 }, (_, k) => values.filter((value) => value === k).length);

  it("by permutation keeps the classes' sizes, and not all that is touched changes", () => {
    const noisy = permuteLabels(labels, 0.3, 5);
    const changed = noisy.changed.reduce((sum, each) => sum + each, 0);
    expect(noisy.touched.length).toBe(300);
    expect(countOf(noisy.labels)).toEqual(countOf(labels));
    // A tenth of the touched keep a label equal to their own: 270 +- 5 change.
    expect(changed).toBeGreaterThan(250);
    expect(changed).toBeLessThan(290);
    const touched = new Set(noisy.touched);
    noisy.changed.forEach((isChanged, i) => {
      if (isChanged) expect(touched.has(i)).toBe(true);
      expect(isChanged === 1).toBe(noisy.labels[i] !== labels[i]);
    });
  });

  it("by fresh labels leaves a share of 1 / C as it was", () => {
    const { touched, changed } = redrawLabels(labels, 10, 1, 7);
    expect(touched.length).toBe(1000);
    expect(changed.reduce((sum, each) => sum + each, 0) / 1000).toBeCloseTo(0.9, 1);
    expect(() => permuteLabels(labels, 1.1, 0)).toThrow(UsageError);
    expect(() => redrawLabels(labels, 10, -0.1, 0)).toThrow(UsageError);
  });

  it("is found by the area under the curve and among the highest scores", () => {
    const isNoisy = Uint8Array.from([0, 1, 0, 1, 0]);
    expect(noiseDetection([1, 5, 2, 3, 4], isNoisy)).toEqual({ auroc: 5 / 6, precisionAtK: 0.5 });
    expect(noiseDetection([1, 5, 2, 3, 4], isNoisy, 1).precisionAtK).toBe(1);
  });
});

describe("barriers", () => {
  const doubleWell = (w: number) => (w * w - 1) ** 2;
  const between = (points: number, loss: (w: number) => number, a: number, b: number) =>
    barrierOf(evenly(points).map((alpha) => loss(a + (b - a) * alpha)));

  it("of a double well are its height, as far as the points see it", () => {
    expect(between(30, doubleWell, -1, 1)).toBeCloseTo(0.9976232926, 10);
    expect(between(31, doubleWell, -1, 1)).toBeCloseTo(1, 12);
    expect(between(30, doubleWell, 0.3, 0.3)).toBe(0);
  });

  it("of a convex loss are between 0 and half the difference of the ends", () => {
    for (const [a, b] of [
      [-2, 1],
      [0, 3],
      [-1, -0.5],
    ]) {
      const height = between(30, (w) => w * w, a, b);
      expect(height).toBeGreaterThanOrEqual(0);
      expect(height).toBeLessThanOrEqual(Math.abs(a * a - b * b) / 2 + 1e-12);
    }
  });

  it("refuse a path of one point and ends of different shape", async () => {
    const { x, labels } = toyNet;
    expect(() => evenly(1)).toThrow(UsageError);
    expect(() => barrierOf([1])).toThrow(UsageError);
    const path = compilePath(tanhNet);
    await expect(path(toyLayers, [toyLayers[0]], x, labels)).rejects.toThrow(
      /different parameters/,
    );
    const turned = [toyLayers[1], toyLayers[0]];
    await expect(path(toyLayers, turned, x, labels)).rejects.toThrow(/differ in the shape/);
  });

  it("between networks are measured on the line between them", async () => {
    const { x, labels } = toyNet;
    const negated = toyLayers.map(({ weight, bias }) => ({
      weight: float64((weight.tolist() as number[][]).map((row) => row.map((w) => -w))),
      bias,
    }));
    const lossAt = jit((layers: typeof toyLayers, alpha: Tensor, input: Tensor) => {
      const mixed = layers.map(({ weight, bias }) => ({
        weight: (weight as unknown as Tensor).mul(alpha.mul(-2).add(1)),
        bias: bias as unknown as Tensor,
      }));
      return tanhNet(mixed, input).logSoftmax();
    });
    const expected: number[] = [];
    for (const alpha of evenly(4)) {
      const logs = await lossAt(toyLayers as never, float64([alpha]), x);
      expected.push(
        labels.reduce((sum, label, i) => sum - Number(logs.data[2 * i + label]), 0) / 3,
      );
    }
    const { curve, barrier } = await errorBarrier(
      tanhNet,
      toyLayers,
      negated as typeof toyLayers,
      x,
      labels,
      { points: 4, metric: "loss" },
    );
    curve.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 10);
    });
    expect(barrier).toBeCloseTo(Math.max(...expected) - (expected[0] + expected[3]) / 2, 10);
  });
});

describe("the velocity of a kernel", () => {
  it("is one minus a cosine", () => {
    expect(kernelDistance([2, 1, 1, 2], [3, 1, 1, 2])).toBeCloseTo(0.0202041029, 10);
    expect(kernelDistance([2, 1, 1, 2], [10, 5, 5, 10])).toBeCloseTo(0, 15);
    expect(kernelDistance([1, 0, 0, 1], [0, 1, 1, 0])).toBe(1);
    expect(() => kernelDistance([1], [1, 2])).toThrow(UsageError);
  });

  it("is taken between checkpoints in succession, over blocks or their trace", async () => {
    const kernels = [
      [2, 1, 1, 2],
      [3, 1, 1, 2],
      [6, 2, 2, 4],
    ].map((values) => array(values, { shape: [2, 1, 2, 1] }));
    const kernelOf = async ([step]: number[]) => kernels[step];
    const checkpoints = [[0], [1], [2]];
    for (const logits of ["blocks", "trace"] as const) {
      const [velocity] = await kernelVelocityByGroup(
        kernelOf as never,
        checkpoints as never,
        [float64([[0]])],
        { logits },
      );
      expect(velocity[0]).toBeCloseTo(0.0202041029, 8);
      expect(velocity[1]).toBeCloseTo(0, 12);
    }
    const blocks = array(
      Array.from({ length: 16 }, (_, i) => i),
      { shape: [2, 2, 2, 2] },
    );
    expect([...traceOverLogits(blocks)]).toEqual([0 + 5, 2 + 7, 8 + 13, 10 + 15]);
  });
});
