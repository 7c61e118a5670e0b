import { array } from "@etude/tensor";
import { expect, it } from "vitest";
import { combinations, crossValidateGbnn, paperGrid } from "./crossValidation.ts";
import { toyClasses, toyRegression } from "./testing.ts";

it("the paper's grid has 80 combinations", () => {
  const settings = combinations(paperGrid);
  expect(settings).toHaveLength(80);
  expect(new Set(settings.map((setting) => JSON.stringify(setting))).size).toBe(80);
  expect(settings[1]).toEqual({ unitsPerStep: 1, subsample: 0.25, learningRate: 0.05 });
});

it("settings that cannot learn are not chosen, in any outer fold", async () => {
  const { x, y } = toyClasses(90, 2, 2, 4);
  const grid = { totalUnits: [8], maxIter: [25], learningRate: [1e-6, 0.5] };
  let fits = 0;
  const report = await crossValidateGbnn(x, y, "binary", grid, 3, 2, 1, (done, total) => {
    fits = done;
    expect(total).toBe(3 * 2 * 2);
  });
  expect(fits).toBe(12);
  expect(report.folds.map(({ chosen }) => chosen.learningRate)).toEqual([0.5, 0.5, 0.5]);
  expect(report.mean).toBeGreaterThan(0.7);
  expect(report.deviation).toBeGreaterThan(0);
});

it("a target without any relation to the inputs is predicted no better than by its mean", async () => {
  const { x } = toyRegression(90, 2, 4);
  const noise = array(toyRegression(90, 2, 99).y.data.map((value) => value));
  const grid = { totalUnits: [6], maxIter: [25], learningRate: [0.3] };
  const { mean } = await crossValidateGbnn(x, noise, "regression", grid, 3, 2, 1);
  const centre = Array.from(noise.data).reduce((sum, value) => sum + value / 90, 0);
  const deviation = Math.sqrt(
    Array.from(noise.data).reduce((sum, value) => sum + (value - centre) ** 2 / 90, 0),
  );
  expect(mean).toBeGreaterThan(0.9 * deviation);
});

it("an empty grid is refused", async () => {
  const { x, y } = toyRegression(20, 2, 4);
  const search = crossValidateGbnn(x, y, "regression", { learningRate: [] }, 2, 2, 1);
  await expect(search).rejects.toThrow("the grid is empty");
});
