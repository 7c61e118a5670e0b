import { array, grad, jit, scan, type Tensor, type TensorTree, vmap, zeros } from "@etude/tensor";
import { expect, test } from "vitest";
import { linearSchedule } from "../schedules/index.ts";
import {
  adam,
  adamw,
  addDecayedWeights,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  exponentialMovingAverage,
  globalNorm,
  lamb,
  masked,
  type Optimiser,
  partition,
  rmsprop,
  scaleByAdam,
  sgd,
} from "./index.ts";

type Params = { w: Tensor };
const bowl = (p: Params) => p.w.mul(p.w).sum();

const stepOf = (optimiser: Optimiser, params: Params, state: TensorTree) => {
  const next = optimiser.update(grad(bowl)(params), state, params);
  return { params: applyUpdates(params, next.updates), state: next.state };
};

test("steps are compiled once, and a rate given as an argument may change from call to call", async () => {
  let traced = 0;
  const step = jit((params: Params, state: TensorTree, rate: Tensor) => {
    traced++;
    return stepOf(sgd(rate, { momentum: 0.5 }), params, state);
  });
  let params = { w: array([1]) };
  let state = sgd(1, { momentum: 0.5 }).init(params);
  let [w, v] = [1, 0];
  for (const rate of [0.1, 0.2, 0, 0.05]) {
    ({ params, state } = await step(params, state, array(rate)));
    v = 0.5 * v + 2 * w;
    w -= rate * v;
    expect(params.w.item()).toBeCloseTo(w, 6);
  }
  expect(traced).toBe(1);
});

test("a loop of updates in the graph, and a batch of them, are the updates one by one", async () => {
  const optimiser = chain(
    clipByGlobalNorm(1.5),
    adamw(linearSchedule(0.1, 0.02, 5), { weightDecay: 0.3 }),
  );
  const starts = [
    [1, -2],
    [0.1, 0.2],
    [3, 3],
  ];
  const looped = jit((w: Tensor) =>
    vmap((w: Tensor) => {
      const params = { w };
      const [last] = scan(
        ({ params, state }) => [stepOf(optimiser, params, state), null],
        { params, state: optimiser.init(params) },
        null,
        { length: 6 },
      );
      return last.params.w;
    })(w),
  );
  const together = (await looped(array(starts))).data;
  const step = jit((params: Params, state: TensorTree) => stepOf(optimiser, params, state));
  for (const [i, start] of starts.entries()) {
    let params = { w: array(start) };
    let state = optimiser.init(params);
    for (let t = 0; t < 6; t++) ({ params, state } = await step(params, state));
    params.w.data.forEach((value, j) => {
      expect(together[2 * i + j]).toBeCloseTo(value, 5);
    });
  }
});

test("Adam's corrections lose no digits: a constant gradient gives steps of exactly the rate", async () => {
  // In float32 1 - 0.999^t is off by 1e-5 at t = 1 where it is computed as it is written.
  const optimiser = scaleByAdam({ epsilon: 0 });
  const run = jit((g: Tensor) => {
    const [, steps] = scan(
      (state) => {
        const next = optimiser.update({ g }, state, { g });
        return [next.state, next.updates.g];
      },
      optimiser.init({ g }),
      null,
      { length: 3000 },
    );
    return { least: steps.min(), most: steps.max() };
  });
  const { least, most } = await run(array(1));
  expect(least.item()).toBeGreaterThan(1 - 1e-6);
  expect(most.item()).toBeLessThan(1 + 1e-6);
});

test("one can differentiate through an update at a gradient of zero with epsilonRoot", async () => {
  const through = (epsilonRoot: number) => (p: Params) => {
    const optimiser = adam(0.1, { epsilonRoot });
    return bowl(stepOf(optimiser, p, optimiser.init(p)).params);
  };
  const at = { w: array([0, 1]) };
  const [safe, unsafe] = await jit((p: Params) => [
    grad(through(1e-8))(p).w,
    grad(through(0))(p).w,
  ])(at);
  expect([...safe.data].every(Number.isFinite)).toBe(true);
  expect(Number.isFinite(unsafe.data[0])).toBe(false);
});

test("clipping leaves short gradients alone, does not divide by zero, and does not hide NaN", async () => {
  const clip = clipByGlobalNorm(5);
  const clipped = jit((g: { a: Tensor; b: Tensor }) => {
    const { updates } = clip.update(g, {}, g);
    return { updates, norm: globalNorm(updates) };
  });
  const short = await clipped({ a: array([3]), b: array([[1, 2]]) });
  expect(short.updates.a.item()).toBe(3);
  const long = await clipped({ a: array([30]), b: array([[40, 0]]) });
  expect(long.updates.a.item()).toBeCloseTo(3, 5);
  expect(long.updates.b.data[0]).toBeCloseTo(4, 5);
  expect(long.norm.item()).toBeCloseTo(5, 5);
  expect((await clipped({ a: array([0]), b: array([[0, 0]]) })).updates.a.item()).toBe(0);
  expect((await clipped({ a: array([Number.NaN]), b: array([[0, 1]]) })).norm.item()).toBeNaN();
});

test("decay and masks reach the parameters that they are for", async () => {
  const params = { w: array([[2]]), bias: array([2]) };
  const zeroGradient = { w: zeros([1, 1]), bias: zeros([1]) };
  const matrices = (_: string, { rank }: { rank: number }) => rank > 1;
  const decay = addDecayedWeights(0.5, matrices);
  const onlyBias = masked(sgd(10), (path) => path === "bias");
  const both = await jit((g: { w: Tensor; bias: Tensor }, p: typeof g) => [
    decay.update(g, {}, p).updates,
    onlyBias.update(p, onlyBias.init(p), p).updates,
  ])(zeroGradient, params);
  expect([both[0].w.item(), both[0].bias.item()]).toEqual([1, 0]);
  expect([both[1].w.item(), both[1].bias.item()]).toEqual([2, -20]);
});

test("the average of parameters is corrected for its start", async () => {
  const average = exponentialMovingAverage(0.9);
  const run = jit((values: Tensor) => {
    const [, averages] = scan(
      (state, w: Tensor) => {
        const next = average.update(state, { w });
        return [next, average.value(next, { w }).w];
      },
      average.init({ w: values.slice(0) }),
      values,
    );
    return averages;
  });
  const values = [4, -1, 3, 0.5];
  const { data } = await run(array(values));
  let [sum, weight] = [0, 0];
  values.forEach((value, t) => {
    [sum, weight] = [0.9 * sum + 0.1 * value, 0.9 * weight + 0.1];
    expect(data[t]).toBeCloseTo(sum / weight, 5);
  });
});

test("a parameter or update of norm zero does not stop LAMB", async () => {
  const optimiser = lamb(0.1);
  const step = jit((p: Params, g: Params) =>
    applyUpdates(p, optimiser.update(g, optimiser.init(p), p).updates),
  );
  const fromZero = await step({ w: array([0, 0]) }, { w: array([1, -1]) });
  expect(fromZero.w.data[0]).toBeCloseTo(-0.1, 5);
  expect((await step({ w: array([1, 1]) }, { w: array([0, 0]) })).w.data[1]).toBe(1);
});

test("what does not fit is named", async () => {
  const optimiser = adam(0.1);
  const p = { a: zeros([2]), b: zeros([1]) };
  type Pair = { a: Tensor; b: Tensor };
  const update = (g: unknown, q: unknown) =>
    jit(() => optimiser.update(g as Pair, optimiser.init(q as Pair), q as Pair).updates)();
  await expect(update({ a: zeros([2]) }, p)).rejects.toThrow("their trees differ");
  await expect(update({ a: zeros([3]), b: zeros([1]) }, p)).rejects.toThrow(
    "the gradient of a is float32[3], the parameter float32[2]",
  );
  const parts = partition<string>({ one: sgd(1) }, (path) => path);
  expect(() => parts.init(p)).toThrow('parameter a is labelled "a"; there are one');
  expect(() => adam(0.1, { secondDecay: 1 })).toThrow("secondDecay must be in [0, 1)");
  expect(() => sgd(0.1, { nesterov: true })).toThrow("needs a momentum");
  expect(() => rmsprop(Number.NaN)).toThrow("not a finite number");
  expect(() => clipByGlobalNorm(0)).toThrow("must be positive");
});
