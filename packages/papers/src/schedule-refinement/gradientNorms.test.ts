import { applyUpdates, chain, clipByGlobalNorm, sgd } from "@etude/learn";
import { array, evaluate, grad, jit, lift, type Tensor, type TensorTree } from "@etude/tensor";
import { expect, test } from "vitest";
import { gradientNorm, recordGradientNorms, scaledGradientNorm } from "./gradientNorms.ts";
import { refineSchedule } from "./refine.ts";
import { expectClose } from "./testing.ts";

test("norms are over all tensors of the tree together", async () => {
  const tree = { a: lift(array([[1, -2]])), b: [lift(array([2, 4]))] };
  const norms = await evaluate([
    gradientNorm(tree, "l2"),
    gradientNorm(tree, "l1"),
    // With v = g^2 the scaled norm is the l1 norm.
    scaledGradientNorm(tree, { a: tree.a.mul(tree.a), b: [tree.b[0].mul(tree.b[0])] }, 0),
  ]);
  expect(norms.map((norm) => norm.item())).toEqual([5, 9, 9]);
});

test("the recorder sees gradients before they are clipped, and refining takes its record", async () => {
  const steps = 6;
  const optimiser = chain(recordGradientNorms("l2", steps), clipByGlobalNorm(0.01), sgd(1));
  const step = jit((params: { x: Tensor }, state: TensorTree) => {
    const gradients = grad((p: { x: Tensor }) => p.x.mul(p.x).sum().mul(0.5))(params);
    const next = optimiser.update(gradients, state, params);
    return { params: applyUpdates(params, next.updates), state: next.state };
  });
  let params = { x: array([3, 4]) };
  let state: unknown = optimiser.init(params);
  for (let t = 0; t < steps + 2; t++) {
    const result = await step(params, state as never);
    params = result.params as typeof params;
    state = result.state;
    const [{ norms }] = state as [{ norms: { data: Float32Array } }];
    // |x| = 5 falls by 0.01 a step; the latest norm stands last.
    expect(norms.data[steps - 1]).toBeCloseTo(5 - 0.01 * t, 5);
    expect(norms.data.filter(Number.isNaN)).toHaveLength(Math.max(steps - 1 - t, 0));
  }
  const [{ norms }] = state as [{ norms: { data: Float32Array } }];
  expectClose(norms.data, [4.98, 4.97, 4.96, 4.95, 4.94, 4.93], 1e-5);
  expect(refineSchedule(norms.data, { norm: "l2" })[5]).toBe(0);
});
