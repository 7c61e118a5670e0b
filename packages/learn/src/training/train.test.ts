import { array, jit, type NDArray, random, type Tensor } from "@etude/tensor";
import { expect, test } from "vitest";
import { minibatches, takeRows } from "./batches.ts";
import { memoryCheckpoint } from "./checkpoint.ts";
import { DivergenceError } from "./divergence.ts";
import { options as killable } from "./fixtures/killable.ts";
import type { TrainEvent, TrainOptions } from "./run.ts";
import { encodeState } from "./state.ts";
import { lastOf, train } from "./train.ts";

/** Numbers 0 ... 9 as examples; the state remembers what it has seen, in order. */
type Seen = { rows: NDArray; keys: NDArray; count: NDArray };
const fresh: Seen = {
  rows: array(new Float32Array(40)),
  keys: array(new Uint32Array(40)),
  count: array(0),
};
const written = (into: NDArray, at: number, values: NDArray) => {
  const copy = into.data.slice();
  copy.set(values.data, at);
  return array(copy);
};
const rowsOf = ({ rows, count }: Seen) => [...rows.data.slice(0, count.item())];

const watching = (
  more: Partial<TrainOptions<Seen, NDArray>> = {},
): TrainOptions<Seen, NDArray> => ({
  step: async ({ rows, keys, count }, batch, key) => ({
    state: {
      rows: written(rows, count.item(), batch),
      keys: written(keys, count.item() / 2, key),
      count: array(count.item() + batch.size),
    },
    loss: array(1 / (1 + count.item())),
    seen: count,
    table: array([1, 2]),
  }),
  state: fresh,
  batches: minibatches(array(Float32Array.from({ length: 10 }, (_, i) => i)), { batchSize: 4 }),
  seed: 3,
  ...(more.steps === undefined ? { epochs: 3 } : {}),
  ...more,
});

const collect = async <S, B>(options: TrainOptions<S, B>) => {
  const events: TrainEvent<S>[] = [];
  const result = await lastOf(train(options), (event) => events.push(event));
  return { events, result };
};

test("an epoch is the permutation of its seed and number, cut into batches", async () => {
  const { result, events } = await collect(watching());
  const order = [0, 1, 2].flatMap((epoch) => [
    ...random.generator(3).fork(epoch).permutation(10).slice(0, 8),
  ]);
  expect(rowsOf(result.state)).toEqual(order);
  expect([result.reason, result.step, result.epoch]).toEqual(["finished", 6, 2]);
  expect(events.map((event) => event.kind === "step" && [event.epoch, event.batch])).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
    [2, 0],
    [2, 1],
  ]);
  const first = events[0];
  expect(first.kind === "step" && first.metrics).toEqual({ seen: 0 });
  expect(first.kind === "step" && first.smoothedLoss).toBeCloseTo(1, 6);
  expect(
    new Set(
      Array.from({ length: 6 }, (_, i) =>
        [...result.state.keys.data].slice(2 * i, 2 * i + 2).join(),
      ),
    ).size,
  ).toBe(6);

  const partial = await collect(
    watching({
      epochs: 1,
      batches: minibatches(array([0, 1, 2, 3, 4]), {
        batchSize: 2,
        keepPartial: true,
        inOrder: true,
      }),
    }),
  );
  expect(rowsOf(partial.result.state)).toEqual([0, 1, 2, 3, 4]);
  expect(partial.result.step).toBe(3);
});

test("aborted at any step and gone on with, a run sees what an unbroken one sees", async () => {
  const whole = await collect(watching());
  for (let until = 1; until < 6; until++) {
    const store = memoryCheckpoint();
    const controller = new AbortController();
    const first = await lastOf(
      train(watching({ checkpoint: { store }, signal: controller.signal })),
      (event) => event.kind === "step" && event.step === until && controller.abort(),
    );
    expect([first.reason, first.step]).toEqual(["aborted", until]);
    const second = await collect(watching({ checkpoint: { store } }));
    expect(second.events[0]).toMatchObject({ kind: "resumed", step: until });
    expect(encodeState(second.result)).toEqual(encodeState(whole.result));
  }
});

test("checkpoints come when they are due, and once each", async () => {
  const store = memoryCheckpoint();
  const { events } = await collect(watching({ steps: 7, checkpoint: { store, everySteps: 3 } }));
  expect(events.flatMap((event) => (event.kind === "checkpoint" ? [event.step] : []))).toEqual([
    3, 6, 7,
  ]);
});

test("a checkpoint of another run is refused, with what differs", async () => {
  const store = memoryCheckpoint();
  await collect(watching({ steps: 2, checkpoint: { store } }));
  const go = (more: Partial<TrainOptions<Seen, NDArray>>) =>
    collect(watching({ checkpoint: { store }, ...more }));
  await expect(go({ seed: 4 })).rejects.toThrow("a run with seed 3, this one has 4");
  await expect(
    go({ batches: minibatches(array(new Float32Array(10)), { batchSize: 5 }) }),
  ).rejects.toThrow("batchSize 4");
  const other = memoryCheckpoint();
  await collect({ ...killable(other), steps: 1, epochs: undefined });
  const wider = killable(other);
  await expect(
    collect({
      ...wider,
      step: async (state) => ({ state, loss: array(0) }),
      evaluate: undefined,
      stopping: undefined,
      state: { ...wider.state, params: { ...wider.state.params, extra: array([1]) } },
    }),
  ).rejects.toThrow("params.extra: float32[1] is only in the state of this run");
});

/** w <- w - rate 2 w on w^2, from 1: diverges for rates above 1. */
const descent = (rate: number, more: object = {}) => {
  const step = jit((state: { w: Tensor }, _: Tensor) => ({
    state: { w: state.w.sub(state.w.mul(2 * rate)) },
    loss: state.w.mul(state.w),
  }));
  return collect({
    step,
    state: { w: array(1) },
    batches: minibatches(array([0]), { batchSize: 1 }),
    steps: 1000,
    ...more,
  });
};

test("divergence ends the run with the step, the losses before it, and advice", async () => {
  const error = await descent(1.5).catch((error: unknown) => error);
  if (!(error instanceof DivergenceError)) throw error;
  // 4^(t - 1) passes the largest float32, 2^128 - 2^104, at t = 65.
  expect(error.step).toBe(65);
  expect(error.losses.at(-1)).toBe(Number.POSITIVE_INFINITY);
  expect(error.losses.at(-2)).toBe(2 ** 126);
  expect(error.message).toContain("the loss is Infinity at step 65 (epoch 64)");
  expect(error.message).toContain("Lower the learning rate");
  await expect(descent(1.5, { maximumLoss: 100 })).rejects.toThrow("the loss is 256 at step 5");
  expect((await descent(0.4, { maximumLoss: 100 })).result.reason).toBe("finished");
});

test("a parameter that is not finite is found though no loss shows it, and never saved", async () => {
  const store = memoryCheckpoint();
  const broken: Partial<TrainOptions<Seen, NDArray>> = {
    step: async (state) => ({ state: { ...state, rows: array([0, Number.NaN]) }, loss: array(1) }),
    steps: 50,
  };
  await expect(
    collect(watching({ ...broken, checkpoint: { store, everySteps: 2 } })),
  ).rejects.toThrow("rows is not finite at step 2");
  expect(await store.load()).toBeUndefined();
  await expect(collect(watching({ ...broken, checkEvery: 7 }))).rejects.toThrow("at step 7");
});

test("early stopping gives the best state back, also after a resume", async () => {
  const scores = [5, 3, 3.5, 2, 2.5, 2.05, 1.99, 1.98, 0];
  const options = (more: Partial<TrainOptions<Seen, NDArray>> = {}) =>
    watching({
      steps: 9,
      evaluateEvery: 1,
      evaluate: (_, { step }) => ({ score: scores[step - 1] }),
      stopping: { metric: "score", patience: 3, minimumImprovement: 0.1 },
      ...more,
    });
  const { result, events } = await collect(options());
  // 2 at step 4 is the last improvement by more than 0.1; three evaluations later it ends.
  expect([result.reason, result.step, result.best?.step, result.best?.value]).toEqual([
    "stopped",
    7,
    4,
    2,
  ]);
  expect(result.state.count.item()).toBe(16);
  expect(
    events.flatMap((event) => (event.kind === "evaluation" && event.isBest ? [event.step] : [])),
  ).toEqual([1, 2, 4]);

  const store = memoryCheckpoint();
  const controller = new AbortController();
  await lastOf(
    train(options({ checkpoint: { store }, signal: controller.signal })),
    (event) => event.kind === "evaluation" && event.step === 6 && controller.abort(),
  );
  for (let again = 0; again < 2; again++) {
    const resumed = await lastOf(train(options({ checkpoint: { store } })));
    expect(encodeState(resumed)).toEqual(encodeState(result));
  }

  const rising = await collect(
    options({ stopping: { metric: "score", mode: "max", patience: 2, restoreBest: false } }),
  );
  expect([rising.result.step, rising.result.best?.value, rising.result.state.count.item()]).toEqual(
    [3, 5, 12],
  );
});

test("rows are taken along the leading axis, in any dtype", () => {
  const rows = takeRows(
    array(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      { dtype: "int32" },
    ),
    [2, 0, 2],
  );
  expect([rows.tolist(), rows.dtype]).toEqual([
    [
      [5, 6],
      [1, 2],
      [5, 6],
    ],
    "int32",
  ]);
  expect(takeRows(array([true, false]), [1, 0]).tolist()).toEqual([false, true]);
});

test("what cannot be trained on is named", async () => {
  expect(() => minibatches({ x: array([[1], [2]]), y: array([1]) }, { batchSize: 1 })).toThrow(
    "y has 1 rows, x has 2",
  );
  await expect(collect(watching({ steps: 3, epochs: 2 }))).rejects.toThrow(
    "either { epochs } or { steps }",
  );
  await expect(
    collect(watching({ batches: minibatches(array([1]), { batchSize: 2 }) })),
  ).rejects.toThrow("1 examples make no batch of 2");
  await expect(collect(watching({ stopping: { metric: "score", patience: 1 } }))).rejects.toThrow(
    "there is no { evaluate }",
  );
  await expect(
    collect(
      watching({ evaluate: () => ({ error: 1 }), stopping: { metric: "score", patience: 1 } }),
    ),
  ).rejects.toThrow('watches "score", evaluate returned error');
  await expect(collect(watching({ evaluateEvery: 0 }))).rejects.toThrow("evaluateEvery must be");
});
