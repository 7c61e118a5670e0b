import {
  array,
  evaluate,
  grad,
  jit,
  lift,
  type NDArray,
  ones,
  random,
  type Tensor,
  vmap,
  zeros,
} from "@etude/tensor";
import { describe, expect, test } from "vitest";
import { expectNear, wave } from "../testing/golden.ts";
import {
  batchNorm,
  bidirectional,
  conv,
  convTranspose,
  type DenseParams,
  dense,
  dropout,
  embedding,
  featureNorm,
  fixed,
  groupNorm,
  gru,
  lstm,
  net,
  rnn,
  sequential,
  transformerBlock,
} from "./index.ts";

const key = random.key(3);
const meanOf = ({ data }: NDArray) => Array.from(data).reduce((sum, v) => sum + v, 0) / data.length;

describe("dropout", () => {
  test("keeps the mean, drops the rate, and is the same for the same key", async () => {
    const run = jit((k: Tensor) => {
      const x = lift(ones([200, 200]));
      const channels = dropout(
        lift(ones([50, 20, 3, 3])),
        { rate: 0.5, key: k },
        { shape: [50, 20, 1, 1] },
      );
      const some = dropout(x, { rate: 0.3, key: k });
      return {
        some,
        again: dropout(x, { rate: 0.3, key: k }),
        none: dropout(x, { rate: 0, key: k }),
        spread: channels
          .max([2, 3])
          .sub(channels.min([2, 3]))
          .max(),
      };
    });
    const { some, again, none, spread } = await run(key);
    // 40,000 entries of deviation sqrt(0.3 / 0.7): the mean is known to 0.0033.
    expect(Math.abs(meanOf(some) - 1)).toBeLessThan(0.012);
    expect(new Set(some.data)).toEqual(new Set([0, Math.fround(1 / 0.7)]));
    expect(again.data).toEqual(some.data);
    expect(meanOf(none)).toBe(1);
    expect(spread.item()).toBe(0);
    expect(() => dropout(lift(1), { rate: 1, key })).toThrow(/not in \[0, 1\)/);
  });

  test("in a transformer block differs from place to place and vanishes with the rate", async () => {
    const params = transformerBlock.init(key, { features: 8, heads: 2 });
    const x = lift(wave(1, [2, 5, 8]).astype("float32"));
    const at = (rate: number) => transformerBlock(params, x, { heads: 2, dropout: { rate, key } });
    const [plain, zero, half] = await evaluate([
      transformerBlock(params, x, { heads: 2 }),
      at(0),
      at(0.5),
    ]);
    expect(zero.data).toEqual(plain.data);
    expect(Math.max(...half.data.map((v, i) => Math.abs(v - plain.data[i])))).toBeGreaterThan(0.1);
  });
});

describe("recurrent nets", () => {
  const x = wave(1, [2, 5, 3]).astype("float32");

  test("reversed in time they give the reversed results", async () => {
    const flipped = lift(x).flip(1);
    const pairs = await evaluate(
      [rnn, gru].flatMap((layer) => {
        const params = layer.init(key, { inputs: 3, hidden: 4 });
        const [there, last] = layer(params, lift(x), { reverse: true });
        const [back, end] = layer(params, flipped);
        return [
          [there, back.flip(1)],
          [last, end],
        ];
      }),
    );
    for (const [a, b] of pairs) expectNear(a, [...b.data], 1e-6);
  });

  test("both ways: each half is a net of its own", async () => {
    const params = bidirectional.init(lstm, key, { inputs: 3, hidden: 4 });
    const [y, last] = bidirectional(lstm, params, lift(x));
    const [ahead] = lstm(params.forward, lift(x));
    const [, end] = lstm(params.backward, lift(x), { reverse: true });
    const results = await evaluate({ y, ahead, last: last.backward.cell, end: end.cell });
    expect(results.y.shape).toEqual([2, 5, 8]);
    const front = results.y.data.filter((_, i) => i % 8 < 4);
    expectNear(results.ahead, [...front], 1e-6);
    expectNear(results.last, [...results.end.data], 1e-6);
  });

  test("an lstm remembers from the start: its forget gates are biased by 1", async () => {
    const { input, hidden } = await evaluate(lstm.init(key, { inputs: 3, hidden: 2 }));
    expect([...(input.bias?.data ?? [])]).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
    expect(hidden.bias).toBeUndefined();
    expect(() =>
      lstm(
        { input: { weight: lift(zeros([3, 8])) }, hidden: { weight: lift(zeros([2, 8])) } },
        lift(zeros([2, 3])),
      ),
    ).toThrow(/expected \[batch, time, 3\]/);
  });
});

describe("normalisation", () => {
  test("batch statistics refuse a batch of one value a feature", () => {
    const [params, state] = [batchNorm.init({ features: 2 }), batchNorm.initState({ features: 2 })];
    expect(() => batchNorm(params, state, lift(zeros([1, 2])), { training: true })).toThrow(
      /no variance to train with/,
    );
    expect(() => batchNorm(params, state, lift(zeros([4, 3])))).toThrow(
      /expected \[N, 2, \.\.\.\]/,
    );
    expect(() => groupNorm(params, lift(zeros([1, 2, 3])), { groups: 3 })).toThrow(/3 groups/);
  });

  test("running statistics do not pass gradients, the batch's own do", async () => {
    const params = batchNorm.init({ features: 2 });
    const state = batchNorm.initState({ features: 2 });
    const x = wave(1, [6, 2]).astype("float32");
    const of = (z: Tensor) => batchNorm(params, state, z, { training: true });
    const [running, shifted] = await evaluate([
      grad((z: Tensor) => of(z)[1].mean.sum())(x),
      // Shifting and scaling the batch changes nothing: the gradient along the batch is 0.
      grad((s: Tensor) => of(lift(x).mul(s).add(s))[0].pow(3).sum())(2),
    ]);
    expectNear(running, new Array(12).fill(0));
    expectNear(shifted, 0, 1e-3);
  });

  test("a choice of norm has a state only where it needs one", async () => {
    const x = lift(wave(1, [4, 8, 3, 3]).astype("float32"));
    for (const norm of ["batch", "group", "instance", "none"] as const) {
      const chosen = featureNorm({ features: 8, norm });
      const [y, state] = chosen(chosen.init(), chosen.initState(), x, { training: true });
      expect(y.shape).toEqual([4, 8, 3, 3]);
      expect(Object.keys(state).length).toBe(norm === "batch" ? 2 : 0);
    }
  });
});

test("nets in a row, trained as one tree: arrays in, arrays out", async () => {
  const affine = (inputs: number, outputs: number) =>
    net((k) => dense.init(k, { inputs, outputs }), dense);
  const model = sequential(
    affine(2, 5),
    fixed((x) => x.tanh()),
    affine(5, 1),
  );
  const params = await evaluate(model.init(key));
  const predict = jit(model);
  const y = await predict(
    params,
    array([
      [1, 2],
      [3, 4],
    ]),
  );
  expect(y.shape).toEqual([2, 1]);
  expect(Object.keys(params[1])).toEqual([]);
  const byHand = jit((a: DenseParams, b: DenseParams, x: Tensor) => dense(b, dense(a, x).tanh()));
  expectNear(
    await byHand(
      params[0],
      params[2],
      array([
        [1, 2],
        [3, 4],
      ]),
    ),
    [...y.data],
    1e-6,
  );
});

test("embeddings pick rows; kernels without bias; transposed convolutions undo strides", async () => {
  const table = embedding.init(key, { symbols: 5, features: 3 });
  const kernel = conv.init(key, { inputs: 4, outputs: 6, kernel: [3], groups: 2, bias: false });
  const up = convTranspose.init(key, { inputs: 6, outputs: 2, kernel: 4, groups: 2 });
  const { rows, weight, mapped, upsampled, keyed } = await evaluate({
    rows: embedding(table, lift(array([[4, 0]], { dtype: "int32" }))),
    weight: table.weight,
    mapped: conv(kernel, lift(zeros([1, 4, 8])), { padding: "same", groups: 2 }),
    upsampled: convTranspose(up, lift(zeros([1, 6, 5, 5])), { stride: 2, padding: 1, groups: 2 }),
    keyed: vmap((k: Tensor) => conv.init(k, { inputs: 1, outputs: 1, kernel: 1 }).weight)(
      random.splitKeys(key, 3),
    ),
  });
  expect([...rows.data]).toEqual([...weight.data.slice(12, 15), ...weight.data.slice(0, 3)]);
  expect(kernel.bias).toBeUndefined();
  expect(mapped.shape).toEqual([1, 6, 8]);
  expect(upsampled.shape).toEqual([1, 2, 10, 10]);
  expect(new Set(keyed.data).size).toBe(3);
  expect(() => conv.init(key, { inputs: 3, outputs: 4, kernel: 3, groups: 2 })).toThrow(/2 groups/);
});
