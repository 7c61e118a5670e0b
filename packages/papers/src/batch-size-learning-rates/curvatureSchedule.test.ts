import { type ArrayTree, array, random, type Tensor, type TensorTree } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import type { Examples, Loss } from "./curvature.ts";
import { curvatureRange, curvatureSchedule } from "./curvatureSchedule.ts";
import { atRest, compileHeavyBall, epochOrder } from "./heavyBall.ts";
import { polyak } from "./polyak.ts";

/** A quadratic whose every example has the curvature `curvatures`, and the same minimum, zero. */
const curvatures = [100, 25, 4, 1];
const quadratic: Loss = (params, x) => {
  const w = params.w as Tensor;
  return w
    .mul(w)
    .mul(array(curvatures, { dtype: "float64" }))
    .sum()
    .div(2)
    .add(x.sum().mul(0));
};
const model = (params: TensorTree, x: Tensor): Tensor => x.add((params.w as Tensor).sum().mul(0));
const examples: Examples = {
  inputs: array(
    Array.from({ length: 20 }, () => [0, 0]),
    { dtype: "float64" },
  ),
  targets: array(
    Array.from({ length: 20 }, () => 0),
    { dtype: "int32" },
  ),
};
const start: ArrayTree = { w: array([1, -1, 1, 1], { dtype: "float64" }) };
const generator = random.generator(0);

describe("rate and momentum from curvature", () => {
  it("are Polyak's on a quadratic, times the safety, and go to its minimum", async () => {
    const schedule = curvatureSchedule(quadratic, { batchSize: 5, safety: 1 });
    const ball = compileHeavyBall(model, quadratic);
    let state = schedule.start;
    let moving = atRest(start);
    for (let epoch = 0; epoch < 30; epoch++) {
      const next = await schedule.next(state, moving.params, examples, generator.fork(epoch));
      const { learningRate, momentum } = polyak(100, 1);
      expect(next.coefficients.learningRate).toBeCloseTo(learningRate, 8);
      expect(next.coefficients.momentum).toBeCloseTo(momentum, 8);
      expect(next.coefficients.products).toBeLessThanOrEqual(12);
      const order = epochOrder(examples, 5, 1, epoch);
      moving = await ball.advance(moving, examples, order, 5, next.coefficients);
      state = next.state;
    }
    // 120 steps at a factor of 9 / 11, with the polynomial factor of double eigenvalues.
    const { w } = moving.params as unknown as { w: { data: ArrayLike<number> } };
    for (const entry of Array.from(w.data)) expect(Math.abs(entry)).toBeLessThan(1e-7);
  });

  it("count the largest of all batches and refreshes, and take what is below the noise for noise", () => {
    const spectra = [
      [-2, 0.5, 3, 10],
      [-1, 2.5, 8],
      [0.1, 4, 6],
    ];
    expect(curvatureRange(spectra, [12, 9])).toEqual({
      greatest: 12,
      least: 3, // the median of 3, 2.5 and 4, the smallest above 2
      floor: 2,
      ownGreatest: 10,
    });
    // Nothing above the noise: its level stands in, but never above the largest.
    expect(curvatureRange([[-5, 1, 3]], []).least).toBe(3);
    expect(curvatureRange([[-5, 1, 3]], [20]).least).toBe(5);
    expect(curvatureRange([[0.001, 100]], []).least).toBe(100);
  });

  it("forget curvature after `memory` refreshes", async () => {
    // The largest curvature is that of the weight at 0: 100, then smaller as it grows.
    const falling: Loss = (params, x) => {
      const w = params.w as Tensor;
      return w.mul(w).mul(x.mean()).sum().div(2);
    };
    const at = (value: number): Examples => ({
      inputs: array([[value], [value]], { dtype: "float64" }),
      targets: array([0, 0], { dtype: "int32" }),
    });
    const weights: ArrayTree = { w: array([1, 1], { dtype: "float64" }) };
    const schedule = curvatureSchedule(falling, { batchSize: 2, memory: 2, reps: 1, safety: 1 });
    let state = schedule.start;
    const seen: number[] = [];
    for (const value of [100, 10, 10]) {
      const next = await schedule.next(state, weights, at(value), generator);
      seen.push(Number(next.coefficients.greatest.toFixed(6)));
      state = next.state;
    }
    expect(seen).toEqual([100, 100, 10]);

    const rare = curvatureSchedule(falling, { batchSize: 2, interval: 2, memory: 1, reps: 1 });
    const first = await rare.next(rare.start, weights, at(100), generator);
    const second = await rare.next(first.state, weights, at(10), generator);
    const third = await rare.next(second.state, weights, at(10), generator);
    expect(second.coefficients).toEqual(first.coefficients);
    expect(third.coefficients.greatest).toBeCloseTo(10, 8);
  });

  it("in rayleigh mode are the exact step along the gradient", async () => {
    const schedule = curvatureSchedule(quadratic, {
      batchSize: 5,
      safety: 1,
      mode: "rayleigh",
    });
    const { coefficients } = await schedule.next(schedule.start, start, examples, generator);
    const g = curvatures.map((lambda, i) => lambda * [1, -1, 1, 1][i]);
    const square = g.reduce((sum, entry) => sum + entry ** 2, 0);
    const curved = g.reduce((sum, entry, i) => sum + curvatures[i] * entry ** 2, 0);
    expect(coefficients.learningRate).toBeCloseTo(square / curved, 12);
    expect(coefficients.momentum).toBe(0);
  });

  it("stay as they were where curvature is negative, and cannot begin there", async () => {
    const concave: Loss = (params, x) => quadratic(params, x, x).neg();
    const options = { batchSize: 5, mode: "rayleigh" } as const;
    const cold = curvatureSchedule(concave, options);
    await expect(cold.next(cold.start, start, examples, generator)).rejects.toThrow("warmStart");
    const warm = curvatureSchedule(concave, { ...options, warmStart: 0.3 });
    const first = await warm.next(warm.start, start, examples, generator);
    const second = await warm.next(first.state, start, examples, generator);
    expect(second.coefficients.learningRate).toBe(0.3);
    const ball = curvatureSchedule(concave, { batchSize: 5 });
    await expect(ball.next(ball.start, start, examples, generator)).rejects.toThrow(
      "no batch has positive curvature",
    );
    expect(() => curvatureSchedule(quadratic, { batchSize: 5, reps: 0 })).toThrow("reps is 0");
  });
});
