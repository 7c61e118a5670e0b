import { parseNpz, writeNpz } from "@etude/data";
import { mapTensors, softmaxCrossEntropy } from "@etude/learn";
import {
  array,
  exportOnnx,
  grad,
  jit,
  loadOnnx,
  type NDArray,
  setThreads,
  type Tensor,
  type TensorTree,
  treeLeaves,
} from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { UsageError } from "../contract/errors.ts";
import { kernelDistance } from "../kernelDistance.ts";
import { condense } from "./condense.ts";
import {
  batchNormTraining,
  compileEvaluator,
  digitTraining,
  evaluateCondensed,
} from "./evaluation.ts";
import { keyOf } from "./labelled.ts";
import { convolutional, perceptron } from "./networks.ts";
import type { CondenseOptions } from "./settings.ts";
import { compileNtk, kernelVelocity } from "./tangentKernel.ts";
import { float64, toyImages, toyNet, toyTheta } from "./testing.ts";

setThreads(1);

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

const few: CondenseOptions = {
  method: "DCC",
  ipc: 1,
  outerLoops: 3,
  innerLoops: 3,
  netEpochs: 2,
  batchReal: 8,
  outerWarmup: 1,
  innerWarmup: 2,
  seed: 4,
};

describe("evaluation", () => {
  const data = toyImages(60, 2);
  const net = perceptron([6])([1, 6, 6], 2);

  it("learns what is easy, the same for the same seed, on shuffled batches with a rest", async () => {
    const options = { networks: 2, epochs: 60, batchSize: 25, seed: 1 };
    const test = toyImages(40, 2, { seed: 9 });
    const first = await evaluateCondensed(data.x, data.y, net, test, options);
    const again = await evaluateCondensed(data.x, data.y, net, test, options);
    expect(again).toEqual(first);
    expect(first.mean).toBeGreaterThan(0.9);
    expect(first.accuracies.length).toBe(2);
    await expect(
      evaluateCondensed(
        data.x,
        data.y.map(() => 2),
        net,
        test,
        options,
      ),
    ).rejects.toThrow(/class 2/);
  });

  it.each([
    ["digits", digitTraining, perceptron([6])],
    [
      "batch normalisation",
      batchNormTraining,
      convolutional({ width: 3, depth: 1, norm: "batch" }),
    ],
  ] as const)("learns from changed images: %s", async (_, augmentation, factory) => {
    const wide = toyImages(40, 2, { side: 16 });
    const options = { epochs: 60, rate: 0.05, networks: 1, augmentation, seed: 2 };
    const network = factory([1, 16, 16], 2);
    const { mean } = await evaluateCondensed(wide.x, wide.y, network, wide, options);
    expect(mean).toBeGreaterThan(0.8);
  });

  it("does epochs 0 to E: the rate falls after E / 2 + 1, and the momentum is forgotten", async () => {
    type Layers = { weight: Tensor; bias: Tensor }[];
    const trained = await compileEvaluator(net, { epochs: 4 }).train(data.x, data.y, 3);
    // The same by hand: four epochs at 0.01, then one at 0.001 with fresh momentum.
    const byHand = jit((key: Tensor, x: Tensor, y: Tensor) => {
      const gradient = grad(
        ((params: TensorTree): Tensor =>
          softmaxCrossEntropy(net.apply(params, {}, x, true)[0], y).mean()) as never,
      ) as unknown as (params: TensorTree) => Layers;
      let params = net.init(key) as unknown as Layers;
      let memory: Layers | undefined;
      for (const [epoch, rate] of [0.01, 0.01, 0.01, 0.01, 0.001].entries()) {
        const g = gradient(params as unknown as TensorTree);
        const before = epoch === 4 ? undefined : memory;
        const velocity = (i: number, name: "weight" | "bias"): Tensor => {
          const decayed = g[i][name].add(params[i][name].mul(5e-4));
          return before === undefined ? decayed : before[i][name].mul(0.9).add(decayed);
        };
        const next = params.map((_, i) => ({
          weight: velocity(i, "weight"),
          bias: velocity(i, "bias"),
        }));
        params = params.map(({ weight, bias }, i) => ({
          weight: weight.sub(next[i].weight.mul(rate)),
          bias: bias.sub(next[i].bias.mul(rate)),
        }));
        memory = next;
      }
      return params;
    });
    const expected = treeLeaves(await byHand(keyOf(3, "evaluation", 0), data.x, array(data.y)));
    treeLeaves(trained.params).forEach((leaf, place) => {
      (leaf as NDArray).data.forEach((value, i) => {
        expect(value).toBeCloseTo(Number((expected[place] as NDArray).data[i]), 6);
      });
    });
  });

  it("a trained network is an ONNX model that gives the same logits", async () => {
    const evaluator = compileEvaluator(net, { epochs: 5 });
    const network = await evaluator.train(data.x, data.y, 0);
    const bytes = exportOnnx(
      (x: Tensor) => net.apply(network.params as never, network.state as never, x, false)[0],
      [data.x],
      { inputNames: ["images"], outputNames: ["logits"], dynamicBatch: true },
    );
    const model = await loadOnnx(bytes);
    const { logits } = await model.run({ images: data.x });
    expect(logits.data).toEqual((await evaluator.logits(network, data.x)).data);
    await model.release();
  });

  it("a set goes through an NPZ file", async () => {
    const { images } = await condense(data, net, few);
    expect(parseNpz(writeNpz({ images })).images.data).toEqual(images.data);
  });
});

describe("the tangent kernel", () => {
  const points = float64([
    [1, 2],
    [0.5, 1],
    [-1, 0.5],
    [-2, -0.5],
  ]);

  it("is that of the network of 2, 3 and 2 units, before and after a step", async () => {
    const ntk = compileNtk(toyNet);
    const before = await ntk(toyTheta as never, points);
    const expected = [
      14.42, 8.705, 3.06, 2, 8.705, 5.8525, 2.7, 2, 3.06, 2.7, 5.1625, 5.1925, 2, 2, 5.1925, 8.2675,
    ];
    expected.forEach((value, i) => {
      expect(Number(before.data[i])).toBeCloseTo(value, 9);
    });
    const y = array(Int32Array.from([0, 0, 1, 1]));
    const step = jit((theta: TensorTree, x: Tensor, labels: Tensor) => {
      const loss = (params: TensorTree): Tensor =>
        softmaxCrossEntropy(toyNet.apply(params, {}, x, true)[0], labels).mean();
      const slope = grad(loss as never) as unknown as (params: TensorTree) => TensorTree;
      const next = mapTensors((p, g) => p.sub(g.mul(0.5)), theta, slope(theta));
      return { next, loss: loss(next) };
    });
    const { next, loss } = await step(toyTheta as never, points, y);
    expect(loss.item()).toBeCloseTo(0.4034709832, 9);
    const after = await ntk(next as never, points);
    expect(kernelDistance(before.data as Float64Array, after.data as Float64Array)).toBeCloseTo(
      0.0169959617,
      9,
    );
  });

  it("has a distance without scale", () => {
    const K = [2, 1, 1, 2];
    expect(
      kernelDistance(
        K,
        K.map((value) => 5 * value),
      ),
    ).toBeCloseTo(0, 12);
    expect(kernelDistance([1, 0, 0, 1], [0, 1, 1, 0])).toBe(1);
    expect(kernelDistance(K, [3, 1, 1, 2])).toBeCloseTo(0.0202041029, 9);
    expect(() => kernelDistance(K, [1])).toThrow(UsageError);
  });

  it("slows down while a network learns", async () => {
    const data = toyImages(10, 2);
    const probe = toyImages(8, 2, { seed: 5 });
    const net = perceptron([8])([1, 6, 6], 2);
    const { epoch, velocity } = await kernelVelocity(net, data.x, data.y, probe.x, {
      epochs: 80,
      seed: 0,
      rate: 0.05,
    });
    expect(epoch.length).toBe(80);
    expect(velocity.every((value) => value >= 0)).toBe(true);
    expect(mean(velocity.slice(-20))).toBeLessThan(mean(velocity.slice(0, 20)));
  });
});
