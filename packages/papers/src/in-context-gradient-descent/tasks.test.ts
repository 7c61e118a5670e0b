import { array, evaluate, jit, lift, random, type Tensor, vmap } from "@etude/tensor";
import { describe, expect, test } from "vitest";
import { copyingRegressor, copyScore, positionTable } from "./copying.ts";
import { descentRegressor, initialLayer } from "./regressors.ts";
import { optimalStepSize, scanStepSize } from "./stepSize.ts";
import {
  linearSampler,
  sampleLinearTasks,
  sampleShiftedTasks,
  sampleSineTasks,
  separateTokens,
} from "./tasks.ts";

const task = { inputSize: 10, contextLength: 10, inputRange: 1, weightScale: 1 };

describe("tasks", () => {
  test("targets are the products of inputs and weights, and the query's is held back", async () => {
    const small = { inputSize: 3, contextLength: 2, inputRange: 4, weightScale: 2 };
    const { tokens, target, weight } = await evaluate(sampleLinearTasks(random.key(1), 50, small));
    expect(tokens.shape).toEqual([50, 3, 4]);
    for (let b = 0; b < 50; b++) {
      for (let i = 0; i < 3; i++) {
        const row = tokens.data.subarray((b * 3 + i) * 4, (b * 3 + i + 1) * 4);
        const y =
          row[0] * weight.data[3 * b] +
          row[1] * weight.data[3 * b + 1] +
          row[2] * weight.data[3 * b + 2];
        expect(Math.max(...Array.from(row.subarray(0, 3), Math.abs))).toBeLessThan(2);
        expect(row[3]).toBeCloseTo(i < 2 ? y : 0, 4);
        if (i === 2) expect(target.data[b]).toBeCloseTo(y, 4);
      }
    }
  });

  test("inputs have the moments of a uniform distribution, and are not correlated", async () => {
    const moments = jit((key: Tensor) => {
      const x = sampleLinearTasks(key, 4000, task).tokens.slice(null, null, [0, 10]);
      const [first, second] = [x.slice(null, [0, 5]), x.slice(null, [5, 10])];
      return [x.mean(), x.mul(x).mean(), x.pow(4).mean(), first.mul(second).mean()];
    });
    const [mean, square, fourth, across] = (await moments(random.key(3))).map((v) => v.item());
    expect(Math.abs(mean)).toBeLessThan(0.002);
    expect(square * 12).toBeCloseTo(1, 2);
    expect(fourth * 80).toBeCloseTo(1, 1);
    expect(Math.abs(across) * 12).toBeLessThan(0.01);
  });

  test("sine tasks are sines of amplitudes 0.1 to 0.5", async () => {
    const { tokens, target } = await evaluate(sampleSineTasks(random.key(0), 200, 4));
    expect(tokens.shape).toEqual([200, 5, 2]);
    expect(Math.max(...Array.from(tokens.data, Math.abs))).toBeLessThan(5);
    const most = Math.max(...Array.from(target.data, Math.abs));
    expect(most).toBeLessThanOrEqual(0.5);
    expect(most).toBeGreaterThan(0.4);
    // y and y' at x and x + pi / 2 of one sine: amplitude and phase explain all five pairs.
    for (let b = 0; b < 5; b++) {
      const at = (i: number): [number, number] => [
        tokens.data[(b * 5 + i) * 2],
        i < 4 ? tokens.data[(b * 5 + i) * 2 + 1] : target.data[b],
      ];
      const [[x0, y0], [x1, y1]] = [at(0), at(1)];
      const det = Math.sin(x0) * Math.cos(x1) - Math.cos(x0) * Math.sin(x1);
      const a = (y0 * Math.cos(x1) - y1 * Math.cos(x0)) / det;
      const c = (y1 * Math.sin(x0) - y0 * Math.sin(x1)) / det;
      for (let i = 2; i < 5; i++) {
        const [x, value] = at(i);
        expect(a * Math.sin(x) + c * Math.cos(x)).toBeCloseTo(value, 3);
      }
    }
  });

  test("shifted contexts have the norm of the range", async () => {
    const small = { ...task, inputSize: 2, contextLength: 3, inputRange: 1.5 };
    const { tokens } = await evaluate(sampleShiftedTasks(random.key(7), 60, small));
    let positive = 0;
    for (let b = 0; b < 60; b++) {
      const inputs = [0, 1, 2].flatMap((i) => [0, 1].map((j) => tokens.data[(b * 4 + i) * 3 + j]));
      expect(Math.hypot(...inputs)).toBeCloseTo(1.5, 5);
      if (inputs.every((value) => value >= 0)) positive++;
    }
    // The exponential third, and few of the others.
    expect(positive).toBeGreaterThan(10);
    expect(positive).toBeLessThan(35);
  });

  test("separate tokens take turns", async () => {
    const tokens = array([
      [
        [1, 2, 9],
        [3, 4, 8],
        [5, 6, 0],
      ],
    ]);
    const separate = await evaluate(separateTokens(lift(tokens)));
    expect(separate.tolist()).toEqual([
      [
        [1, 2],
        [0, 9],
        [3, 4],
        [0, 8],
        [5, 6],
      ],
    ]);
  });
});

describe("steps", () => {
  test("the best step and its loss in closed form (17)", () => {
    const of = (inputSize: number, contextLength: number, inputRange: number) =>
      optimalStepSize({ inputSize, contextLength, inputRange, weightScale: 1 });
    expect(of(10, 10, 1).stepSize).toBeCloseTo(6.06060606, 8);
    expect(of(10, 10, 1).loss).toBeCloseTo(0.206228956, 9);
    expect(of(10, 10, 1).zeroLoss).toBeCloseTo(0.416666667, 9);
    expect(of(10, 10, 2).stepSize).toBeCloseTo(1.51515152, 8);
    expect(of(10, 10, 2).loss).toBeCloseTo(0.824915825, 9);
    expect(of(5, 20, 2).stepSize).toBeCloseTo(2.41935484, 8);
    expect(of(5, 20, 2).loss).toBeCloseTo(0.161290323, 9);
    expect(of(10, 20, 1).stepSize).toBeCloseTo(8.05369128, 8);
    expect(of(10, 20, 1).loss).toBeCloseTo(0.137024609, 9);
  });

  test("a scan finds it, and simulation its loss", async () => {
    const { stepSize, loss } = await scanStepSize(linearSampler(task), {
      key: random.key(5),
      tasks: 6000,
      steps: 1,
      sizes: [2, 4, 5.5, 6, 6.5, 8, 12],
    });
    expect([5.5, 6, 6.5]).toContain(stepSize);
    expect(loss).toBeCloseTo(0.2062, 1);
  });

  test("GD++ without gamma is gradient descent", async () => {
    const { tokens } = sampleLinearTasks(random.key(2), 20, task);
    const model = { inputSize: 10, contextLength: 10, steps: 3, stepSize: 5 };
    const plain = descentRegressor(model);
    const plus = descentRegressor({ ...model, gamma: 0 });
    const { a, b, c } = await evaluate({
      a: plain(plain.init(random.key(0)), tokens)[2],
      b: plus(plus.init(random.key(0)), tokens)[2],
      c: descentRegressor({ ...model, shared: false })(
        { stepSize: lift(array([5, 5, 5])) },
        tokens,
      )[2],
    });
    for (const other of [b, c])
      a.data.forEach((value, i) => {
        expect(other.data[i]).toBeCloseTo(value, 4);
      });
  });
});

test("weights start truncated at two deviations (section 3.6)", async () => {
  const draw = vmap((key: Tensor) => initialLayer(key, { size: 11 }));
  const { query, key, value, output } = await evaluate(draw(random.splitKeys(random.key(0), 12)));
  const all = [query, key, value, output].flatMap(({ data }) => Array.from(data));
  const largest = Math.max(...all.map(Math.abs));
  expect(largest).toBeLessThanOrEqual(0.03065849);
  expect(largest).toBeGreaterThan(0.0304);
  const deviation = Math.sqrt(all.reduce((sum, value) => sum + value ** 2, 0) / all.length);
  expect(deviation / 0.01348).toBeCloseTo(1, 1);
});

describe("separate tokens", () => {
  test("positions are sines and cosines in turns", () => {
    const [first, second] = positionTable(2, 4).tolist() as number[][];
    expect(first).toEqual([0, 1, 0, 1]);
    [0.84147098, 0.54030231, 0.00999983, 0.99995].forEach((value, i) => {
      expect(second[i]).toBeCloseTo(value, 7);
    });
  });

  test("the copy score tells a copy from what is kept", async () => {
    const regressor = copyingRegressor({ inputSize: 3, contextLength: 2, positionSize: 4 });
    const separate = lift(
      array(
        Float32Array.from({ length: 30 }, (_, i) => Math.sin(i)),
        { shape: [2, 5, 3] },
      ),
    );
    // A layer that adds a third of the next token to each.
    const copying = (tokens: Tensor): Tensor =>
      tokens
        .slice(null, [0, 4])
        .add(tokens.slice(null, [1, 5]).div(3))
        .pad([
          [0, 0],
          [0, 1],
          [0, 0],
        ]);
    const { ideal, start } = await evaluate({
      ideal: copyScore(copying, separate),
      start: copyScore(
        (tokens) => regressor.firstLayer(regressor.init(random.key(0)), tokens),
        separate,
      ),
    });
    expect(ideal.own.item()).toBeCloseTo(Math.sqrt(3), 5);
    expect(ideal.next.item()).toBeCloseTo(Math.sqrt(3) / 3, 5);
    expect(ideal.other.item()).toBeCloseTo(0, 6);
    // At the start every token is itself and little else.
    expect(start.own.item()).toBeCloseTo(Math.sqrt(3), 1);
    expect(start.next.item()).toBeLessThan(0.05);
  });
});
