import { lastOf, mlp } from "@etude/learn";
import { array, evaluate, type NDArray, random } from "@etude/tensor";
import { describe, expect, test } from "vitest";
import { standardAttacks } from "./attacks.ts";
import { evaluator, robustAccuracy } from "./evaluation.ts";
import type { Examples } from "./examples.ts";
import { trainAdvCompSum, trainCompSum, trainer } from "./training.ts";
import { onCompSum } from "./trainingLosses.ts";

/**
 * Of the first input the sign is the label nine times in ten, and it is large; each of the 15 others
 * leans towards the label by a quarter of its noise. Together the others know more, and an attacker
 * who may change every input by a half turns all of them round.
 */
function leaning(count: number, seed: number): Examples {
  const draw = random.generator(seed);
  const width = 16;
  const labels = Int32Array.from({ length: count }, () => draw.integer(2));
  const values = Float32Array.from({ length: count * width }, (_, i) => {
    const sign = labels[Math.floor(i / width)] === 1 ? 1 : -1;
    if (i % width === 0) return draw.uniform() < 0.9 ? sign : -sign;
    return 0.2 * sign + 0.3 * draw.normal();
  });
  return { inputs: array(values, { shape: [count, width] }), labels: array(labels) };
}

const [train, held] = [leaning(256, 1), leaning(256, 2)];
const net = mlp([16, 2]);
const settings = { learningRate: 0.1, epochs: 12, batchSize: 64, seed: 4 };
const ball = { norm: "linf", radius: 0.5 } as const;

describe("training", () => {
  test("a smooth adversarial term makes a classifier rely on what an attacker cannot change", async () => {
    const plain = await lastOf(trainCompSum(net, train, { ...settings, tau: 1 }));
    const smooth = await lastOf(
      trainAdvCompSum(net, train, { ...settings, ...ball, nu: 1, steps: 3, rampShare: 0.3 }),
    );
    const evaluateOn = evaluator(net, standardAttacks({ ...ball, restarts: 1 }));
    const of = async ({ params }: typeof plain) => {
      if (params === null) throw new Error("diverged");
      return evaluateOn(params, held, 0);
    };
    const [before, after] = [await of(plain), await of(smooth)];
    expect(before.clean).toBeGreaterThan(0.95);
    expect(before.robust).toBeLessThan(0.6);
    expect(after.robust).toBeGreaterThan(before.robust + 0.2);
    expect(after.clean).toBeGreaterThan(0.85);
    for (const { survived, predictions, clean, robust } of [before, after]) {
      expect(robust).toBeLessThanOrEqual(clean);
      survived.forEach((one, i) => {
        if (one === 1) expect(predictions[i]).toBe(held.labels.data[i]);
      });
    }
    if (plain.params === null) throw new Error("diverged");
    const still = standardAttacks({ ...ball, radius: 0 });
    expect(await robustAccuracy(net, plain.params, held, still)).toBe(before.clean);
  });

  test("the same seed gives the same bits, at any learning rate without compiling anew", async () => {
    const fit = trainer(net, onCompSum({ tau: 1.5 }), { averaging: 0.9 });
    const once = await lastOf(fit(train, settings));
    const other = await lastOf(fit(train, { ...settings, learningRate: 0.01 }));
    const again = await lastOf(fit(train, settings));
    expect(again).toEqual(once);
    expect(other.params).not.toEqual(once.params);
    expect(once.gradientNorms).toHaveLength(12 * 4);
    expect(once.gradientNorms.every((norm) => norm > 0)).toBe(true);
  });

  test("what diverges has no parameters, and says how far its gradients grew", async () => {
    const wild = { ...settings, learningRate: 30, tau: 0 };
    const { params, gradientNorms } = await lastOf(trainCompSum(net, train, wild));
    expect(params).toBeNull();
    expect(gradientNorms.length).toBeGreaterThan(0);
    expect(gradientNorms.every(Number.isFinite)).toBe(true);
  });
});

test("scores that do not depend on the input are a collapse", async () => {
  const params = await evaluate(net.init(random.key(0)));
  const still = params.map(({ weight }) => ({
    weight: array(new Float32Array(weight.size), { shape: weight.shape }),
    bias: array([0, 1]),
  }));
  const evaluateOn = evaluator(net);
  const { collapsed, clean, robust } = await evaluateOn(still, held, 0);
  const ones = Array.from(held.labels.data).filter((label) => label === 1).length;
  expect(collapsed).toBe(true);
  expect(clean).toBe(ones / 256);
  expect(robust).toBe(clean);
  expect((await evaluateOn(params, held, 0)).collapsed).toBe(false);
});

test("examples that make no sense are refused before anything is trained", async () => {
  const run = (examples: Examples) => lastOf(trainCompSum(net, examples, settings));
  const withLabels = (labels: NDArray): Examples => ({ inputs: train.inputs, labels });
  const labels = Int32Array.from(train.labels.data);
  labels[7] = 2;
  await expect(run(withLabels(array(labels)))).rejects.toThrow(
    /example 7 has the label 2.*classes 0 to 1/,
  );
  await expect(run(withLabels(array([1, 0], { dtype: "int32" })))).rejects.toThrow(
    /256 inputs beside 2 labels/,
  );
  const inputs = Float32Array.from(train.inputs.data);
  inputs[33] = Number.NaN;
  await expect(
    run({ inputs: array(inputs, { shape: [256, 16] }), labels: train.labels }),
  ).rejects.toThrow(/example 2 holds NaN/);
  await expect(lastOf(trainCompSum(net, train, { ...settings, learningRate: 0 }))).rejects.toThrow(
    /learning rate/,
  );
  await expect(lastOf(trainCompSum(mlp([16, 1]), train, settings))).rejects.toThrow(/two classes/);
  await expect(lastOf(trainCompSum(net, train, { ...settings, tau: -1 }))).rejects.toThrow(/tau/);
});
