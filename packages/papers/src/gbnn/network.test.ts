import { array, jit, type NDArray } from "@etude/tensor";
import { expect, it } from "vitest";
import { prefix } from "./merge.ts";
import { asMerged, networkScores, trainNetwork } from "./network.ts";
import { shallowOutput } from "./shallow.ts";
import { qualityOf } from "./staged.ts";
import { toyClasses, toyRegression } from "./testing.ts";

const outputs = jit(shallowOutput);

it.each([
  ["lbfgs", 0.97],
  ["adam", 0.8],
  ["sgd", 0.55],
] as const)("%s learns, and cut it keeps its output bias", async (solver, floor) => {
  const { x, y } = toyClasses(250, 2, 2, 1); // batches of 200 and 50
  const config = { hidden: [30], solver, maxIter: 150, seed: 2 };
  const network = await trainNetwork(x, y, "binary", config);
  const scores = await networkScores(network, x);
  const { score } = await qualityOf("binary", y, scores, network.classes);
  expect(score).toBeGreaterThan(floor);

  const merged = asMerged(network);
  const whole = await outputs(prefix(merged), x, "logistic");
  expect(distance(whole, scores)).toBeLessThan(1e-12);
  const none = await outputs(prefix(merged, 1), x, "logistic");
  const silent = { ...prefix(merged, 1), V: array(new Float64Array(1), { shape: [1, 1] }) };
  const [bias] = network.layers[1].bias.data;
  expect((await outputs(silent, x, "logistic")).data.every((value) => value === bias)).toBe(true);
  expect(distance(none, whole)).toBeGreaterThan(0);
});

it("deeper networks are trained too, but have no merged form", async () => {
  const { x, y } = toyRegression(80, 2, 1);
  const config = {
    hidden: [12, 12, 12],
    solver: "adam",
    maxIter: 300,
    activation: "tanh",
  } as const;
  const network = await trainNetwork(x, y, "regression", { ...config, seed: 1 });
  const { losses } = network;
  expect(network.layers.map(({ weight }) => weight.shape)).toEqual([
    [2, 12],
    [12, 12],
    [12, 12],
    [12, 1],
  ]);
  expect(losses[losses.length - 1]).toBeLessThan(losses[0] / 4);
  expect(() => asMerged(network)).toThrow("3 hidden layers; it must be one");
});

const distance = (a: NDArray, b: NDArray): number =>
  Math.max(...Array.from(a.data, (value, i) => Math.abs(value - b.data[i])));
