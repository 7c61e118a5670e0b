import { array, evaluate, jit, lift, type Tensor } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import {
  boostingLoss,
  initialConstant,
  newtonStep,
  probabilities,
  pseudoResiduals,
} from "./losses.ts";
import { float64 } from "./testing.ts";

const close = (actual: ArrayLike<number>, expected: readonly number[], digits = 9) =>
  expect(Array.from(actual).map((x) => Number(x.toFixed(digits)))).toEqual(expected);

describe("two classes", () => {
  const y = float64([[1], [-1], [-1], [1]]);
  const F = float64([[0.3], [-0.2], [0.5], [0]]);
  const h = float64([[0.4], [-0.7], [-0.1], [0.9]]);

  it("start, residuals, loss and step are those worked out by hand (eqs. 2 to 5)", async () => {
    const labels = float64([[1], [1], [-1], [1], [-1], [-1], [1], [1]]);
    const r = pseudoResiduals("binary", lift(y), lift(F));
    const { start, residuals, loss, step } = await evaluate({
      start: initialConstant("binary", lift(labels)),
      residuals: r,
      loss: boostingLoss("binary", lift(y), lift(F)),
      step: newtonStep("binary", lift(y), r, lift(h)),
    });
    close(start.data, [0.25541281188], 11);
    close(residuals.data, [0.708687388, -0.80262468, -1.462117157, 1]);
    close(loss.data, [0.43748795, 0.513015252, 1.313261688, Number(Math.LN2.toFixed(9))]);
    close(step.data, [1.317953806843], 12);
  });

  it("the start leaves residuals without a mean, and is the best constant", async () => {
    const labels = lift(float64([[1], [1], [-1], [1], [-1]]));
    const F0 = initialConstant("binary", labels);
    const lossAt = (shift: number) =>
      boostingLoss("binary", labels, F0.add(shift).broadcastTo([5, 1])).mean();
    const residuals = pseudoResiduals("binary", labels, F0.broadcastTo([5, 1]));
    const [mean, best, lower, higher] = await evaluate([
      residuals.mean(),
      lossAt(0),
      lossAt(-1e-3),
      lossAt(1e-3),
    ]);
    expect(Math.abs(mean.item())).toBeLessThan(1e-15);
    expect(best.item()).toBeLessThan(Math.min(lower.item(), higher.item()));
  });

  it("the step's denominator is the curvature of the loss along h: never negative", async () => {
    const scores = float64([[-800], [800], [3], [-40]]);
    const r = pseudoResiduals("binary", lift(y), lift(scores));
    const { curvature, probability } = await evaluate({
      curvature: r.mul(lift(y).mul(2).sub(r)),
      probability: probabilities("binary", lift(scores)),
    });
    for (const value of curvature.data) expect(value).toBeGreaterThanOrEqual(0);
    close(probability.data.slice(0, 4), [1, 0, 0, 1]); // no overflow at 2 F = 1600
    expect(probability.data[5]).toBeCloseTo(1 / (1 + Math.exp(-6)), 12); // the factor 2 of eq. 6
  });

  it("examples fitted perfectly give the step 0, not a division by zero", async () => {
    const far = float64([[400], [-400], [-400], [400]]);
    const r = pseudoResiduals("binary", lift(y), lift(far));
    const [step] = await evaluate([newtonStep("binary", lift(y), r, lift(h))]);
    expect(step.item()).toBe(0);
  });
});

describe("more classes", () => {
  const F = float64([
    [0.2, -0.1, 0.4],
    [1, 0, -1],
  ]);
  const Y = float64([
    [0, 0, 1],
    [0, 1, 0],
  ]);
  const h = float64([
    [-0.3, -0.2, 0.6],
    [0.1, 0.5, -0.4],
  ]);

  it("probabilities, residuals, loss and both steps are those worked out by hand", async () => {
    const r = pseudoResiduals("multiclass", lift(Y), lift(F));
    const step = (lineSearch: "diagonalNewton" | "exactNewton") =>
      newtonStep("multiclass", lift(Y), r, lift(h), lineSearch);
    const { start, p, loss, rows, diagonal, exact } = await evaluate({
      start: initialConstant("multiclass", lift(Y)),
      p: probabilities("multiclass", lift(F)),
      loss: boostingLoss("multiclass", lift(Y), lift(F)),
      rows: r.sum(-1),
      diagonal: step("diagonalNewton"),
      exact: step("exactNewton"),
    });
    close(start.data, [0, 0, 0]); // uniform, not the frequencies of the classes
    close(p.data, [0.337584538, 0.250088777, 0.412326686, 0.665240956, 0.244728471, 0.090030573]);
    close(loss.data, [0.885939318, 1.407605964]);
    close(diagonal.data, [4.824256792111], 12);
    close(exact.data, [3.568875910855], 12);
    for (const sum of rows.data) expect(Math.abs(sum)).toBeLessThan(1e-15);
  });

  it("the exact step is that of Newton's method along h: slope over second derivative", async () => {
    const along = jit((t: Tensor) =>
      boostingLoss("multiclass", lift(Y), lift(F).add(lift(h).mul(t))).sum(),
    );
    const d = 1e-4;
    const at = async (t: number) =>
      (await along(array(new Float64Array([t]), { shape: [] }))).item();
    const [below, here, above] = [await at(-d), await at(0), await at(d)];
    const newton = -(above - below) / (2 * d) / ((above - 2 * here + below) / d ** 2);
    expect(newton).toBeCloseTo(3.568875910855, 5);
  });
});

it("regression starts at the mean and goes the whole step", async () => {
  const y = lift(float64([[1], [2], [6]]));
  const F0 = initialConstant("regression", y);
  const r = pseudoResiduals("regression", y, F0.broadcastTo([3, 1]));
  const { start, residuals, loss, step } = await evaluate({
    start: F0,
    residuals: r,
    loss: boostingLoss("regression", y, F0.broadcastTo([3, 1])),
    step: newtonStep("regression", y, r, r),
  });
  close(start.data, [3]);
  close(residuals.data, [-2, -1, 3]);
  close(loss.data, [4, 1, 9]);
  close(step.data, [1]);
});
