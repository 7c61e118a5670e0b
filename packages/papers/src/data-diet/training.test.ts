import { dataLoader } from "@etude/data";
import { constantSchedule } from "@etude/learn";
import {
  type ArrayTree,
  array,
  evaluate,
  grad,
  jit,
  NDArray,
  random,
  setThreads,
  type Tensor,
  type TensorTree,
  treeFlatten,
  treeLeaves,
  treeUnflatten,
  vmap,
} from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { finish } from "../contract/events.ts";
import { memoryStore, steppedRun } from "../run/steps.ts";
import { cropAndFlip } from "./augmentation.ts";
import { compileProbabilities, denseClassifier, residualClassifier } from "./classifier.ts";
import { compileGradientNorms } from "./gradientNorms.ts";
import { measureConnectivity } from "./measureConnectivity.ts";
import { smoke } from "./options.ts";
import { rowsOf } from "./rows.ts";
import { normedClassifier } from "./testing.ts";
import {
  allRows,
  batchOrder,
  compileStatistics,
  compileTrainer,
  spawnChildren,
} from "./training.ts";

// Two threads of small work wait for each other where other test files run beside this one.
setThreads(1);

const recipe = { rate: constantSchedule(0.1), momentum: 0.9, weightDecay: 0.01, augment: false };

/** Two classes by the sign of the first input. */
function points(rows: number, width = 4) {
  const draw = random.generator(3);
  const values = Float32Array.from({ length: rows * width }, () => draw.normal());
  const labels = Int32Array.from({ length: rows }, (_, i) => Number(values[i * width] > 0));
  return {
    inputs: new NDArray(values, [rows, width], "float32"),
    labels: new NDArray(labels, [rows], "int32"),
  };
}

describe("the order of the data", () => {
  it("has every row once an epoch but for the remainder, and goes on over epochs", () => {
    const rows = Int32Array.of(10, 11, 12, 13, 14, 15, 16);
    const order = batchOrder(rows, 3, 5, 0);
    expect(order.shape).toEqual([5, 3]);
    const epochs = [0, 1].map((epoch) => order.data.slice(6 * epoch, 6 * epoch + 6));
    for (const epoch of epochs) {
      expect(new Set(epoch).size).toBe(6);
      expect(epoch.every((row) => rows.includes(Number(row)))).toBe(true);
    }
    expect([...epochs[0]]).not.toEqual([...epochs[1]]);
    expect(batchOrder(rows, 100, 2, 0).shape).toEqual([2, 7]);
  });
});

describe("training", () => {
  const network = denseClassifier([4, 8, 2]);

  it("is SGD with Nesterov momentum and coupled decay, and reports each step before its update", async () => {
    const data = points(64);
    const trainer = compileTrainer(network, recipe);
    const start = await trainer.start(1);
    const batches = batchOrder(allRows(64), 16, 3, 0);
    const { state, correct, losses } = await trainer.advance(start, data, batches);

    const loss = (params: TensorTree, x: Tensor, y: Tensor) =>
      network.apply(params, {}, x, true)[0].logSoftmax().mul(y.oneHot(2)).sum(-1).mean().neg();
    const slope = jit((params: TensorTree, x: Tensor, y: Tensor) => ({
      gradient: grad(loss)(params, x, y),
      loss: loss(params, x, y),
      winner: network.apply(params, {}, x, true)[0].argmax(-1),
    }));
    const flat = (tree: unknown) =>
      treeLeaves(tree).flatMap((leaf) => Array.from((leaf as NDArray).data, Number));
    let params: ArrayTree = start.params;
    const velocity = flat(params).fill(0);
    for (let step = 0; step < 3; step++) {
      const rows = Array.from(batches.data.slice(16 * step, 16 * step + 16), Number);
      const x = array(
        rows.map((row) => Array.from(rowsOf(data.inputs, row, 1).data, Number)),
        { dtype: "float32" },
      );
      const y = array(
        rows.map((row) => Number(data.labels.data[row])),
        { dtype: "int32" },
      );
      const seen = await slope(params, x, y);
      expect(losses[step]).toBeCloseTo(seen.loss.item(), 5);
      seen.winner.data.forEach((winner, i) => {
        expect(correct[16 * step + i]).toBe(Number(Number(winner) === Number(y.data[i])));
      });
      const now = flat(params);
      const next = flat(seen.gradient).map((g, i) => {
        const slopeHere = g + 0.01 * now[i];
        velocity[i] = 0.9 * velocity[i] + slopeHere;
        return now[i] - 0.1 * (slopeHere + 0.9 * velocity[i]);
      });
      let place = 0;
      const [leaves, structure] = treeFlatten(params);
      const moved = leaves.map((leaf) => {
        const { shape, size } = leaf as NDArray;
        place += size;
        return new NDArray(Float32Array.from(next.slice(place - size, place)), shape, "float32");
      });
      params = treeUnflatten(structure, moved) as ArrayTree;
    }
    flat(state.params).forEach((value, i) => {
      expect(value).toBeCloseTo(flat(params)[i], 4);
    });
  });

  it("in parts gives the bits of training at once, and children differ from each other only by their order", async () => {
    const data = points(64);
    const trainer = compileTrainer(network, recipe);
    const batches = batchOrder(allRows(64), 16, 8, 0);
    const start = await trainer.start(1);
    const whole = await trainer.advance(start, data, batches);
    const half = await trainer.advance(start, data, rowsOf(batches, 0, 5));
    const rest = await trainer.advance(half.state, data, rowsOf(batches, 5, 3));
    expect(rest.state).toEqual(whole.state);

    const train = async (parent: typeof start, seed: number) =>
      (await trainer.advance(trainer.from(parent), data, batchOrder(allRows(64), 16, 4, seed)))
        .state;
    const [a, b] = await spawnChildren(whole.state, [1, 2], train);
    const [again, same] = await spawnChildren(whole.state, [1, 1], train);
    expect(again).toEqual(a);
    expect(same).toEqual(a);
    expect(b.params).not.toEqual(a.params);
  });
});

describe("gradients of examples", () => {
  it("sum to the gradient of the batch, and bound what leaving one out can do (eq. 3)", async () => {
    const network = denseClassifier([4, 8, 2]);
    const { inputs, labels } = points(6);
    const { params } = (await evaluate(network.init(random.key(2)))) as { params: ArrayTree };
    const loss = (p: TensorTree, x: Tensor, y: Tensor) =>
      network.apply(p, {}, x, false)[0].logSoftmax().mul(y.oneHot(2)).sum().neg();
    const both = await jit((p: TensorTree, x: Tensor, y: Tensor) => ({
      each: treeLeaves(
        vmap(grad(loss), { inAxes: [null, 0, 0] })(p, x.expandDims(1), y.expandDims(1)),
      ) as Tensor[],
      all: treeLeaves(grad(loss)(p, x, y)) as Tensor[],
    }))(params, inputs, labels);
    const gradients = Array.from({ length: 6 }, (_, i) =>
      both.each.flatMap((leaf) => Array.from(rowsOf(leaf, i, 1).data, Number)),
    );
    const all = both.all.flatMap((leaf) => Array.from(leaf.data, Number));
    const dot = (a: readonly number[], b: readonly number[]) =>
      a.reduce((sum, value, k) => sum + value * b[k], 0);
    all.forEach((value, k) => {
      expect(gradients.reduce((sum, g) => sum + g[k], 0)).toBeCloseTo(value, 5);
    });
    const scores = await network.gradientNorms()(params, inputs, labels.data as Int32Array);
    const [z, left] = [gradients[0], gradients[3]];
    const without = all.map((value, k) => value - left[k]);
    const effect = Math.abs(dot(z, all) - dot(z, without));
    expect(effect).toBeCloseTo(Math.abs(dot(z, left)), 5);
    expect(effect).toBeLessThanOrEqual(scores[0] * scores[3] * (1 + 1e-5));
    expect(Math.abs(dot(left, left))).toBeCloseTo(scores[3] ** 2, 4); // parallel: equality
  });
});

describe("a residual network", () => {
  const network = residualClassifier({ depth: 8, width: 2, channels: 1, classes: 3 });
  const draw = random.generator(1);
  const inputs = new NDArray(
    Float32Array.from({ length: 24 * 64 }, () => draw.normal()),
    [24, 1, 8, 8],
    "float32",
  );
  const labels = new NDArray(
    Int32Array.from({ length: 24 }, (_, i) => i % 3),
    [24],
    "int32",
  );

  it("is scored example by example with its running statistics, whatever the batch", async () => {
    const trainer = compileTrainer(network, { ...recipe, augment: true });
    const start = await trainer.start(0);
    const { state } = await trainer.advance(
      start,
      { inputs, labels },
      batchOrder(allRows(24), 8, 6, 0),
    );
    expect(state.state).not.toEqual(start.state);
    const norms = network.gradientNorms();
    const classes = labels.data as Int32Array;
    const [few, many] = [
      await norms(state.params, inputs, classes, { batchSize: 3, state: state.state }),
      await norms(state.params, inputs, classes, { batchSize: 24, state: state.state }),
    ];
    few.forEach((score, i) => {
      expect(score / many[i]).toBeCloseTo(1, 4);
    });
    const p = await compileProbabilities(network, 7)(state, inputs);
    expect(p.shape).toEqual([24, 3]);
  });
});

describe("a network with running statistics", () => {
  const network = normedClassifier(4, 3, 2);
  const data = points(64);

  it("gets those of the data from batches passed through it", async () => {
    const start = await compileTrainer(network, recipe).start(0);
    const repeated = new NDArray(
      Float32Array.from({ length: 200 * data.inputs.size }, (_, i) =>
        Number(data.inputs.data[i % data.inputs.size]),
      ),
      [200, 64, 4],
      "float32",
    );
    const { mean } = (await compileStatistics(network)(start, repeated)) as { mean: NDArray };
    const { first } = start.params as unknown as { first: { weight: NDArray } };
    const outputs = await jit((x: Tensor, w: Tensor) => x.matmul(w).mean(0))(
      data.inputs,
      first.weight,
    );
    mean.data.forEach((value, i) => {
      expect(Number(value)).toBeCloseTo(Number(outputs.data[i]), 5);
    });
  });

  it("has them measured anew on the path between children", async () => {
    const options = {
      ...smoke,
      noiseExamples: 64,
      parentSteps: [0, 5],
      childSteps: 10,
      groupSize: 20,
    };
    const el2n = Float64Array.from({ length: 64 }, (_, i) =>
      Math.abs(Number(data.inputs.data[4 * i])),
    );
    const { context } = steppedRun("test", memoryStore(), {
      seed: 0,
      data: dataLoader(),
      signal: new AbortController().signal,
    });
    const { paths } = await finish(
      measureConnectivity(options, network, { noisy: data }, el2n, context),
    );
    expect(paths.map(({ steps }) => steps)).toEqual([0, 5]);
    for (const { errorBarrier, lossBarrier } of paths) {
      for (const barrier of [...Object.values(errorBarrier), ...Object.values(lossBarrier)])
        expect(barrier).toBeGreaterThanOrEqual(0);
    }
  });
});

it("crops are images moved within their reflection, half of them mirrored", async () => {
  const side = 12;
  const image = Float32Array.from({ length: side * side }, (_, i) => i);
  const stack = new Float32Array(200 * image.length);
  for (let i = 0; i < 200; i++) stack.set(image, i * image.length);
  const x = new NDArray(stack, [200, 1, side, side], "float32");
  const seen = await jit((images: Tensor, key: Tensor) => cropAndFlip(images, key))(
    x,
    random.key(4),
  );
  const mirror = (at: number) => {
    const folded = Math.abs(at);
    return side - 1 - Math.abs(side - 1 - folded);
  };
  const possible = new Set<string>();
  for (let dy = -4; dy <= 4; dy++)
    for (let dx = -4; dx <= 4; dx++)
      for (const flip of [false, true])
        possible.add(
          Array.from({ length: side * side }, (_, i) => {
            const [row, column] = [Math.floor(i / side), i % side];
            const across = flip ? side - 1 - column : column;
            return mirror(row + dy) * side + mirror(across + dx);
          }).join(),
        );
  const drawn = Array.from({ length: 200 }, (_, i) => Array.from(rowsOf(seen, i, 1).data).join());
  expect(drawn.every((each) => possible.has(each))).toBe(true);
  expect(new Set(drawn).size).toBeGreaterThan(81); // there are 81 without mirror images
});

it("compiled gradient norms refuse to run on nothing", async () => {
  const norms = compileGradientNorms((w: Tensor, x: Tensor) => x.matmul(w));
  const none = new NDArray(new Float32Array(), [0, 2], "float32");
  const w = new NDArray(new Float32Array(4), [2, 2], "float32");
  expect(await norms(w, none, [])).toEqual(new Float64Array());
});
