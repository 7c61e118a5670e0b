import { array, jit, lift, random, type Tensor, valueAndGrad } from "@etude/tensor";
import { expect, it } from "vitest";
import { completeConfig } from "./config.ts";
import { fitPart, partObjective } from "./part.ts";
import { initialShallow, type Shallow, shallowOutput } from "./shallow.ts";
import { float64 } from "./testing.ts";

const x = float64([
  [0.5, -1],
  [1.5, 0.25],
  [-0.75, 2],
]);
const residuals = float64([[0.2], [-0.6], [1.1]]);
const part = {
  W: float64([
    [0.3, -0.4],
    [0.1, 0.8],
  ]),
  b: float64([0.05, -0.2]),
  V: float64([[0.7], [-1.2]]),
  c: float64([0.15]),
};
const rounded = (values: ArrayLike<number>) => Array.from(values, (v) => Number(v.toFixed(9)));

const objective = jit((part: Shallow<Tensor>) => ({
  outputs: shallowOutput(part, lift(x), "logistic"),
  differentiated: valueAndGrad((p: Shallow<Tensor>) =>
    partObjective(p, lift(x), lift(residuals), 1e-4, "logistic"),
  )(part),
}));

it("outputs, objective and gradient are those worked out by hand (eq. 12)", async () => {
  const { outputs, differentiated } = await objective(part);
  const [value, gradient] = differentiated;
  expect(rounded(outputs.data)).toEqual([0.239715171, 0.164608899, -0.51026691]);
  expect(value.item()).toBeCloseTo(0.529907764055, 12);
  expect(rounded(gradient.W.data)).toEqual([0.134100656, -0.169477669, -0.179726555, 0.153607753]);
  expect(rounded(gradient.b.data)).toEqual([-0.049941947, 0.011325815]);
  expect(rounded(gradient.V.data)).toEqual([-0.104620437, -0.360509728]);
  expect(rounded(gradient.c.data)).toEqual([-0.268647613]);
});

it("the gradient agrees with differences of the objective", async () => {
  const gradient = (await objective(part)).differentiated[1];
  const d = 1e-6;
  for (const name of ["W", "b", "V", "c"] as const) {
    for (let i = 0; i < part[name].size; i++) {
      const [above, below] = await Promise.all(
        [d, -d].map(async (shift) => {
          const data = Float64Array.from(part[name].data);
          data[i] += shift;
          const moved = { ...part, [name]: array(data, { shape: part[name].shape }) };
          return (await objective(moved)).differentiated[0].item();
        }),
      );
      expect(gradient[name].data[i]).toBeCloseTo((above - below) / (2 * d), 8);
    }
  }
});

it("starts uniform within the bounds of eq. 13, biases too", () => {
  const start = initialShallow(random.generator(1), [30, 20, 5], "logistic", "float64");
  const spread = ({ data }: { data: ArrayLike<number> }) => Math.max(...Array.from(data, Math.abs));
  const [hidden, output] = [Math.sqrt(2 / 50), Math.sqrt(2 / 25)];
  expect(spread(start.W)).toBeLessThanOrEqual(hidden);
  expect(spread(start.W)).toBeGreaterThan(0.98 * hidden);
  expect(spread(start.b)).toBeGreaterThan(0.7 * hidden);
  expect(spread(start.V)).toBeLessThanOrEqual(output);
  expect(spread(start.V)).toBeGreaterThan(0.9 * output);
  const wide = initialShallow(random.generator(1), [30, 20, 5], "tanh", "float64");
  expect(wide.W.data[0] / start.W.data[0]).toBeCloseTo(Math.sqrt(3), 12);
});

it.each(["lbfgs", "adam", "sgd"] as const)("%s lowers the objective", async (solver) => {
  const settings = completeConfig({ solver, maxIter: 50, seed: 1 });
  const generator = random.generator(1);
  const fitted = await fitPart(part, x, residuals, settings, generator);
  const before = (await objective(part)).differentiated[0].item();
  const after = (await objective(fitted)).differentiated[0].item();
  expect(after).toBeLessThan(before);
  // Three points and nine parameters: L-BFGS fits them but for the penalty.
  if (solver === "lbfgs") expect(after).toBeLessThan(2e-3);
});
