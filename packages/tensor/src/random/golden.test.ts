/** Against JAX: `golden/random.json`, made by `golden/make_random.py`. */
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { array, evaluate, jit, NDArray, type NestedList, random, type Tensor } from "../index.ts";

type Values = NestedList;

interface Samples {
  seed: string;
  key: Values;
  bits: Record<string, Values>;
  randint: Record<string, Values>;
  [name: string]: Values | string | Record<string, Values>;
}

interface Golden {
  jax: string;
  logits: Values;
  keys: Samples[];
  manyBits: { sum: number; xor: number; last: number };
  longPermutation: Values;
  wholeRange: Values;
}

const golden = JSON.parse(
  await readFile(new URL("../../golden/random.json", import.meta.url), "utf8"),
) as Golden;

const logits64 = array(golden.logits, { dtype: "float64" });
const logits = logits64.astype("float32");
const matrix = array(
  Float32Array.from({ length: 12 }, (_, i) => i),
  { shape: [3, 4] },
);
const int32 = (values: number[]) => array(values, { dtype: "int32" });

/** Results that must equal JAX's. */
const exact = (key: Tensor, lows: Tensor, highs: Tensor) => ({
  bits: Object.fromEntries(
    Object.keys(golden.keys[0].bits).map((shape) => [shape, random.bits(key, JSON.parse(shape))]),
  ),
  split2: random.split(key),
  split5: random.splitKeys(key, 5),
  foldIn: [0, 1, 12345, 2 ** 32 - 1].map((data) => random.foldIn(key, data)),
  uniform: random.uniform(key, [11]),
  uniform64: random.uniform(key, [7], { dtype: "float64" }),
  bernoulli: random.bernoulli(key, 0.3, [9]),
  bernoulliArray: random.bernoulli(key, array([0, 0.25, 0.5, 1]), [3, 4]),
  randint: Object.fromEntries(
    Object.keys(golden.keys[0].randint).map((range) => {
      const [low, high] = JSON.parse(range) as [number, number];
      return [range, random.randint(key, [8], low, high)];
    }),
  ),
  randintArrays: random.randint(key, [2, 3], lows, highs),
  permutation: random.permutation(key, 13),
  permutationColumns: random.permutation(key, matrix, { axis: 1 }),
  categorical: random.categorical(key, logits),
  categoricalRows: random.categorical(key, logits, { axis: 0 }),
  categoricalMany: random.categorical(key, logits, { axis: 0, shape: [5, 6] }),
  categorical64: random.categorical(key, logits64),
});

/** Results that agree to rounding. */
const close = (key: Tensor) => ({
  uniformRange: random.uniform(key, [3, 4], { low: -3, high: 7.5 }),
  normal: random.normal(key, [4, 5]),
  truncatedNormal: random.truncatedNormal(key, -2, 2, [3, 4]),
  truncatedNormalBounds: random.truncatedNormal(
    key,
    array([-1, 0.5, Number.NEGATIVE_INFINITY]),
    array([3, 1.5, 0]),
  ),
  exponential: random.exponential(key, [6]),
  gumbel: random.gumbel(key, [6]),
  laplace: random.laplace(key, [6]),
  uniformRange64: random.uniform(key, [7], { low: -3, high: 7.5, dtype: "float64" }),
  normal64: random.normal(key, [2, 5], { dtype: "float64" }),
  truncatedNormal64: random.truncatedNormal(key, 0.5, 1.5, [5], { dtype: "float64" }),
  gumbel64: random.gumbel(key, [5], { dtype: "float64" }),
});
/** Error allowed: relative, for values below 1 absolute. */
const tolerance = (name: string) => (name.endsWith("64") ? 1e-12 : 1e-5);

/** Nested lists in place of arrays, anywhere in a tree. */
function lists(tree: unknown): unknown {
  if (tree instanceof NDArray) return tree.tolist();
  if (Array.isArray(tree)) return tree.map(lists);
  return Object.fromEntries(
    Object.entries(tree as object).map(([name, value]) => [name, lists(value)]),
  );
}

test("keys, bits, uniform samples and whole numbers equal JAX's", async () => {
  const sample = jit(exact);
  const [lows, highs] = [int32([0, -7, 5]), int32([10, 100000, 5])];
  for (const expected of golden.keys) {
    const key = random.key(BigInt(expected.seed));
    expect(key.tolist()).toEqual(expected.key);
    expect({ ...expected, ...(lists(await sample(key, lows, highs)) as object) }).toEqual(expected);
  }
});

test("samples of continuous distributions agree with JAX's to rounding", async () => {
  const sample = jit(close);
  const worst: Record<string, number> = {};
  for (const expected of golden.keys) {
    const results = await sample(random.key(BigInt(expected.seed)));
    for (const [name, result] of Object.entries(results)) {
      const reference = array(expected[name] as Values, { dtype: "float64" });
      expect([name, result.shape]).toEqual([name, reference.shape]);
      result.data.forEach((value, i) => {
        const error =
          Math.abs(value - reference.data[i]) / Math.max(1, Math.abs(reference.data[i]));
        worst[name] = Math.max(worst[name] ?? 0, error);
      });
    }
  }
  const beyond = Object.entries(worst).filter(([name, error]) => !(error <= tolerance(name)));
  expect(beyond).toEqual([]);
});

test("large samples, long permutations and the whole range of int32 equal JAX's", async () => {
  const key = random.key(42);
  const { bits, order, whole } = await evaluate({
    bits: random.bits(key, [100003]),
    order: random.permutation(key, 2000),
    whole: random.randint(key, [8], -(2 ** 31), 2 ** 31),
  });
  let [sum, xor] = [0, 0];
  for (const word of bits.data) {
    sum = (sum + word) % 2 ** 32;
    xor = (xor ^ word) >>> 0;
  }
  expect({ sum, xor, last: bits.data[100002] }).toEqual(golden.manyBits);
  expect(order.tolist()).toEqual(golden.longPermutation);
  expect(whole.tolist()).toEqual(golden.wholeRange);
});
