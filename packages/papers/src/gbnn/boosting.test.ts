import { array, type NDArray } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { fitGbnn } from "./boosting.ts";
import { completeConfig } from "./config.ts";
import { decisionFunction, predict, predictProba } from "./predict.ts";
import { stagedScores } from "./staged.ts";
import { float64, toyClasses, toyRegression } from "./testing.ts";

const small = { totalUnits: 12, maxIter: 40, learningRate: 0.3, seed: 3 };

describe("training", () => {
  it("the whole step on all examples never raises the squared error", async () => {
    const { x, y } = toyRegression(60, 3, 1);
    const config = { ...small, learningRate: 1, subsample: 1 };
    const model = await fitGbnn(x, y, "regression", config);
    const [start] = await stagedScores(model, x, y);
    [start.loss, ...model.trainLoss].reduce((before, loss) => {
      expect(loss).toBeLessThan(before + 1e-4); // the penalty may cost that much
      return loss;
    });
  });

  it("the same seed gives the same bits, another seed another model", async () => {
    const { x, y } = toyClasses(60, 3, 2, 2);
    const [one, again, other] = await Promise.all([
      fitGbnn(x, y, "binary", small),
      fitGbnn(x, y, "binary", small),
      fitGbnn(x, y, "binary", { ...small, seed: 4 }),
    ]);
    expect(again).toEqual(one);
    expect(other.trainLoss).not.toEqual(one.trainLoss);
  });

  it.each([
    ["binary", 2, 1, 0.85],
    ["multiclass", 3, 2, 0.7],
  ] as const)("learns %s labels, whatever numbers they are", async (task, classes, J, floor) => {
    const { x, y } = toyClasses(120, 3, classes, 5);
    const labels = array(Float64Array.from(y.data, (k) => 10 * k - 5));
    const config = { ...small, totalUnits: 30, unitsPerStep: J };
    const seen: number[] = [];
    const model = await fitGbnn(x, labels, task, config, ({ part }) => seen.push(part));
    expect(seen).toEqual(Array.from({ length: 30 / J }, (_, i) => i + 1));
    expect(model.classes).toEqual([-5, 5, 15].slice(0, classes));
    const stages = await stagedScores(model, x, labels);
    const last = stages[stages.length - 1];
    expect(last.loss).toBeCloseTo(model.trainLoss[model.trainLoss.length - 1], 12);
    expect(last.score).toBeGreaterThan(floor);
    const right = (await predict(model, x)).data.filter((label, i) => label === labels.data[i]);
    expect(right.length / 120).toBeCloseTo(last.score, 12);
    const probabilities = Array.from((await predictProba(model, x)).data);
    for (let i = 0; i < probabilities.length; i += classes)
      expect(probabilities.slice(i, i + classes).reduce((sum, p) => sum + p)).toBeCloseTo(1, 12);
  });

  it("an example with no say is not fitted: the subsample is drawn, the line search sees all", async () => {
    const { x, y } = toyRegression(50, 2, 7);
    const all = await fitGbnn(x, y, "regression", { ...small, totalUnits: 3, subsample: 1 });
    const capped = await fitGbnn(x, y, "regression", { ...small, totalUnits: 3, maxRows: 10 });
    const half = await fitGbnn(x, y, "regression", { ...small, totalUnits: 3 });
    const losses = [all, half, capped].map(({ trainLoss }) => trainLoss[2]);
    expect(new Set(losses).size).toBe(3);
  });

  it("examples that are fitted end it early; without parts it is the constant", async () => {
    const y = array(new Float64Array(20).fill(2.5));
    const { x } = toyRegression(20, 2, 1);
    const model = await fitGbnn(x, y, "regression", small);
    expect(model.parts).toEqual([]);
    expect((await predict(model, x)).data).toEqual(y.data);
    expect(await stagedScores(model, x, y)).toEqual([{ step: 0, units: 0, score: 0, loss: 0 }]);
  });

  it.each(["adam", "sgd"] as const)("parts can be fitted by %s", async (solver) => {
    const { x, y } = toyRegression(250, 2, 9); // batches of 200 and 50
    const config = { ...small, solver, totalUnits: 4, unitsPerStep: 4, subsample: 1, maxIter: 300 };
    const model = await fitGbnn(x, y, "regression", { ...config, learningRate: 1 });
    const [start] = await stagedScores(model, x, y);
    expect(model.trainLoss[0]).toBeLessThan(0.9 * start.loss);
  });

  it("computes in the dtype it is given", async () => {
    const { x, y } = toyRegression(40, 2, 1);
    const model = await fitGbnn(x.astype("float32"), y, "regression", { ...small, totalUnits: 2 });
    expect(model.parts[0].W.dtype).toBe("float32");
    expect((await decisionFunction(model, x)).dtype).toBe("float32");
  });
});

describe("what cannot be learnt from is refused", () => {
  const { x, y } = toyClasses(20, 3, 2, 1);
  const fit = (X: NDArray, labels: NDArray, task: "binary" | "multiclass" | "regression") =>
    fitGbnn(X, labels, task, small);
  const spoiled = (values: NDArray, bad: number): NDArray => {
    const data = Float64Array.from(values.data);
    data[4] = bad;
    return array(data, { shape: values.shape });
  };

  it.each([
    ["no rows", array(new Float64Array(0), { shape: [0, 3] }), y, "X has 0 rows"],
    ["NaN in X", spoiled(x, Number.NaN), y, "X contains NaN or Inf"],
    ["an infinite target", x, spoiled(y, Number.POSITIVE_INFINITY), "y contains NaN or Inf"],
    ["other lengths", x, float64([0, 1]), "X has 20 rows, y has 2 values"],
    ["one class", x, array(new Float64Array(20)), "need at least two classes"],
    ["three labels", x, spoiled(y, 2), "exactly two labels, y has 3"],
  ])("%s", async (_, X, labels, message) => {
    await expect(fit(X, labels, "binary")).rejects.toThrow(message);
  });

  it.each([
    [{ totalUnits: 2, unitsPerStep: 3 }, "totalUnits must be >= unitsPerStep"],
    [{ subsample: 0 }, "subsample must lie in (0, 1]"],
    [{ subsample: 1.5 }, "subsample must lie in (0, 1]"],
    [{ learningRate: 0 }, "learningRate must be positive"],
    [{ totalUnits: 1.5 }, "totalUnits must be a whole number"],
    [{ weightDecay: -1 }, "weightDecay must not be negative"],
  ])("%j", (setting, message) => {
    expect(() => completeConfig({ ...setting, seed: 1 })).toThrow(message);
  });

  it("a subsample of one row, other features, too many parts, an unknown label", async () => {
    const tiny = { ...small, subsample: 0.05, totalUnits: 1 };
    await expect(fitGbnn(x, y, "binary", tiny)).rejects.toThrow(
      "leaves 1; a part needs at least 2",
    );
    const model = await fitGbnn(x, y, "binary", { ...small, totalUnits: 2 });
    const narrow = array(new Float64Array(4), { shape: [2, 2] });
    await expect(predict(model, narrow)).rejects.toThrow("expected 3 features, got 2");
    await expect(predict(model, x, 3)).rejects.toThrow("from 0 to 2, got 3");
    await expect(stagedScores(model, x, spoiled(y, 7))).rejects.toThrow("label 7 is none of");
    const numbers = await fitGbnn(x, y, "regression", { ...small, totalUnits: 1 });
    await expect(predictProba(numbers, x)).rejects.toThrow("it has no classes");
  });
});
