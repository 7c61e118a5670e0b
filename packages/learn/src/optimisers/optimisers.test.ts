import { readFileSync } from "node:fs";
import {
  array,
  jit,
  type NDArray,
  type Tensor,
  type TensorTree,
  treeMap,
  valueAndGrad,
} from "@etude/tensor";
import { expect, test } from "vitest";
import { cosineSchedule } from "../schedules/index.ts";
import {
  accumulateGradients,
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  amsgrad,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  clipByValue,
  lamb,
  lion,
  nadam,
  type Optimiser,
  partition,
  rmsprop,
  setToZero,
  sgd,
} from "./index.ts";

type Params = { hidden: Tensor; bias: Tensor; output: Tensor };
type Values = { hidden: number[]; bias: number[]; output: number[] };

/** Made by `golden/make_optimisers.py` with PyTorch and optax, in float64. */
const golden: {
  problem: { x: number[]; y: number[]; start: Values };
  paths: Record<string, Values[]>;
} = JSON.parse(readFileSync(new URL("../../golden/optimisers.json", import.meta.url), "utf8"));

const shapes = { hidden: [4, 5], bias: [5], output: [5, 3] };

const loss = (p: Params, x: Tensor, y: Tensor) => {
  const error = x.matmul(p.hidden).add(p.bias).tanh().matmul(p.output).sub(y);
  return error.mul(error).mean();
};

const stepWith = (optimiser: Optimiser) =>
  jit((params: Params, state: TensorTree, x: Tensor, y: Tensor) => {
    const [value, gradients] = valueAndGrad(loss)(params, x, y);
    const next = optimiser.update(gradients, state, params);
    return { params: applyUpdates(params, next.updates), state: next.state, value };
  });

const data = (dtype: "float32" | "float64", from = 0, to = 12) => ({
  x: array(Float64Array.from(golden.problem.x.slice(4 * from, 4 * to)), { shape: [-1, 4], dtype }),
  y: array(Float64Array.from(golden.problem.y.slice(3 * from, 3 * to)), { shape: [-1, 3], dtype }),
});

const start = (dtype: "float32" | "float64") => {
  const leaf = (name: keyof Values) =>
    array(Float64Array.from(golden.problem.start[name]), { shape: shapes[name], dtype });
  return { hidden: leaf("hidden"), bias: leaf("bias"), output: leaf("output") };
};

/** Eight steps on the same problem, beside the golden path. */
async function compare(
  name: string,
  optimiser: Optimiser,
  {
    dtype = "float64",
    tolerance = 1e-10,
    parts = 1,
  }: {
    dtype?: "float32" | "float64";
    tolerance?: number;
    parts?: number;
  } = {},
): Promise<void> {
  const step = stepWith(optimiser);
  let params = start(dtype);
  let state = optimiser.init(params);
  for (const [t, expected] of golden.paths[name].entries()) {
    const [part, rows] = [t % parts, 12 / parts];
    const { x, y } = data(dtype, part * rows, (part + 1) * rows);
    const next = await step(params, state, x, y);
    ({ params, state } = next);
    for (const leaf of ["hidden", "bias", "output"] as const) {
      expect(params[leaf].dtype).toBe(dtype);
      const worst = largestDifference(params[leaf], expected[leaf]);
      expect(worst, `${name}, step ${t}, ${leaf}`).toBeLessThan(tolerance);
    }
  }
}

const largestDifference = ({ data }: NDArray, expected: readonly number[]): number =>
  Math.max(...expected.map((value, i) => Math.abs(data[i] - value)));

const isMatrix = (_: string, { rank }: Tensor) => rank > 1;

test.each<[string, Optimiser]>([
  ["sgd", sgd(0.1)],
  ["sgdDecay", sgd(0.1, { weightDecay: 0.1 })],
  ["momentum", sgd(0.1, { momentum: 0.9, weightDecay: 0.01 })],
  ["nesterov", sgd(0.1, { momentum: 0.9, nesterov: true })],
  ["adam", adam(0.01)],
  [
    "adamCoupled",
    adam(0.01, { firstDecay: 0.8, secondDecay: 0.95, epsilon: 1e-3, weightDecay: 0.1 }),
  ],
  ["adamw", adamw(0.01, { weightDecay: 0.1 })],
  ["adamwMasked", adamw(0.01, { weightDecay: 0.1, decayFilter: isMatrix })],
  ["amsgrad", amsgrad(0.05, { secondDecay: 0.5 })],
  ["nadam", nadam(0.01)],
  ["adamax", adamax(0.01)],
  ["rmsprop", rmsprop(0.01)],
  ["rmspropCentred", rmsprop(0.01, { momentum: 0.5, centred: true })],
  ["adagrad", adagrad(0.1, { initialAccumulator: 0.1 })],
  ["adadelta", adadelta()],
  ["lion", lion(0.01, { weightDecay: 0.1 })],
  ["lamb", lamb(0.01, { weightDecay: 0.1 })],
  ["clippedNorm", chain(clipByGlobalNorm(0.3), sgd(0.5))],
  ["clippedValue", chain(clipByValue(0.05), sgd(0.5))],
  ["scheduled", adam(cosineSchedule(0.1, 6, 0.01))],
  [
    "partitioned",
    partition({ fast: sgd(0.5), slow: adam(0.01), frozen: setToZero() }, (path) =>
      path === "hidden" ? "slow" : path === "bias" ? "frozen" : "fast",
    ),
  ],
])("%s takes the steps of the reference", (name, optimiser) => compare(name, optimiser));

test("a large batch in three pieces", () =>
  compare("accumulated", accumulateGradients(adam(0.1), 3), { parts: 3 }));

test.each<[string, Optimiser]>([
  ["adam", adam(0.01)],
  ["adamw", adamw(0.01, { weightDecay: 0.1 })],
  ["rmspropCentred", rmsprop(0.01, { momentum: 0.5, centred: true })],
])("%s in float32 stays within 1e-5 of the reference in float64", (name, optimiser) =>
  compare(name, optimiser, { dtype: "float32", tolerance: 1e-5 }),
);

test("a state made inside a graph is that made from arrays", async () => {
  const optimiser = accumulateGradients(adagrad(0.1, { initialAccumulator: 0.5 }), 2);
  const params = start("float32");
  const traced = await jit((p: Params) => optimiser.init(p))(params);
  const concrete = optimiser.init(params);
  const show = (tree: unknown) =>
    JSON.stringify(treeMap((leaf: NDArray) => leaf.tolist(), tree as NDArray));
  expect(show(traced)).toBe(show(concrete));
});
