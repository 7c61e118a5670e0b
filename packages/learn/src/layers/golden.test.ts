import { grad, jit, type NDArray, type Tensor } from "@etude/tensor";
import { describe, test } from "vitest";
import { expectNear, readGolden, wave } from "../testing/golden.ts";
import {
  batchNorm,
  conv,
  convTranspose,
  groupNorm,
  gru,
  instanceNorm,
  layerNorm,
  lstm,
  multiHeadAttention,
  type RecurrentParams,
  rmsNorm,
  rnn,
  transformerBlock,
} from "./index.ts";

type Values = Record<string, number[]>;

/** Made by `golden/make_layers.py`. */
const golden = readGolden("layers") as Record<
  "rnn" | "gru" | "lstm" | "preNorm" | "postNorm" | "batchNorm" | "stateless",
  Values
> & { attention: { causal: Values; cross: Values } };

const weighted = (y: Tensor, phase: number): Tensor => y.mul(wave(phase, y.shape)).sum();

describe("recurrent nets as PyTorch computes them", () => {
  const inputs = (gates: number) => ({
    params: {
      input: { weight: wave(1, [2, 3 * gates]), bias: wave(3, [3 * gates]) },
      hidden: { weight: wave(2, [3, 3 * gates]), bias: wave(4, [3 * gates]) },
    },
    x: wave(5, [2, 3, 2]),
    hidden: wave(6, [2, 3]),
    cell: wave(7, [2, 3]),
  });
  interface Inputs {
    params: RecurrentParams;
    x: Tensor;
    hidden: Tensor;
    cell: Tensor;
  }
  /** Results and last state, an LSTM's cell. */
  type Run = (given: Inputs) => [Tensor, Tensor];

  const check = async (run: Run, gates: number, expected: Values) => {
    const loss = (given: Inputs): [Tensor, Tensor] => {
      const [y, last] = run(given);
      return [weighted(y, 8).add(weighted(last, 9)), y];
    };
    const given = inputs(gates);
    const both = jit((all: Inputs) => ({
      y: loss(all)[1],
      gradient: grad((each: Inputs) => loss(each)[0])(all),
    }));
    const { y, gradient } = await both(given);
    expectNear(y, expected.y);
    const { input, hidden } = gradient.params as typeof given.params;
    const named: Record<string, NDArray> = {
      weight: input.weight,
      bias: input.bias,
      recurrence: hidden.weight,
      hiddenBias: hidden.bias,
      x: gradient.x,
      hidden: gradient.hidden,
      cell: gradient.cell,
    };
    for (const [name, values] of Object.entries(expected))
      if (name !== "y") expectNear(named[name], values);
  };

  test("rnn", () =>
    check(({ params, x, hidden }) => rnn(params, x, { initial: hidden }), 1, golden.rnn));

  test("gru", () =>
    check(({ params, x, hidden }) => gru(params, x, { initial: hidden }), 3, golden.gru));

  test("lstm", () =>
    check(
      ({ params, x, hidden, cell }) => {
        const [y, last] = lstm(params, x, { initial: { hidden, cell } });
        return [y, last.cell];
      },
      4,
      golden.lstm,
    ));
});

describe("attention as PyTorch computes it", () => {
  const projection = (i: number) => ({ weight: wave(i + 1, [4, 4]), bias: wave(i + 5, [4]) });
  const params = {
    query: projection(0),
    key: projection(1),
    value: projection(2),
    output: projection(3),
  };
  const x = wave(9, [2, 3, 4]);

  test("causal self-attention, with gradients", async () => {
    const run = jit((p: Parameters<typeof multiHeadAttention>[0], x: Tensor) => {
      const y = (q: typeof p, z: Tensor) => multiHeadAttention(q, z, { heads: 2, causal: true });
      const loss = (q: typeof p, z: Tensor) => weighted(y(q, z), 10);
      return { y: y(p, x), gradients: grad(loss, { argnums: [0, 1] })(p, x) };
    });
    const { y, gradients } = await run(params, x);
    const { causal } = golden.attention;
    const ofParams = gradients[0] as typeof params;
    expectNear(y, causal.y);
    expectNear(gradients[1], causal.x);
    expectNear(ofParams.query.weight, causal.query);
    expectNear(ofParams.key.weight, causal.key);
    expectNear(ofParams.value.weight, causal.value);
    expectNear(ofParams.output.weight, causal.output);
    expectNear(ofParams.value.bias, causal.valueBias);
  });

  test("cross-attention with a mask; PyTorch's masks say where not to look", async () => {
    const run = jit(
      (p: Parameters<typeof multiHeadAttention>[0], x: Tensor, memory: Tensor, m: Tensor) =>
        multiHeadAttention(p, x, { heads: 2, memory, mask: m.greaterEqual(-0.9) }),
    );
    expectNear(
      await run(params, x, wave(11, [2, 5, 4]), wave(12, [3, 5])),
      golden.attention.cross.y,
    );
  });

  test("transformer blocks, norms before and after", async () => {
    const block = {
      attention: params,
      attentionNorm: { scale: wave(17, [4]), bias: wave(18, [4]) },
      expand: { weight: wave(13, [4, 6]), bias: wave(14, [6]) },
      contract: { weight: wave(15, [6, 4]), bias: wave(16, [4]) },
      networkNorm: { scale: wave(19, [4]), bias: wave(20, [4]) },
    };
    const run = jit((p: Parameters<typeof transformerBlock>[0], x: Tensor) => [
      transformerBlock(p, x, { heads: 2 }),
      transformerBlock(p, x, { heads: 2, order: "post" }),
    ]);
    const [before, after] = await run(block, x);
    expectNear(before, golden.preNorm.y);
    expectNear(after, golden.postNorm.y);
  });
});

test("batch normalisation: training, its gradient, running statistics, evaluation", async () => {
  const expected = golden.batchNorm;
  const run = jit((scale: Tensor, bias: Tensor, mean: Tensor, root: Tensor, x: Tensor) => {
    const state = { mean, variance: root.mul(root).add(0.1) };
    const train = (s: Tensor, b: Tensor, z: Tensor) =>
      batchNorm({ scale: s, bias: b }, state, z, { training: true });
    const loss = (s: Tensor, b: Tensor, z: Tensor) => weighted(train(s, b, z)[0], 6);
    const [y, next] = train(scale, bias, x);
    const [evaluated, unchanged] = batchNorm({ scale, bias }, next, x);
    return {
      y,
      next,
      gradients: grad(loss, { argnums: [0, 1, 2] })(scale, bias, x),
      evaluated,
      drift: unchanged.mean.sub(next.mean).abs().sum(),
    };
  });
  const { y, next, gradients, evaluated, drift } = await run(
    wave(1, [2]),
    wave(2, [2]),
    wave(4, [2]),
    wave(5, [2]),
    wave(3, [3, 2, 2, 2]),
  );
  expectNear(y, expected.y);
  expectNear(next.mean, expected.mean);
  expectNear(next.variance, expected.variance);
  [expected.scale, expected.bias, expected.x].forEach((values, i) => {
    expectNear(gradients[i], values);
  });
  expectNear(evaluated, expected.evaluated);
  expectNear(drift, 0);
});

test("norms without state, and convolutions", async () => {
  const given = {
    images: wave(1, [2, 4, 3]),
    rows: wave(1, [2, 4]),
    params: { scale: wave(2, [4]), bias: wave(3, [4]) },
    conv: { weight: wave(2, [6, 2, 3, 3]), bias: wave(3, [6]) },
    convInput: wave(1, [1, 4, 5, 5]),
    sequence: { weight: wave(2, [3, 2, 3]), bias: wave(3, [3]) },
    sequenceInput: wave(1, [2, 2, 5]),
    transposed: { weight: wave(2, [2, 2, 3, 3]), bias: wave(3, [4]) },
    transposedInput: wave(1, [1, 2, 3, 3]),
  };
  const run = jit((all: { [K in keyof typeof given]: Symbolic<(typeof given)[K]> }) => ({
    group: groupNorm(all.params, all.images, { groups: 2 }),
    instance: instanceNorm(all.params, all.images),
    layer: layerNorm(all.params, all.rows),
    rms: rmsNorm(all.params, all.rows),
    conv: conv(all.conv, all.convInput, { stride: 2, padding: 2, dilation: 2, groups: 2 }),
    sequenceConv: conv(all.sequence, all.sequenceInput, { padding: 1 }),
    convTranspose: convTranspose(all.transposed, all.transposedInput, {
      stride: 2,
      padding: 1,
      outputPadding: 1,
      groups: 2,
    }),
  }));
  const results = await run(given);
  for (const [name, values] of Object.entries(golden.stateless))
    expectNear(results[name as keyof typeof results], values);
});

type Symbolic<T> = T extends NDArray ? Tensor : { [K in keyof T]: Symbolic<T[K]> };
