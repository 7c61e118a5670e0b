import { decodeState, encodeState, lastOf, memoryCheckpoint } from "@etude/learn";
import { array, evaluate, eye, lift, type NDArray, random, type Tensor } from "@etude/tensor";
import { describe, expect, test } from "vitest";
import { finish } from "../contract/events.ts";
import { type AttentionLayer, predict, selfAttention } from "./attention.ts";
import { compileJudge, contestant, shiftedLosses } from "./contestants.ts";
import { gdPlusPlusLayer, gradientDescentLayer } from "./descent.ts";
import { fitInContextRegressor } from "./fit.ts";
import { interpolate, largestOffDiagonal, normalisedProducts } from "./interpolation.ts";
import { attentionRegressor, descentRegressor, initialLayer } from "./regressors.ts";
import { chooseStart, startKey, strayed } from "./starts.ts";
import { optimalStepSize } from "./stepSize.ts";
import { linearSampler, sampleLinearTasks } from "./tasks.ts";
import { trainer } from "./training.ts";

const task = { inputSize: 3, contextLength: 6, inputRange: 2, weightScale: 1 };
const sampler = linearSampler(task);
const settings = { steps: 25, batch: 16, learningRate: 1e-2, clipNorm: 0.1, stepsPerCall: 10 };
const arrays = (layer: AttentionLayer): Promise<AttentionLayer<NDArray>> =>
  evaluate(layer) as Promise<AttentionLayer<NDArray>>;

describe("training", () => {
  test("one layer finds one step of gradient descent", async () => {
    const { layers, history } = await fitInContextRegressor(random.key(3), {
      task,
      training: { steps: 800, batch: 128, learningRate: 3e-3 },
    });
    expect(history).toHaveLength(16);
    const { stepSize } = optimalStepSize(task);
    const descent = descentRegressor({ ...task, steps: 1, stepSize });
    const all = {
      trained: contestant(attentionRegressor(task), layers),
      GD: contestant(descent, await evaluate(descent.init(random.key(0)))),
    };
    const judge = compileJudge(all, sampler, { tasks: 2000, pairs: [["trained", "GD"]] });
    const { losses, alignments } = await judge(random.key(9));
    expect(losses.trained / losses.GD).toBeCloseTo(1, 1);
    expect(alignments[0].cosine).toBeGreaterThan(0.98);
    expect(largestOffDiagonal(normalisedProducts(layers[0]))).toBeLessThan(0.3);
    const curves = await shiftedLosses(all, sampler, {
      key: random.key(9),
      tasks: 2000,
      shift: "weights",
      factors: [1, 2],
    });
    // Gradient descent is linear in the weights, so its loss is quadratic in their scale.
    expect(curves.GD[0]).toBeCloseTo(losses.GD, 5);
    expect(curves.GD[1] / curves.GD[0]).toBeCloseTo(4, 3);
  });

  test("a training that goes on from a checkpoint ends with the same bits", async () => {
    const train = trainer(
      attentionRegressor({ ...task, layers: 2, shared: false }),
      sampler,
      settings,
    );
    const whole = await lastOf(train({ key: random.key(1) }));
    expect(whole.history.map(({ step }) => step)).toEqual([10, 20, 25]);

    // The state after the first call, as a checkpoint would hold it.
    const store = memoryCheckpoint();
    const held: Uint8Array[] = [];
    const eager = { load: store.load, save: async (bytes: Uint8Array) => void held.push(bytes) };
    const now = performance.now;
    let clock = 0;
    performance.now = () => {
      clock += 60_000;
      return clock;
    };
    await lastOf(train({ key: random.key(1), checkpoint: eager }));
    performance.now = now;
    expect(held).toHaveLength(3);
    const saved = decodeState(held[0]) as { step: number };
    expect(saved.step).toBe(10);
    await store.save(held[0]);
    const resumed = await lastOf(train({ key: random.key(1), checkpoint: store }));
    expect(encodeState(resumed)).toEqual(encodeState(whole));
  });

  test("what is measured on the way is kept, at the end too", async () => {
    const train = trainer(attentionRegressor(task), sampler, settings);
    let asked = 0;
    const { history } = await lastOf(
      train({
        key: random.key(1),
        measurements: 2,
        measure: async () => ({ count: ++asked }),
      }),
    );
    expect(history.map(({ measured }) => measured)).toEqual([{}, { count: 1 }, { count: 2 }]);
  });

  test("of several starts the one with the least loss is chosen", async () => {
    const model = attentionRegressor(task);
    const options = { ...settings, sampler, key: random.key(2), starts: 3, startSteps: 20 };
    const place = { label: "starts", done: 0, total: 1 };
    const { chosen, losses } = await finish(chooseStart(model, options, place));
    expect(losses).toHaveLength(3);
    expect(losses[chosen]).toBe(Math.min(...losses));
    const train = trainer(model, sampler, { ...settings, steps: 20 });
    const { history } = await lastOf(train({ key: await startKey(random.key(2), chosen) }));
    expect((history[0].loss + history[1].loss) / 2).toBe(losses[chosen]);
    expect(strayed([[1, 2], [1.2]])).toEqual({ of: 3, strayed: 1 });
  });

  test("five layers with activations kept within bounds", async () => {
    const model = attentionRegressor({ ...task, layers: 5 });
    const huge = sampleLinearTasks(random.key(0), 4, { ...task, inputRange: 1e4 });
    const params = model.init(random.key(1));
    const predictions = await evaluate(
      model([{ ...params[0], output: params[0].output.mul(1e9) }], huge.tokens),
    );
    expect(predictions).toHaveLength(5);
    for (const { data } of predictions)
      expect(Math.max(...Array.from(data, Math.abs))).toBeLessThanOrEqual(10);
  });
});

describe("interpolation", () => {
  test("a factor between W_Q and W_O is no difference, and is taken out exactly", async () => {
    const layer = await arrays(initialLayer(random.key(4), { size: 4, scale: 1 }));
    const scaled = (m: NDArray, by: number): NDArray =>
      array(
        Float32Array.from(m.data, (v) => v * by),
        { shape: m.shape },
      );
    const other = { ...layer, query: scaled(layer.query, -4), output: scaled(layer.output, -0.25) };
    const tokens = sampleLinearTasks(random.key(0), 3, task).tokens;
    const answers = await evaluate(
      [layer, other].map((one) => predict([liftLayer(one)], tokens)[0]),
    );
    answers[0].data.forEach((value, i) => {
      expect(answers[1].data[i]).toBeCloseTo(value, 5);
    });
    const [a, b] = [normalisedProducts(layer), normalisedProducts(other)];
    expect(b.KQ.data).toEqual(a.KQ.data);
    expect(b.PV.data).toEqual(a.PV.data);
  });

  test("half-way between a layer and itself is the same model", async () => {
    const layer = await arrays(gradientDescentLayer({ ...task, stepSize: 0.7 }));
    const stretched = {
      ...layer,
      query: array(
        Float32Array.from(layer.query.data, (v) => 3 * v),
        { shape: [4, 4] },
      ),
      output: array(
        Float32Array.from(layer.output.data, (v) => v / 3),
        { shape: [4, 4] },
      ),
    };
    const middle = interpolate(stretched, layer);
    const tokens = sampleLinearTasks(random.key(0), 5, task).tokens;
    const [a, b] = await evaluate(
      [layer, middle].map((one) => predict([liftLayer(one)], tokens)[0]),
    );
    a.data.forEach((value, i) => {
      expect(b.data[i]).toBeCloseTo(value, 5);
    });
    expect(largestOffDiagonal(normalisedProducts(middle))).toBe(0);
  });
});

const liftLayer = (layer: AttentionLayer<NDArray>): AttentionLayer => ({
  query: lift(layer.query),
  key: lift(layer.key),
  value: lift(layer.value),
  output: lift(layer.output),
});

describe("what makes no sense is refused, each in its own words", () => {
  const size = { inputSize: 2, contextLength: 3, stepSize: 0.5 };
  const layer = gradientDescentLayer(size);
  const tokens = (length: number, width: number): Tensor =>
    lift(array(new Float32Array(length * width), { shape: [1, length, width] }));

  test("tokens and layers", () => {
    expect(() => selfAttention(layer, tokens(1, 3))).toThrow(
      "a sequence of 1 tokens has no context",
    );
    expect(() => predict([layer], tokens(4, 4))).toThrow(
      "tokens of size 4 meet a layer for tokens of size 3",
    );
    const empty = lift(array(new Float32Array(0), { shape: [3, 0] }));
    const noKeys = { ...layer, query: empty, key: empty, value: empty };
    expect(() => selfAttention(noKeys, tokens(4, 3), { softmax: true })).toThrow("keys of size 0");
    expect(() => selfAttention(layer, tokens(4, 3), { heads: 2 })).toThrow(
      "3 columns do not divide into 2 heads",
    );
    for (const dampening of [0, -1, 1.5, Number.NaN])
      expect(() => predict([layer], tokens(4, 3), { dampening })).toThrow(
        `dampening must be in (0, 1], got ${dampening}`,
      );
    expect(() => predict([layer, layer], tokens(4, 3), { depth: 3 })).toThrow(
      "depth 3 with 2 layers",
    );
    expect(() => predict([], tokens(4, 3))).toThrow("needs a layer");
  });

  test("descents and tasks", async () => {
    expect(() => gradientDescentLayer({ ...size, stepSize: Number.POSITIVE_INFINITY })).toThrow(
      "the step size must be finite, got Infinity",
    );
    expect(() => gradientDescentLayer({ ...size, initialWeight: array([[1, 2, 3]]) })).toThrow(
      "the initial weight is [1, 3]; for 2 inputs and 1 outputs it must be [1, 2]",
    );
    expect(() => gdPlusPlusLayer({ ...size, gamma: Number.NaN })).toThrow("gamma must be finite");
    expect(() => gradientDescentLayer({ ...size, contextLength: 0 })).toThrow(
      "contextLength must be a whole number of at least 1, got 0",
    );
    expect(() => sampleLinearTasks(random.key(0), 1, { ...task, contextLength: 0 })).toThrow(
      "contextLength",
    );
    expect(() => sampleLinearTasks(random.key(0), 1, { ...task, inputRange: -1 })).toThrow(
      "inputRange must be positive",
    );
    const descent = descentRegressor({ ...task, steps: 1, stepSize: 1 });
    const GD = contestant(descent, await evaluate(descent.init(random.key(0))));
    await expect(
      shiftedLosses({ GD }, sampler, {
        key: random.key(0),
        tasks: 2,
        shift: "inputs",
        factors: [1, 0],
      }),
    ).rejects.toThrow("the scale of a shift must be positive and finite, got 0");
  });

  test("interpolation", async () => {
    const plain = await arrays(layer);
    expect(() => normalisedProducts(plain, { heads: 2 })).toThrow("2 heads");
    expect(() => interpolate(plain, plain, { softmax: true })).toThrow("softmax");
    expect(() => interpolate(plain, plain, { layers: 3 })).toThrow("3 different layers");
    const dead = { ...plain, query: array(new Float32Array(9), { shape: [3, 3] }) };
    expect(() => interpolate(dead, plain)).toThrow("has the mean 0");
    const larger = { ...plain, query: array(eye(4)) };
    expect(() => interpolate(plain, larger)).toThrow("sizes 3 and 4");
  });
});
