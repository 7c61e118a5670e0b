import {
  array,
  concat,
  evaluate,
  eye,
  grad,
  jit,
  lift,
  type NDArray,
  random,
  type Tensor,
} from "@etude/tensor";
import { describe, expect, test } from "vitest";
import { alignment, sensitivity } from "./alignment.ts";
import { type AttentionLayer, predict, selfAttention, tokensAfter } from "./attention.ts";
import { gdPlusPlusLayer, gradientDescentLayer, inContextGradientDescent } from "./descent.ts";

/** Data T of the specification: three pairs in two dimensions, and a query. */
const X = [
  [1, 0.5],
  [-0.5, 1],
  [0.25, -0.75],
];
const y = [0.7, -0.2, 0.4];
const query = [0.3, -0.6];
const size = { inputSize: 2, contextLength: 3, stepSize: 0.5, dtype: "float64" } as const;

const sequence = (targets: readonly (readonly number[])[], start: readonly number[]): NDArray =>
  array([[...X.map((x, i) => [...x, ...targets[i]]), [...query, ...start]]], { dtype: "float64" });
const pairs = sequence(
  y.map((target) => [target]),
  [0],
);

const flat = (values: readonly NDArray[]): number[] => values.map((value) => value.item());
const close = (actual: ArrayLike<number>, expected: readonly number[], digits = 8): void => {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(actual[i]).toBeCloseTo(value, digits);
  });
};

describe("the construction", () => {
  test("from W_0 = 0 it predicts as gradient descent does", async () => {
    const layers = await evaluate(predict([gradientDescentLayer(size)], lift(pairs), { depth: 3 }));
    close(flat(layers), [0.06, 0.102578125, 0.132902018], 9);
  });

  test("from another W_0 as well, and the targets of the context move", async () => {
    const initialWeight = array([[0.2, -0.1]], { dtype: "float64" });
    const layer = gradientDescentLayer({ ...size, initialWeight });
    const tokens = lift(
      sequence(
        y.map((target) => [target]),
        [-(0.2 * 0.3 + 0.1 * 0.6)],
      ),
    );
    const { answers, states, descent } = await evaluate({
      answers: predict([layer], tokens, { depth: 3 }),
      states: tokensAfter([layer], tokens, { depth: 3 }),
      descent: inContextGradientDescent(
        lift(array([X], { dtype: "float64" })),
        lift(array([y.map((t) => [t])], { dtype: "float64" })),
        lift(array([query], { dtype: "float64" })),
        { stepSize: 0.5, steps: 3, initialWeight },
      ),
    });
    close(flat(answers), [0.1440625, 0.161608073, 0.174464383], 9);
    close(flat(descent.predictions), [0.1440625, 0.161608073, 0.174464383], 9);
    close(descent.weights[0].data, [0.303125, -0.08854167]);
    close(descent.weights[1].data, [0.38404948, -0.07732205]);
    close(descent.weights[2].data, [0.44762234, -0.0669628]);
    const targets = (state: NDArray): number[] => [2, 5, 8].map((at) => state.data[at]);
    close(targets(states[0]), [0.591145833, -0.159895833, 0.3828125], 9);
    close(targets(states[2]), [0.43585906, -0.10922603, 0.36287231]);
  });

  test("with two outputs", async () => {
    const Y = [
      [0.7, 1],
      [-0.2, 0.3],
      [0.4, -0.5],
    ];
    const layer = gradientDescentLayer({ ...size, outputSize: 2 });
    const [one, two] = await evaluate(
      predict([layer], lift(sequence(Y, [0, 0])), { depth: 2, outputs: 2 }),
    );
    close(one.data, [0.06, -0.08125]);
    close(two.data, [0.10257813, -0.13536458]);
  });

  test("K layers are K steps along the gradient of L", async () => {
    const draw = random.generator(5);
    for (const [n, d, o] of [
      [1, 1, 1],
      [4, 3, 2],
      [7, 2, 3],
    ]) {
      const numbers = (...shape: number[]): NDArray =>
        array(
          Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => draw.normal()),
          { shape },
        );
      const [x, targets, xq, start] = [numbers(n, d), numbers(n, o), numbers(1, d), numbers(o, d)];
      const loss = (W: Tensor): Tensor => {
        const residual = lift(x).matmul(W.transpose()).sub(targets);
        return residual
          .mul(residual)
          .sum()
          .div(2 * n);
      };
      const step = jit((W: Tensor) => W.sub(grad(loss)(W).mul(0.1)));
      let W = start;
      const expected: number[][] = [];
      for (let k = 0; k < 4; k++) {
        W = await step(W);
        const predicted = await evaluate(lift(xq).matmul(lift(W).transpose()));
        expected.push(Array.from(predicted.data));
      }
      const layer = gradientDescentLayer({
        inputSize: d,
        outputSize: o,
        contextLength: n,
        stepSize: 0.1,
        initialWeight: start,
        dtype: "float64",
      });
      const context = lift(x).reshape([1, n, d]);
      const rows = await evaluate(
        predict(
          [layer],
          concat(
            [
              concat([context, lift(targets).reshape([1, n, o])], -1),
              concat([lift(xq), lift(xq).matmul(lift(start).transpose()).neg()], -1).expandDims(0),
            ],
            1,
          ),
          { depth: 4, outputs: o },
        ),
      );
      rows.forEach((row, k) => {
        close(row.data, expected[k], 9);
      });
    }
  });
});

describe("GD++", () => {
  const layer = gdPlusPlusLayer({ ...size, gamma: 0.1 });

  test("moves inputs and query besides, by the inputs before the layer", async () => {
    const { answers, states } = await evaluate({
      answers: predict([layer], lift(pairs), { depth: 2 }),
      states: tokensAfter([layer], lift(pairs), { depth: 2 }),
    });
    close(flat(answers), [0.06, 0.08917279]);
    const inputs = (state: NDArray, row: number): number[] =>
      [0, 1].map((at) => state.data[3 * row + at]);
    close(inputs(states[0], 3), [0.249375, -0.485625]);
    close(inputs(states[1], 3), [0.22071854, -0.42477768]);
    close(inputs(states[0], 0), [0.878125, 0.428125]);
    close(inputs(states[0], 1), [-0.415625, 0.809375]);
    close(inputs(states[0], 2), [0.203125, -0.609375]);
  });

  test("an eigenvalue s of X^T X becomes s (1 - gamma s)^2", async () => {
    const squares = await evaluate(
      tokensAfter([layer], lift(pairs), { depth: 1 }).map((state) => {
        const x = state.slice(0, [0, 3], [0, 2]);
        return x.transpose().matmul(x);
      })[0],
    );
    const [a, b, , d] = squares.data;
    const [middle, spread] = [(a + d) / 2, Math.hypot((a - d) / 2, b)];
    close([middle - spread, middle + spread], [0.95703125, 1.23779297]);
  });
});

describe("invariants", () => {
  const layer = gradientDescentLayer(size);
  const answerTo = async (tokens: NDArray, depth: number, includeQuery = false) =>
    flat(await evaluate(predict([layer], lift(tokens), { depth, includeQuery })));

  test("the order of the context does not matter, and predictions follow the scale of y", async () => {
    const [first] = pairs.tolist() as number[][][];
    const turned = array([[first[2], first[0], first[1], first[3]]], { dtype: "float64" });
    close(await answerTo(turned, 3), await answerTo(pairs, 3), 14);
    const scaled = sequence(
      y.map((target) => [-2.5 * target]),
      [0],
    );
    close(
      await answerTo(scaled, 3),
      (await answerTo(pairs, 3)).map((value) => -2.5 * value),
      14,
    );
  });

  test("a query among the keys changes nothing in layer 1, but from layer 2 on", async () => {
    const [without, within] = [await answerTo(pairs, 2), await answerTo(pairs, 2, true)];
    expect(within[0]).toBeCloseTo(without[0], 14);
    expect(Math.abs(within[1] - without[1])).toBeGreaterThan(1e-4);
  });

  test("the sensitivity of one step is its change of W", async () => {
    const g = await evaluate(
      sensitivity((tokens) => predict([layer], tokens)[0].squeeze(-1), lift(pairs)),
    );
    close(g.data, [0.15, -0.025]);
  });

  test("a model is aligned with itself, and not with its opposite", async () => {
    const model = (tokens: Tensor): Tensor => predict([layer], tokens)[0].squeeze(-1);
    const { same, opposite } = await evaluate({
      same: alignment(model, model, lift(pairs)),
      opposite: alignment(model, (tokens) => model(tokens).neg(), lift(pairs)),
    });
    expect(same.cosine.item()).toBeCloseTo(1, 6);
    expect(same.modelDifference.item()).toBe(0);
    expect(same.predictionDifference.item()).toBe(0);
    expect(opposite.cosine.item()).toBeCloseTo(-1, 6);
    expect(opposite.modelDifference.item()).toBeCloseTo(2 * Math.hypot(0.15, 0.025), 10);
    expect(opposite.predictionDifference.item()).toBeCloseTo(0.12, 10);
  });
});

describe("attention", () => {
  test("is the sum it says, for every head, with softmax and without", async () => {
    const draw = random.generator(2);
    const [heads, keySize, d, n] = [2, 3, 4, 3];
    const numbers = (...shape: number[]): NDArray =>
      array(
        Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => draw.normal()),
        { shape },
      );
    const weights = {
      query: numbers(d, 6),
      key: numbers(d, 6),
      value: numbers(d, 6),
      output: numbers(6, d),
    };
    const tokens = numbers(1, n + 1, d);
    const at = (m: NDArray, i: number, j: number): number => m.data[i * m.shape[m.rank - 1] + j];
    const projected = (m: NDArray, row: number, column: number): number =>
      Array.from({ length: d }, (_, i) => at(tokens, row, i) * at(m, i, column)).reduce(
        (a, b) => a + b,
      );
    for (const softmax of [false, true]) {
      const expected: number[] = [];
      for (let t = 0; t <= n; t++) {
        const joined: number[] = [];
        for (let h = 0; h < heads; h++) {
          const columns = [0, 1, 2].map((k) => h * keySize + k);
          const logits = Array.from({ length: n }, (_, i) =>
            columns.reduce(
              (sum, c) => sum + projected(weights.query, t, c) * projected(weights.key, i, c),
              0,
            ),
          );
          const powers = logits.map((l) => Math.exp(l / Math.sqrt(keySize)));
          const total = powers.reduce((a, b) => a + b);
          const attention = softmax ? powers.map((p) => p / total) : logits;
          for (const c of columns)
            joined.push(
              attention.reduce((sum, a, i) => sum + a * projected(weights.value, i, c), 0),
            );
        }
        for (let j = 0; j < d; j++)
          expected.push(
            joined.reduce((sum, value, c) => sum + value * at(weights.output, c, j), 0),
          );
      }
      const layer = liftLayer(weights);
      const update = await evaluate(selfAttention(layer, lift(tokens), { heads, softmax }));
      close(update.data, expected, 10);
    }
  });

  test("dampening, clipping, the target part alone, norm and MLP", async () => {
    const layer = gradientDescentLayer(size);
    const last = async (options: Parameters<typeof predict>[2], weights: AttentionLayer = layer) =>
      (await evaluate(predict([weights], lift(pairs), options)[0])).item();
    expect(await last({ dampening: 0.5 })).toBeCloseTo(0.03, 12);
    expect(await last({ clip: 0.05 })).toBeCloseTo(0.05, 12);
    const plus = gdPlusPlusLayer({ ...size, gamma: 0.1 });
    const held = await evaluate(tokensAfter([plus], lift(pairs), { yUpdateOnly: true })[0]);
    const plain = await evaluate(tokensAfter([layer], lift(pairs))[0]);
    close(held.data, Array.from(plain.data), 12);
    // gelu(0) = 0: an MLP that nothing enters adds nothing.
    const still = lift(array(new Float64Array(9), { shape: [3, 3] }));
    expect(
      await last({}, { ...layer, mlp: { into: still, outOf: lift(eye(3, 3, "float64")) } }),
    ).toBeCloseTo(0.06, 12);
    const norm = {
      scale: lift(array([0, 0, 0], { dtype: "float64" })),
      offset: lift(array([0, 0, 0], { dtype: "float64" })),
    };
    expect(await last({}, { ...layer, norm })).toBeCloseTo(0, 12);
  });
});

const liftLayer = (layer: AttentionLayer<NDArray>): AttentionLayer => ({
  query: lift(layer.query),
  key: lift(layer.key),
  value: lift(layer.value),
  output: lift(layer.output),
});
