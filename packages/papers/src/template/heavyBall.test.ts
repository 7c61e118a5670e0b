import { array, type NDArray } from "@etude/tensor";
import { describe, expect, it } from "vitest";
import { curvatureOf, descend, heavyBall, minimiser, plainDescent } from "./heavyBall.ts";

/** Two columns at right angles, of curvature 1 and 1 / 100. */
const x = array(
  [
    [Math.SQRT2, 0],
    [0, Math.SQRT2 / 10],
  ],
  { dtype: "float64" },
);
const y = array([1, 1], { dtype: "float64" });
const start = array([1, 1], { dtype: "float64" });

const row = ({ data, shape }: NDArray, k: number): number[] =>
  Array.from(data.slice(k * shape[1], (k + 1) * shape[1]), Number);

describe("the heavy ball", () => {
  it("finds the curvature of a problem that has it by construction", async () => {
    const { least, greatest } = await curvatureOf(x);
    expect(least).toBeCloseTo(0.01, 12);
    expect(greatest).toBeCloseTo(1, 12);
  });

  it("makes the first step of plain descent at its own step size", async () => {
    const coefficients = heavyBall({ least: 0.01, greatest: 1 });
    const [both, plain] = await Promise.all([
      descend(x, y, start, coefficients, 1),
      descend(x, y, start, { ...coefficients, momentum: 0 }, 1),
    ]);
    expect(both.tolist()).toEqual(plain.tolist());
  });

  it("follows the recurrence of the paper", async () => {
    const { stepSize, momentum } = { stepSize: 0.5, momentum: 0.25 };
    const path = await descend(x, y, start, { stepSize, momentum }, 5);
    const curvatures = [1, 0.01];
    const pulls = [Math.SQRT2 / 2, Math.SQRT2 / 20];
    let [now, before] = [
      [1, 1],
      [1, 1],
    ];
    for (let k = 0; k < 5; k++) {
      const next = now.map(
        (w, i) => w - stepSize * (curvatures[i] * w - pulls[i]) + momentum * (w - before[i]),
      );
      [now, before] = [next, now];
      row(path, k).forEach((w, i) => {
        expect(w).toBeCloseTo(now[i], 12);
      });
    }
  });

  it("comes to the minimum at the promised rate, and faster than plain descent", async () => {
    const curvature = await curvatureOf(x);
    const minimum = (await minimiser(x, y)).tolist() as number[];
    const distance = (w: readonly number[]) => Math.hypot(...w.map((v, i) => v - minimum[i]));
    const steps = 80;
    const fast = await descend(x, y, start, heavyBall(curvature), steps);
    const slow = await descend(x, y, start, plainDescent(curvature), steps);
    const [first, last] = [row(fast, steps / 2), row(fast, steps - 1)].map(distance);
    // (sqrt 100 - 1) / (sqrt 100 + 1) a step, up to the factor k of a double eigenvalue.
    expect(last / first).toBeLessThan((9 / 11) ** (steps / 2 - 1) * 4);
    expect(last).toBeLessThan(distance(row(slow, steps - 1)) / 1000);
  });
});
