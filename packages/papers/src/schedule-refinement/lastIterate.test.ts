import { adagrad, applyUpdates, type Optimiser, sgd } from "@etude/learn";
import {
  array,
  grad,
  jit,
  type NDArray,
  random,
  type Tensor,
  type TensorTree,
  vmap,
} from "@etude/tensor";
import { expect, test } from "vitest";
import { ratesFromWeights } from "./bound.ts";
import { lastIterate } from "./lastIterate.ts";
import { expectClose } from "./testing.ts";

const float64 = (values: number[]) => array(values, { dtype: "float64" });

/** f(x) = x A x / 2. */
const quadratic = (x: Tensor, matrix: Tensor) => x.matmul(matrix).dot(x).mul(0.5);

/** Points x_1 ... x_T, learner's points z_1 ... z_T and gradients at x_t, unrolled. */
function path(optimiser: Optimiser, weights: readonly number[], x: Tensor, matrix: Tensor) {
  let point: Tensor = x;
  let state = optimiser.init({ x: point }) as TensorTree & { point: { x: Tensor } };
  const points: { x: Tensor; z: Tensor; g: Tensor }[] = [];
  for (let t = 0; t < weights.length; t++) {
    const g = grad(quadratic)(point, matrix);
    points.push({ x: point, z: state.point.x, g });
    const step = optimiser.update({ x: g }, state, { x: point });
    point = applyUpdates({ x: point }, step.updates).x;
    state = step.state as typeof state;
  }
  return points;
}

test("around gradient descent it is SGD with the rates of the weights", async () => {
  const weights = [0.3, 0.2, 0.1, 0.4, 0.2];
  expectClose(ratesFromWeights(weights), [0.225, 0.11666667, 0.05, 0.06666667, 0]);
  const run = jit((x: Tensor, matrix: Tensor) =>
    path(lastIterate(sgd(1), weights), weights, x, matrix),
  );
  const points = await run(
    float64([1, 1]),
    array(
      [
        [1, 0],
        [0, 4],
      ],
      { dtype: "float64" },
    ),
  );
  expectClose(
    points.slice(1).flatMap(({ x }) => Array.from(x.data)),
    [0.775, 0.1, 0.68458333, 0.05333333, 0.65035417, 0.04266667, 0.60699722, 0.03128889],
  );
  const [a, b] = points[4].x.data;
  expect((a ** 2 + 4 * b ** 2) / 2).toBeCloseTo(0.186180803, 9);
  expect(guarantee(weights, points)).toBeCloseTo(1.453544267, 9);
  // The right side of (3) is larger by the square of the learner's last point, which it leaves out.
  const squares = points.reduce(
    (sum, { g }, t) => sum + weights[t] ** 2 * (g.data[0] ** 2 + g.data[1] ** 2),
    0,
  );
  expect((2 + squares) / (2 * 1.2)).toBeCloseTo(1.522193775, 9);
});

/** sum_t w_t <g_t, z_t - x*> / sum_t w_t with x* = 0. */
function guarantee(weights: readonly number[], points: readonly { z: NDArray; g: NDArray }[]) {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return (
    points.reduce((sum, { z, g }, t) => {
      const products = Float64Array.from(z.data, (value, i) => value * g.data[i]);
      return sum + weights[t] * products.reduce((inner, product) => inner + product);
    }, 0) / total
  );
}

test("the last iterate has the guarantee of the learner, on 200 random quadratics", async () => {
  const draw = random.generator(11);
  const steps = 8;
  const count = 200;
  const weights = Array.from({ length: steps }, () => draw.uniform(0.05, 1));
  const starts = array(
    Array.from({ length: count * 3 }, () => draw.normal()),
    {
      shape: [count, 3],
      dtype: "float64",
    },
  );
  const roots = array(
    Array.from({ length: count * 9 }, () => draw.normal()),
    {
      shape: [count, 3, 3],
      dtype: "float64",
    },
  );
  // Rates at which some of the problems diverge too: the guarantee is not about convergence.
  for (const learner of [sgd(0.5), adagrad(0.7)]) {
    const run = jit((x: Tensor, root: Tensor) =>
      vmap((x: Tensor, root: Tensor) => {
        const matrix = root.matmul(root.transpose());
        const points = path(lastIterate(learner, weights), weights, x, matrix);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const bound = points
          .map(({ z, g }, t) => g.dot(z).mul(weights[t] / total))
          .reduce((sum, term) => sum.add(term));
        return { reached: quadratic(points[steps - 1].x, matrix), bound };
      })(x, root),
    );
    const { reached, bound } = await run(starts, roots);
    for (let i = 0; i < count; i++)
      expect(reached.data[i]).toBeLessThanOrEqual(bound.data[i] * (1 + 1e-12) + 1e-12);
  }
});
