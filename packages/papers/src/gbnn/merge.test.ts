import { array, evaluate, jit, type NDArray, random, type Tensor } from "@etude/tensor";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { GbnnModel } from "./boosting.ts";
import type { Task } from "./losses.ts";
import { applyMerged, mergeGbnn, prefix } from "./merge.ts";
import { decisionFunction, predictProba } from "./predict.ts";
import { initialShallow } from "./shallow.ts";
import { float64 } from "./testing.ts";

const x = float64([
  [0.5, -1],
  [1.5, 0.25],
  [-0.75, 2],
]);
const times = ({ data, shape }: NDArray, factor: number, shift = 0): NDArray =>
  array(
    Float64Array.from(data, (value) => factor * value + shift),
    { shape },
  );
const first = {
  W: float64([
    [0.3, -0.4],
    [0.1, 0.8],
  ]),
  b: float64([0.05, -0.2]),
  V: float64([[0.7], [-1.2]]),
  c: float64([0.15]),
  step: 0.5,
};
const second = {
  W: times(first.W, -0.5),
  b: times(first.b, 2),
  V: times(first.V, 0.3),
  c: times(first.c, 1, -0.4),
  step: -0.2,
};
const model: GbnnModel = {
  task: "binary",
  classes: [0, 1],
  activation: "logistic",
  features: 2,
  init: float64([0.25]),
  parts: [first, second],
  trainLoss: [],
};
const rounded = (values: ArrayLike<number>) => Array.from(values, (v) => Number(v.toFixed(9)));

it("two parts and their merger are those worked out by hand (eqs. 14 to 16)", async () => {
  const staged = await Promise.all([0, 1, 2].map((upTo) => decisionFunction(model, x, upTo)));
  expect(rounded(staged[0].data)).toEqual([0.25, 0.25, 0.25]);
  expect(rounded(staged[1].data)).toEqual([0.369857586, 0.33230445, -0.005133455]);
  expect(rounded(staged[2].data)).toEqual([0.435868956, 0.395157881, 0.037509206]);
  const probabilities = await predictProba(model, x);
  expect(rounded([1, 3, 5].map((i) => probabilities.data[i]))).toEqual([
    0.705107193, 0.687899127, 0.518745812,
  ]);

  const network = mergeGbnn(model);
  expect(rounded(network.prefixBias.data)).toEqual([0.5, 0.65, 0.75]); // doubled, one a prefix
  const [logits, half] = await evaluate([applyMerged(network, x), applyMerged(network, x, 2)]);
  expect(rounded(logits.data)).toEqual([0.871737912, 0.790315763, 0.075018412]);
  expect(rounded(half.data)).toEqual(rounded(staged[1].data.map((score) => 2 * score)));
});

it("a part with step 0 changes nothing", async () => {
  const longer = { ...model, parts: [...model.parts, { ...first, step: 0 }] };
  expect((await decisionFunction(longer, x)).data).toEqual((await decisionFunction(model, x)).data);
});

/** A model of random parts: neither merging nor cutting asks how they were found. */
function randomModel(seed: number, task: Task, parts: number, units: number): GbnnModel {
  const generator = random.generator(seed);
  const outputs = task === "multiclass" ? 3 : 1;
  return {
    task,
    activation: "tanh",
    features: 4,
    init: array(Float64Array.from({ length: outputs }, () => generator.normal())),
    parts: Array.from({ length: parts }, () => ({
      ...initialShallow(generator, [4, units, outputs], "tanh", "float64"),
      step: generator.normal(),
    })),
    trainLoss: [],
  };
}

it("every prefix of the merged network equals the sum of as many parts", async () => {
  const anyModel = fc.record({
    seed: fc.nat(),
    task: fc.constantFrom<Task>("regression", "binary", "multiclass"),
    parts: fc.integer({ min: 1, max: 4 }),
    units: fc.integer({ min: 1, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(anyModel, async ({ seed, task, parts, units }) => {
      const model = randomModel(seed, task, parts, units);
      const network = mergeGbnn(model);
      const draw = random.generator(seed).fork(1);
      const x = array(
        Float64Array.from({ length: 20 }, () => draw.normal()),
        { shape: [5, 4] },
      );
      const switched = jit((x: Tensor, active: Tensor) => applyMerged(network, x, active));
      for (let m = 0; m <= parts; m++) {
        const staged = await decisionFunction(model, x, m);
        const active = array(new Int32Array([m * units]), { shape: [] });
        const [sliced] = await evaluate([applyMerged(network, x, m * units)]);
        const masked = await switched(x, active);
        staged.data.forEach((score: number, i: number) => {
          expect(sliced.data[i]).toBeCloseTo(network.outputScale * score, 12);
          expect(masked.data[i]).toBeCloseTo(network.outputScale * score, 12);
        });
      }
    }),
    { numRuns: 8, seed: 1 },
  );
});

it("units come in groups of J", () => {
  const network = mergeGbnn(model);
  expect(() => prefix(network, 1)).toThrow("units must be a multiple of 2 from 0 to 4, got 1");
  expect(() => prefix(network, 6)).toThrow("from 0 to 4, got 6");
});
