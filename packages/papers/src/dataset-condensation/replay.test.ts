import { array, setThreads } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { cluttered, smoothPatterns } from "./clutter.ts";
import { commonSignal } from "./commonSignal.ts";
import { keepRows } from "./labelled.ts";
import { perceptron } from "./networks.ts";
import { classIncrementalReplay, drawClassOrder, herded, tasksOf } from "./replay.ts";
import { toyImages } from "./testing.ts";

setThreads(1);

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

describe("what is common to classes", () => {
  it("is seen in the shares of gradients: rows sum to 1", async () => {
    const data = toyImages(40, 2);
    const net = perceptron([6])([1, 6, 6], 2);
    const { shares, cosines } = await commonSignal(net, data, data, 0);
    for (const row of shares) expect(row[0] + row[1]).toBeCloseTo(1, 5);
    expect(cosines[0][0]).toBeCloseTo(1, 4);
  });

  it("clutter has unit deviation, is smooth, and shifts all images alike", () => {
    const [pattern] = smoothPatterns(1, 14, 14, 3);
    const squares = (values: number[]) =>
      values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    const middle = mean(pattern);
    expect(squares(Array.from(pattern, (value) => value - middle))).toBeCloseTo(1, 9);
    const steps = Array.from(
      pattern,
      (value, i) => value - pattern[i % 14 === 13 ? i - 13 : i + 1],
    );
    expect(squares(steps)).toBeLessThan(0.8);
    const { x } = toyImages(200, 2, { side: 14 });
    const blank = { ...x, data: x.data };
    expect(cluttered(x, { beta: 0, seed: 1 }, 0).data).toEqual(blank.data);
    const moved = cluttered(x, { beta: 1, seed: 1 }, 0);
    const [first] = smoothPatterns(6, 14, 14, 1);
    let along = 0;
    moved.data.forEach((value, i) => {
      along += ((Number(value) - Number(x.data[i])) * first[i % 196]) / 196 / 200;
    });
    expect(along).toBeGreaterThan(1);
    expect(() => cluttered(toyImages(2, 2, { channels: 3 }).x, { beta: 1, seed: 0 }, 0)).toThrow(
      /gray/,
    );
  });
});

describe("replay", () => {
  const data = toyImages(80, 4, { side: 8 });

  it("learns class after class from what it kept", async () => {
    const order = drawClassOrder(4, 2, 0);
    expect(order.tasks.flat().sort()).toEqual([0, 1, 2, 3]);
    const tasks = tasksOf(data, order);
    const test = tasksOf(toyImages(60, 4, { side: 8, seed: 8 }), order);
    const accuracies = await classIncrementalReplay(
      tasks,
      async (task) => keepRows(task, herded(task, 2)),
      perceptron([16]),
      test,
      { networks: 1, epochs: 100, seed: 0 },
    );
    expect(accuracies.length).toBe(2);
    expect(accuracies[1]).toBeGreaterThan(0.5);
    expect(() => drawClassOrder(5, 2, 0)).toThrow(/do not fall into 2 equal groups/);
  });

  it("herding keeps the images whose mean is nearest to that of the class", () => {
    const x = array([0, 10, 4, 6, 100, 101], { shape: [6, 1] });
    const y = Int32Array.from([0, 0, 0, 0, 1, 1]);
    // The mean is 5: 4 is nearest (the first of two), then 6 makes the mean 5.
    expect([...herded({ x, y, numClasses: 2 }, 2)]).toEqual([2, 3, 4, 5]);
  });
});
