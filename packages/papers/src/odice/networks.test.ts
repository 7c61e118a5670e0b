import { array, evaluate, lift, random, treeLeaves } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { valuesOf } from "./inspect.ts";
import { policyNetwork, valueNetwork } from "./networks.ts";

const states = random.generator(4);
const observation = array(
  Array.from({ length: 200 }, () => Array.from({ length: 5 }, () => states.normal())),
);

describe("networks", () => {
  it("are twins of layers with normalisation, of which the smaller value counts", async () => {
    const network = valueNetwork({ inputs: 5, hidden: [7, 6], normalise: true, twin: true });
    const params = await evaluate(network.init(random.key(3)));
    expect(treeLeaves(params)).toHaveLength(2 * (2 * 4 + 2));
    const [both, heads] = await evaluate([
      network.apply(params as never, lift(observation)),
      network.apply([params[0]] as never, lift(observation)),
    ]);
    expect([both.shape, heads.shape]).toEqual([
      [2, 200],
      [1, 200],
    ]);
    expect(both.data.slice(0, 200)).toEqual(heads.data);
    const networks = {
      value: network,
      policy: policyNetwork({ inputs: 5, hidden: [], actions: { kind: "discrete", count: 2 } }),
    };
    // Weights and biases start within 1 / sqrt(inputs), and not all near 0.
    const start = Array.from(params[0].hidden[0].dense.weight.data, (w) => Math.abs(Number(w)));
    expect(Math.max(...start)).toBeLessThanOrEqual(1 / Math.sqrt(5));
    expect(Math.max(...start)).toBeGreaterThan(0.8 / Math.sqrt(5));
    const smaller = await valuesOf({ networks, value: params }, observation);
    smaller.forEach((v, i) => {
      expect(v).toBe(Math.min(both.data[i], both.data[200 + i]));
    });
  });

  it("give the likelihoods of Gaussians and of choices", async () => {
    const continuous = { kind: "continuous", size: 2, squash: false } as const;
    const gaussian = policyNetwork({ inputs: 1, hidden: [], actions: continuous });
    const layer = { weight: lift(array([[1, -1]])), bias: lift(array([0, 0.5])) };
    const wide = { mean: { hidden: [], last: layer }, logDeviation: lift(array([0, 9])) };
    const [x, a] = [lift(array([[2]])), lift(array([[1, 0.5]]))];
    const normal = (z: number, deviation: number) =>
      -0.5 * (z / deviation) ** 2 - Math.log(deviation) - 0.5 * Math.log(2 * Math.PI);
    // log sigma 9 counts as 2.
    const logs = await evaluate(gaussian.logProbability(wide, x, a));
    expect(logs.data[0]).toBeCloseTo(normal(-1, 1) + normal(2, Math.exp(2)), 5);
    expect((await evaluate(gaussian.act(wide, x))).tolist()).toEqual([[1, -1]]);
    const squashed = policyNetwork({
      inputs: 1,
      hidden: [],
      actions: { ...continuous, squash: true },
    });
    const mean = await evaluate(squashed.outputs(wide, x));
    expect(mean.data[0]).toBeCloseTo(Math.tanh(2), 6);

    const choice = policyNetwork({
      inputs: 1,
      hidden: [],
      actions: { kind: "discrete", count: 2 },
    });
    const two = { mean: { hidden: [], last: layer } };
    const chosen = lift(array([1], { dtype: "int32" }));
    const likelihood = await evaluate(choice.logProbability(two, x, chosen));
    expect(likelihood.data[0]).toBeCloseTo(-Math.log(1 + Math.exp(3.5)), 5);
    expect((await evaluate(choice.act(two, x))).data[0]).toBe(0);
  });
});
