import { expect, test } from "vitest";
import { type MetricSeries, withPoint } from "./metrics.ts";

const point = (name: string, step: number, value = step) =>
  ({ type: "metric", name, step, value }) as const;

test("series grow at the end, know their rate, and begin anew with a step back", () => {
  let all: MetricSeries[] = [];
  all = withPoint(all, point("a", 0), 0);
  all = withPoint(all, point("b", 0), 0);
  all = withPoint(all, point("a", 10), 2);
  expect(all.map(({ name }) => name)).toEqual(["b", "a"]);
  expect(all[1]).toMatchObject({ steps: [0, 10], values: [0, 10], rate: 5 });
  all = withPoint(all, point("a", 1), 3);
  expect(all[1]).toMatchObject({ steps: [1], rate: undefined });
});

test("long series are halved, and keep their first point", () => {
  let all: MetricSeries[] = [];
  for (let step = 0; step < 5000; step++) all = withPoint(all, point("a", step), step / 100);
  const [{ steps, values, rate }] = all;
  expect(steps.length).toBeLessThanOrEqual(600);
  expect(steps).toEqual(values);
  expect(steps[0]).toBe(0);
  expect(steps.at(-1)).toBeGreaterThan(4980);
  expect(rate).toBeCloseTo(100);
});
