import { evaluate, jit, type NDArray, random, type Tensor, vmap } from "@etude/tensor";
import { describe, expect, test } from "vitest";
import { dense, initializers } from "./index.ts";
import { expectNear } from "./testing/golden.ts";

const key = random.key(7);

const meanSquare = ({ data }: NDArray) =>
  Array.from(data).reduce((sum, v) => sum + v * v, 0) / data.length;
const largest = ({ data }: NDArray) =>
  Array.from(data).reduce((most, v) => Math.max(most, Math.abs(v)), 0);

describe("variance", () => {
  const shape = [128, 256];
  const cases = {
    lecunNormal: [initializers.lecunNormal(), 1 / 128],
    lecunUniform: [initializers.lecunUniform(), 1 / 128],
    glorotNormal: [initializers.glorotNormal(), 2 / (128 + 256)],
    glorotUniform: [initializers.glorotUniform(), 2 / (128 + 256)],
    heNormal: [initializers.heNormal(), 2 / 128],
    heUniform: [initializers.heUniform(), 2 / 128],
    torchLinear: [initializers.torchLinear(), 1 / (3 * 128)],
    outputs: [
      initializers.varianceScaling({ scale: 3, fan: "outputs", distribution: "normal" }),
      3 / 256,
    ],
    normal: [initializers.normal({ deviation: 0.5 }), 0.25],
    // What is left between -2 and 2 deviations has 0.8796 of the deviation.
    truncatedNormal: [
      initializers.truncatedNormal({ deviation: 0.5 }),
      0.25 * 0.8796256610342398 ** 2,
    ],
    uniform: [initializers.uniform({ low: -3, high: 3 }), 3],
  } as const;
  type Name = keyof typeof cases;

  test("is 1 or 2 over the fans, also after truncation", async () => {
    const draw = jit((k: Tensor) =>
      Object.fromEntries(Object.entries(cases).map(([name, [make]]) => [name, make(k, shape)])),
    );
    const drawn = await draw(key);
    // 32768 samples: the mean square of a normal is known to sqrt(2 / 32768) = 0.8 %.
    for (const [name, [, variance]] of Object.entries(cases))
      expect(meanSquare(drawn[name as Name]) / variance, name).toBeCloseTo(1, 1.4);
    expect(largest(drawn.torchLinear)).toBeLessThanOrEqual(1 / Math.sqrt(128));
    expect(largest(drawn.torchLinear)).toBeGreaterThan(0.999 / Math.sqrt(128));
    expect(largest(drawn.heNormal)).toBeLessThanOrEqual((2 * Math.sqrt(2 / 128)) / 0.8796);
    expect(largest(drawn.truncatedNormal)).toBeLessThan(1);
  });

  test("of kernels counts the window: [O, I, K...]", async () => {
    expect(initializers.fansOf([8, 4, 3, 3])).toEqual({ inputs: 36, outputs: 72 });
    expect(initializers.fansOf([5, 7])).toEqual({ inputs: 5, outputs: 7 });
    expect(() => initializers.heNormal()(key, [7])).toThrow(/\[7\] has no fans/);
  });
});

test("orthogonal: rows or columns, whichever are fewer, are orthonormal", async () => {
  const orthogonal = initializers.orthogonal({ gain: 2 });
  const products = await evaluate(
    [
      [9, 5],
      [5, 9],
      [6, 2, 3, 1],
    ].map((shape) => {
      const q = orthogonal(key, shape, { dtype: "float64" }).reshape([shape[0], -1]);
      const [rows, columns] = q.shape;
      return rows >= columns ? q.transpose().matmul(q) : q.matmul(q.transpose());
    }),
  );
  for (const { shape, data } of products) {
    const [n] = shape;
    const expected = Array.from(data, (_, at) => (at % (n + 1) === 0 ? 4 : 0));
    expectNear({ shape, data } as NDArray, expected, 1e-12);
  }
  expect(() => orthogonal(key, [4])).toThrow(/no matrix/);
});

test("keys: vmap over a stack makes what each makes alone", async () => {
  const init = (k: Tensor) =>
    dense.init(k, {
      inputs: 3,
      outputs: 2,
      weight: initializers.orthogonal(),
      bias: initializers.torchLinear(),
    });
  const run = jit((k: Tensor) => {
    const keys = random.splitKeys(k, 4);
    return { together: vmap(init)(keys), alone: init(keys.slice(2)) };
  });
  const { together, alone } = await run(key);
  expect(together.weight.shape).toEqual([4, 3, 2]);
  expectNear(alone.weight, Array.from(together.weight.data.slice(12, 18)), 1e-6);
  expectNear(alone.bias ?? 0, Array.from(together.bias?.data.slice(4, 6) ?? []), 1e-6);
  // The bias of torchLinear is spread as its weight's fans say: within 1 / sqrt(3).
  expect(largest(alone.bias as NDArray)).toBeLessThan(1 / Math.sqrt(3));
});

test("constants, and float64", async () => {
  const [ones, half] = await evaluate([
    initializers.ones()(key, [2], { dtype: "float64" }),
    initializers.constant(0.5)(key, [2]),
  ]);
  expect([ones.dtype, [...ones.data], half.dtype, [...half.data]]).toEqual([
    "float64",
    [1, 1],
    "float32",
    [0.5, 0.5],
  ]);
  expect(() => initializers.varianceScaling({ scale: 0 })).toThrow(/not positive/);
});
