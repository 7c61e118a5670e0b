import { expect, test } from "vitest";
import {
  arange,
  array,
  evaluate,
  grad,
  jit,
  lift,
  type NDArray,
  random,
  scan,
  sort,
  stack,
  type Tensor,
  vmap,
} from "../index.ts";

const logits = array([0.5, -1, 2, 0]);

/** One sample of every kind, small. */
const samplers: Record<string, (key: Tensor) => Tensor> = {
  splitKeys: (key) => random.splitKeys(key, 3),
  foldIn: (key) => random.foldIn(key, 7),
  bits: (key) => random.bits(key, [2, 3]),
  scalar: (key) => random.bits(key),
  uniform: (key) => random.uniform(key, [3]),
  uniform64: (key) =>
    random.uniform(key, [2, 2], {
      low: -1,
      high: array([1, 2], { dtype: "float64" }),
      dtype: "float64",
    }),
  normal: (key) => random.normal(key, [2, 3]),
  truncatedNormal: (key) => random.truncatedNormal(key, array([-1, 0]), 1),
  exponential: (key) => random.exponential(key, [3]),
  gumbel: (key) => random.gumbel(key, [3]),
  laplace: (key) => random.laplace(key, [3]),
  bernoulli: (key) => random.bernoulli(key, array([0.2, 0.8])),
  categorical: (key) => random.categorical(key, logits, { shape: [5] }),
  randint: (key) => random.randint(key, [4], -10, 1000),
  permutation: (key) => random.permutation(key, 6),
  rows: (key) => random.permutation(key, arange(6).reshape([3, 2])),
};

/** Largest difference between corresponding entries; infinite where shapes differ. */
function difference(a: NDArray, b: NDArray): number {
  if (a.shape.join() !== b.shape.join()) return Number.POSITIVE_INFINITY;
  return Math.max(0, ...Array.from(a.data, (value, i) => Math.abs(value - b.data[i])));
}

test("a key is worth the same as a constant, as an argument and under vmap", async () => {
  const names = Object.keys(samplers);
  const drawAll = (key: Tensor) => names.map((name) => samplers[name](key));
  const keys = array(Uint32Array.of(0, 3, 0, 14, 0, 15), { shape: [3, 2] });
  const [together, apart] = await jit((all: Tensor) => {
    const rows = all.unstack().map(drawAll);
    return [vmap(drawAll)(all), names.map((_, i) => stack(rows.map((row) => row[i])))];
  })(keys);
  const constantKey = await evaluate(drawAll(lift(random.key(3))));
  const argument = await jit(drawAll)(random.key(3));
  names.forEach((name, i) => {
    // Logarithms may round differently where an entry falls into another lane of the processor.
    const allowed = together[i].dtype === "float32" ? 1e-6 : 0;
    expect([name, difference(together[i], apart[i]) <= allowed]).toEqual([name, true]);
    expect([name, constantKey[i].tolist()]).toEqual([name, argument[i].tolist()]);
  });
});

test("vmap over keys within vmap over keys and parameters", async () => {
  const draw = (key: Tensor, scores: Tensor) => random.categorical(key, scores, { shape: [4] });
  const table = array([
    [0, 1, 2],
    [2, 0, 1],
  ]);
  const [nested, looped, shared] = await jit((key: Tensor, t: Tensor) => {
    const keys = random.splitKeys(key, 6).reshape([2, 3, 2]);
    const perRow = vmap((own: Tensor, row: Tensor) => vmap((k: Tensor) => draw(k, row))(own));
    const rows = t.unstack();
    return [
      perRow(keys, t),
      stack(keys.unstack().map((own, i) => stack(own.unstack().map((k) => draw(k, rows[i]))))),
      vmap((row: Tensor) => draw(key, row))(t).sub(stack(rows.map((row) => draw(key, row)))),
    ];
  })(random.key(8), table);
  expect(nested.tolist()).toEqual(looped.tolist());
  expect(nested.shape).toEqual([2, 3, 4]);
  expect(shared.tolist()).toEqual([
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ]);
});

test("a scan that splits the key it carries draws what a loop draws", async () => {
  const step = (key: Tensor): [Tensor, Tensor] => {
    const [next, now] = random.split(key);
    return [next, random.uniform(now, [2])];
  };
  const scanned = (key: Tensor) => scan((state: Tensor) => step(state), key, null, { length: 5 });
  const unrolled = (key: Tensor) => {
    const draws: Tensor[] = [];
    let state = key;
    for (let i = 0; i < 5; i++) {
      const [next, draw] = step(state);
      draws.push(draw);
      state = next;
    }
    return [state, stack(draws)];
  };
  const key = random.key(5);
  const [inLoop, oneByOne] = await jit((k: Tensor) => [scanned(k), unrolled(k)])(key);
  expect(inLoop.map((result) => result.tolist())).toEqual(
    oneByOne.map((result) => result.tolist()),
  );
  const keys = await evaluate(random.splitKeys(key, 2));
  const [batched, first, second] = await jit((all: Tensor) => [
    vmap((k: Tensor) => scanned(k)[1])(all),
    ...all.unstack().map((k) => unrolled(k)[1]),
  ])(keys);
  expect(batched.tolist()).toEqual([first.tolist(), second.tolist()]);
});

test("a split's keys are those of folding in their numbers, however many", async () => {
  const key = random.key(11);
  const { two, five, folded, negative, largest } = await evaluate({
    two: stack(random.split(key)),
    five: random.splitKeys(key, 5),
    folded: stack([0, 1, 2, 3, 4].map((i) => random.foldIn(key, i))),
    negative: random.foldIn(key, array(Int32Array.of(-1)).reshape([])),
    largest: random.foldIn(key, 2 ** 32 - 1),
  });
  expect(five.tolist()).toEqual(folded.tolist());
  expect(two.tolist()).toEqual((five.tolist() as number[][]).slice(0, 2));
  expect(negative.tolist()).toEqual(largest.tolist());
});

test("seeds beyond 32 bits keep all their bits", () => {
  expect(random.key(2 ** 32 + 5).tolist()).toEqual([1, 5]);
  expect(random.key(-1).tolist()).toEqual([2 ** 32 - 1, 2 ** 32 - 1]);
  expect(random.key(-(2n ** 63n)).tolist()).toEqual([2 ** 31, 0]);
  expect(random.key(2n ** 64n - 1n).tolist()).toEqual([2 ** 32 - 1, 2 ** 32 - 1]);
});

test("empty and single samples", async () => {
  const key = random.key(0);
  const results = await evaluate({
    bits: random.bits(key, [0]),
    normal: random.normal(key, [2, 0]),
    uniform64: random.uniform(key, [0, 3], { dtype: "float64" }),
    some: random.categorical(key, array([[1, 2]]), { shape: [0, 1] }),
    none: random.permutation(key, 0),
    one: random.permutation(key, 1),
  });
  const shapes = Object.entries(results).map(([name, { shape }]) => [name, shape]);
  expect(Object.fromEntries(shapes)).toEqual({
    bits: [0],
    normal: [2, 0],
    uniform64: [0, 3],
    some: [0, 1],
    none: [0],
    one: [1],
  });
});

const count = 100_000;

/** Continuous distributions with their distribution functions. */
const distributions: Record<string, [(key: Tensor) => Tensor, (x: Tensor) => Tensor]> = {
  uniform: [(key) => random.uniform(key, [count], { low: -2, high: 5 }), (x) => x.add(2).div(7)],
  normal: [(key) => random.normal(key, [count]), (x) => x.mul(Math.SQRT1_2).erf().add(1).mul(0.5)],
  normal64: [
    (key) => random.normal(key, [count], { dtype: "float64" }),
    (x) => x.mul(Math.SQRT1_2).erf().add(1).mul(0.5),
  ],
  exponential: [(key) => random.exponential(key, [count]), (x) => x.neg().expm1().neg()],
  gumbel: [(key) => random.gumbel(key, [count]), (x) => x.neg().exp().neg().exp()],
  laplace: [
    (key) => random.laplace(key, [count]),
    (x) => x.sign().mul(x.abs().neg().expm1()).neg().add(1).mul(0.5),
  ],
};

test("samples follow their distributions (Kolmogorov-Smirnov at 1 in 1000)", async () => {
  const sorted = await jit((key: Tensor) =>
    Object.values(distributions).map(([draw, cdf]) => sort(cdf(draw(key)))),
  )(random.key(2718));
  const distances = sorted.map(({ data }) => {
    let distance = 0;
    data.forEach((p, i) => {
      distance = Math.max(distance, p - i / count, (i + 1) / count - p);
    });
    return distance;
  });
  const beyond = Object.keys(distributions).filter(
    (_, i) => !(distances[i] < 1.95 / Math.sqrt(count)),
  );
  expect(beyond).toEqual([]);
});

test("normal samples have mean 0, variance 1 and no correlation with their neighbours", async () => {
  const [mean, variance, fourth, neighbour] = await evaluate(
    (() => {
      const x = random.normal(random.key(31), [count]);
      return [
        x.mean(),
        x.mul(x).mean(),
        x.mul(x).mul(x).mul(x).mean(),
        x
          .slice([1])
          .mul(x.slice([0, -1]))
          .mean(),
      ];
    })(),
  );
  const deviation = 4 / Math.sqrt(count); // four standard errors of a mean of terms of variance 1
  expect(Math.abs(mean.item())).toBeLessThan(deviation);
  expect(Math.abs(variance.item() - 1)).toBeLessThan(deviation * Math.sqrt(2));
  expect(Math.abs(fourth.item() - 3)).toBeLessThan(deviation * Math.sqrt(96));
  expect(Math.abs(neighbour.item())).toBeLessThan(deviation);
});

/** How often 0, 1, ..., classes - 1 occur. */
function frequencies(samples: NDArray, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const sample of samples.data) counts[sample]++;
  return counts.map((n) => n / samples.size);
}

test("discrete samples have the frequencies asked for", async () => {
  const [classes, heads, dice, probabilities] = await evaluate([
    random.categorical(random.key(1), logits, { shape: [count] }),
    random.bernoulli(random.key(2), 0.2, [count]).astype("int32"),
    random.randint(random.key(3), [count], -1, 5).add(1),
    lift(logits).softmax(),
  ]);
  const check = (samples: NDArray, expected: readonly number[]) => {
    frequencies(samples, expected.length).forEach((frequency, i) => {
      const error = Math.sqrt((expected[i] * (1 - expected[i])) / count);
      expect(Math.abs(frequency - expected[i])).toBeLessThan(4 * error);
    });
  };
  check(classes, Array.from(probabilities.data));
  check(heads, [0.8, 0.2]);
  check(dice, new Array<number>(6).fill(1 / 6));
});

test("certain and impossible events are just that", async () => {
  const never = Number.NEGATIVE_INFINITY;
  const { all, none, only } = await evaluate({
    all: random.bernoulli(random.key(4), 1, [count]).astype("int32").min(),
    none: random.bernoulli(random.key(4), 0, [count]).astype("int32").max(),
    only: random.categorical(random.key(4), array([never, 3, never]), { shape: [1000] }),
  });
  expect([all.item(), none.item()]).toEqual([1, 0]);
  expect(only.data.every((choice) => choice === 1)).toBe(true);
});

test("a permutation has every entry once and moves rows as a whole", async () => {
  const rows = arange(0, 3000, 1, "int32").reshape([1500, 2]);
  const { order, long, table } = await evaluate({
    order: random.permutation(random.key(6), 1500),
    long: random.permutation(random.key(6), 5000), // more than one round
    table: random.permutation(random.key(6), rows),
  });
  const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
  expect(Array.from(order.data).sort((a, b) => a - b)).toEqual(upTo(1500));
  expect(Array.from(long.data).sort((a, b) => a - b)).toEqual(upTo(5000));
  expect(Array.from(order.data)).not.toEqual(upTo(1500));
  expect(table.tolist()).toEqual(Array.from(order.data, (row) => [2 * row, 2 * row + 1]));
});

test("truncated normal samples stay strictly within their bounds, however far out or close", async () => {
  const float = (x: number) => Math.fround(x);
  const infinite = Number.POSITIVE_INFINITY;
  const bounds: [number, number][] = [
    [-2, 2],
    [-infinite, infinite],
    [-infinite, -1],
    [5, 9], // erf of either bound is 1, or nearly, in float32
    [-9, -7],
    [-9, 9],
    [0, 1e-30],
    [1, 1 + 2 ** -22], // one float32 between them
    [-1 - 2 ** -22, -1],
    [0.1, 0.3],
  ];
  const results = await evaluate(
    bounds.map(([low, high]) => random.truncatedNormal(random.key(9), low, high, [20_000])),
  );
  const outside = bounds.filter(([low, high], i) =>
    results[i].data.some((x) => !(Number.isFinite(x) && x > float(low) && x < float(high))),
  );
  expect(outside).toEqual([]);
});

test("samples are differentiable in the parameters of their distributions", async () => {
  const key = random.key(12);
  const options = { dtype: "float64" } as const;
  const losses: ((x: Tensor) => Tensor)[] = [
    (x) => random.uniform(key, [4], { low: x, high: 3, ...options }),
    (x) => random.uniform(key, [4], { low: -3, high: x, ...options }),
    (x) => random.truncatedNormal(key, x, 2, [4], options),
    (x) => random.truncatedNormal(key, -2, x, [4], options),
    (x) => random.normal(key, [4], options).mul(x).add(x),
    (x) =>
      random.permutation(key, stack([x, x.mul(x), x.exp()])).mul(array(Float64Array.of(1, 2, 3))),
  ];
  const h = 1e-6;
  const check = jit((x: Tensor) =>
    losses.map((draw) => {
      const loss = (t: Tensor) => draw(t).sum();
      const central = loss(x.add(h))
        .sub(loss(x.sub(h)))
        .div(2 * h);
      return [grad(loss)(x), central];
    }),
  );
  for (const [slope, central] of await check(array(Float64Array.of(0.3)).reshape([]))) {
    expect(Math.abs(slope.item() - central.item())).toBeLessThan(1e-8);
    expect(Math.abs(slope.item())).toBeGreaterThan(0.1);
  }
});

test("invalid arguments are refused with what is wrong", () => {
  const key = random.key(0);
  const float64 = array(Float64Array.of(0.5));
  const wrong: [() => unknown, RegExp][] = [
    [() => random.key(0.5), /key: seed 0\.5 is not a safe integer/],
    [() => random.key(2 ** 60), /not a safe integer.*bigint/],
    [() => random.key(2n ** 64n), /not a 64-bit integer/],
    [() => random.bits(0, [2]), /bits: 0 is no key; make one with random\.key/],
    [() => random.normal(array([0, 1]), [2]), /normal: a key is uint32\[2\], got float32\[2\]/],
    [() => random.split(array(Uint32Array.of(0, 1, 2))), /a key is uint32\[2\], got uint32\[3\]/],
    [
      () => random.bits(array(new Uint32Array(6), { shape: [3, 2] }), [2]),
      /got uint32\[3, 2\]; vmap over a stack of keys/,
    ],
    [() => random.split(key, 0), /0 is no number of keys/],
    [() => random.foldIn(key, -1), /foldIn: -1 is not an integer from 0/],
    [() => random.foldIn(key, array([1])), /shape \[\], got float32\[1\].*astype\("int32"\)/],
    [() => random.bits(key, [2, -1]), /shape \[2,-1\] is not a list of lengths/],
    [() => random.bits(key, 3 as unknown as number[]), /shape 3 is not a list of lengths/],
    [() => random.uniform(key, [2], { low: 1, high: 1 }), /nothing lies between 1 and 1/],
    [
      () => random.uniform(key, [2], { low: array([0, 3]), high: 2 }),
      /nothing lies between 3 and 2/,
    ],
    [() => random.uniform(key, [2], { high: Number.NaN }), /high is NaN, not a finite number/],
    [() => random.uniform(key, [2], { low: float64 }), /low is float64 where float32 belongs/],
    [
      () => random.uniform(key, [2], { low: array([0, 0, 0]) }),
      /shape \[3\] does not broadcast.*\[2\]/,
    ],
    [
      () => random.normal(key, [2], { dtype: "int32" as "float32" }),
      /float32 or float64, not int32/,
    ],
    [() => random.truncatedNormal(key, 2, 1), /nothing lies between 2 and 1/],
    [
      () => random.truncatedNormal(key, array([0, 0]), array([1, 1, 1])),
      /\[2\] and \[3\] do not broadcast/,
    ],
    [() => random.bernoulli(key, 1.5), /1\.5 is no probability/],
    [() => random.bernoulli(key, array([0.5, Number.NaN])), /NaN is no probability/],
    [() => random.bernoulli(key, array([0.5, 0.5]), [3]), /shape \[2\] does not broadcast/],
    [() => random.categorical(key, array(Int32Array.of(1, 2))), /float32 or float64, not int32/],
    [() => random.categorical(key, array([1, 2]), { axis: 1 }), /axis 1 is outside/],
    [
      () => random.categorical(key, array([[1], [2], [3]]), { shape: [2] }),
      /shape \[3\] does not broadcast/,
    ],
    [() => random.randint(key, [2], 3, 3), /nothing lies between 3 and 3/],
    [() => random.randint(key, [2], 0, 0.5), /high is 0\.5, not an integer/],
    [() => random.randint(key, [2], 0, 2 ** 33), /high is 8589934592, not an integer/],
    [() => random.randint(key, [2], 0, array([3])), /high is float32 where int32 belongs/],
    [() => random.permutation(key, 2.5), /2\.5 is no number of entries/],
    [() => random.permutation(key, array(3)), /float32\[\] has no axis to permute/],
  ];
  for (const [call, message] of wrong) expect(call).toThrow(message);
});
