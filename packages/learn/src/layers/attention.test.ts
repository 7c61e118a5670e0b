import {
  array,
  evaluate,
  grad,
  lift,
  type NDArray,
  ones,
  random,
  type Tensor,
  zeros,
} from "@etude/tensor";
import { describe, expect, test } from "vitest";
import { expectNear, wave } from "../testing/golden.ts";
import {
  attention,
  learnedEncoding,
  multiHeadAttention,
  rotary,
  sinusoidalEncoding,
  timeEmbedding,
  transformerBlock,
} from "./index.ts";

const key = random.key(3);

describe("attention", () => {
  const x = wave(1, [2, 6, 4]);
  const y = wave(2, [2, 6, 3]);

  test("a causal result does not depend on what comes later", async () => {
    const params = multiHeadAttention.init(key, { inputs: 4, heads: 2, dtype: "float64" });
    const block = transformerBlock.init(key, {
      features: 4,
      heads: 2,
      norm: "rms",
      dtype: "float64",
    });
    const last = (z: Tensor, weights: "softmax" | "linear" | "kernel") =>
      multiHeadAttention(params, z, { heads: 2, causal: true, weights, rotary: true })
        .slice(null, 2)
        .sum();
    const slopes = await evaluate([
      ...(["softmax", "linear", "kernel"] as const).map((weights) =>
        grad((z: Tensor) => last(z, weights))(x),
      ),
      grad((z: Tensor) =>
        transformerBlock(block, z, { heads: 2, causal: true }).slice(null, 2).sum(),
      )(x),
    ]);
    for (const slope of slopes) {
      const size = [0, 1, 2, 3, 4, 5].map((time) =>
        Array.from(slope.data).reduce(
          (most, v, i) => (Math.floor(i / 4) % 6 === time ? Math.max(most, Math.abs(v)) : most),
          0,
        ),
      );
      expect(Math.min(...size.slice(0, 3))).toBeGreaterThan(1e-4);
      expect(size.slice(3)).toEqual([0, 0, 0]);
    }
  });

  test("linear attention: both orders of the product, and the masked sum, agree", async () => {
    const q = wave(3, [2, 6, 4]);
    const k = lift(x);
    const all = array([true], { shape: [1, 1] });
    const results = await evaluate({
      cheap: attention(lift(q), k, lift(y), { weights: "linear", scale: 0.5 }),
      written: lift(q).matmul(k.swapAxes(-1, -2)).mul(0.5).matmul(y),
      kernel: attention(lift(q), k, lift(y), { weights: "kernel" }),
      kernelMasked: attention(lift(q), k, lift(y), { weights: "kernel", mask: lift(all) }),
      // Weights that add up to 1 leave constants as they are.
      constant: attention(lift(q), k, lift(ones([2, 6, 1], "float64")), {
        weights: "kernel",
        causal: true,
      }),
    });
    expectNear(results.cheap, [...results.written.data], 1e-12);
    expectNear(results.kernel, [...results.kernelMasked.data], 1e-12);
    expectNear(results.constant, new Array(12).fill(1), 1e-12);
  });

  test("a query that sees nothing gets a finite result; masks of each example serve its heads", async () => {
    const none = lift(zeros([6, 6], "bool"));
    const params = multiHeadAttention.init(key, { inputs: 4, heads: 2, dtype: "float64" });
    const perExample = array(
      [
        [1, 1, 1, 0, 0, 0],
        [1, 1, 1, 1, 1, 1],
      ].map((row) => row.map((v) => v === 1)),
    ).reshape([2, 1, 6]);
    const results = await evaluate({
      softmax: attention(lift(x), lift(x), lift(y), { mask: none }),
      mean: lift(y).mean(1, { keepDims: true }).broadcastTo([2, 6, 3]),
      linear: attention(lift(x), lift(x), lift(y), { mask: none, weights: "linear" }),
      kernel: attention(lift(x), lift(x), lift(y), { mask: none, weights: "kernel" }),
      masked: multiHeadAttention(params, lift(x), { heads: 2, mask: lift(perExample) }),
      cut: multiHeadAttention(params, lift(x), { heads: 2, memory: lift(x).slice(null, [0, 3]) }),
      whole: multiHeadAttention(params, lift(x), { heads: 2 }),
    });
    expectNear(results.softmax, [...results.mean.data], 1e-12);
    expectNear(results.linear, new Array(36).fill(0));
    expectNear(results.kernel, new Array(36).fill(0));
    const { masked, cut, whole } = results;
    expectNear(masked, [...cut.data.slice(0, 24), ...whole.data.slice(24)], 1e-12);
  });

  test("says what does not fit", () => {
    const t = lift(x);
    expect(() => attention(t, t, lift(zeros([2, 5, 3])))).toThrow(/keys and values places/);
    expect(() => attention(t, t, t, { weights: "kernel", scale: 2 })).toThrow(/leave it out/);
    expect(() => multiHeadAttention.init(key, { inputs: 6, heads: 4 })).toThrow(
      /choose a headSize/,
    );
  });
});

describe("positions", () => {
  test("rotary: products of queries and keys depend on their distance only", async () => {
    const [q, k] = [wave(1, [1, 8]), wave(2, [1, 8])];
    const at = (x: NDArray, place: number) =>
      rotary(lift(x), { positions: lift(array([place], { dtype: "float64" })) });
    const product = (i: number, j: number) => at(q, i).mul(at(k, j)).sum();
    const [a, b, c, plain, still] = await evaluate([
      product(5, 2),
      product(43, 40),
      product(5, 3),
      lift(q).mul(k).sum(),
      product(9, 9),
    ]);
    expect(a.item()).toBeCloseTo(b.item(), 10);
    expect(Math.abs(a.item() - c.item())).toBeGreaterThan(0.01);
    expect(still.item()).toBeCloseTo(plain.item(), 10);
  });

  test("sinusoidal encodings and time embeddings, by their formulas", async () => {
    const table = sinusoidalEncoding(50, 6);
    expectNear(table.data[7 * 6 + 4], Math.sin(7 / 10_000 ** (4 / 6)), 1e-6);
    expectNear(table.data[49 * 6 + 3], Math.cos(49 / 10_000 ** (2 / 6)), 1e-6);
    const times = await evaluate(timeEmbedding(lift(array([0, 250])), 8));
    const angle = 250 / 10_000 ** (2 / 3);
    expectNear(times.data[8 + 2], Math.sin(angle), 1e-5);
    expectNear(times.data[8 + 4 + 2], Math.cos(angle), 1e-5);
    expect([...times.data.slice(0, 8)]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    expect(() => sinusoidalEncoding(4, 5)).toThrow(/even number/);
  });

  test("learned encodings are added from the front, and refuse longer sequences", async () => {
    const params = learnedEncoding.init(key, { length: 4, features: 2 });
    const [weight, y] = await evaluate([
      params.weight,
      learnedEncoding(params, lift(zeros([1, 3, 2]))),
    ]);
    expect(y.data).toEqual(weight.data.slice(0, 6));
    expect(() => learnedEncoding(params, lift(zeros([1, 5, 2])))).toThrow(/sequence of 5/);
  });
});
