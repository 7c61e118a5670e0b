import { array, concat, jit, random, type Tensor, zeros } from "@etude/tensor";
import { expect, test } from "vitest";
import { conjugateGradient, scanConjugateGradient } from "./conjugateGradient.ts";
import { compileMinimizer, minimize } from "./minimize.ts";

type Line = { slope: Tensor; bias: Tensor };

const squaredError = (p: Line, x: Tensor, y: Tensor) => {
  const error = x.matmul(p.slope).add(p.bias).sub(y);
  return error.mul(error).mean();
};

const normals = (count: number, seed: number) => {
  const stream = random.generator(seed);
  return Float64Array.from({ length: count }, () => stream.normal());
};

test("a tree of parameters is fitted, compiled once for all data of the same shapes", async () => {
  let traced = 0;
  const fit = compileMinimizer((p: Line, x: Tensor, y: Tensor) => {
    traced++;
    return squaredError(p, x, y);
  });
  const start = { slope: zeros([3]), bias: zeros([]) };
  for (let phase = 0; phase < 5; phase++) {
    const x = array(normals(30, phase), { shape: [10, 3] });
    const slope = [phase, -2, 0.5];
    const y = array(
      Float64Array.from({ length: 10 }, (_, i) =>
        slope.reduce((sum, w, j) => sum + w * x.data[3 * i + j], phase - 1),
      ),
    );
    const { params, value, reason } = await fit(start, [x, y], {
      dtype: "float64",
      gradientTolerance: 1e-10,
      relativeDecrease: 0,
    });
    expect(reason).toBe("gradient");
    expect(value).toBeLessThan(1e-18);
    expect(params.slope.dtype).toBe("float64");
    slope.forEach((w, i) => {
      expect(params.slope.data[i]).toBeCloseTo(w, 8);
    });
    expect(params.bias.item()).toBeCloseTo(phase - 1, 8);
  }
  expect(traced).toBe(1);
  await fit({ slope: zeros([2]), bias: 0 }, [
    array(normals(20, 1), { shape: [10, 2], dtype: "float32" }),
    zeros([10]),
  ]);
  expect(traced).toBe(2);
});

test("float32 parameters stay float32, and integers among the data stay integers", async () => {
  const classes = array([0, 1, 1, 0, 1], { dtype: "int32" });
  const x = array([[-2], [1], [3], [-1], [0.5]]);
  const loss = (p: { weight: Tensor }, x: Tensor, labels: Tensor) => {
    const z = x.matmul(p.weight);
    const nll = z
      .softplus()
      .sub(z.mul(labels.astype(z.dtype)))
      .mean();
    return nll.add(p.weight.mul(p.weight).sum().mul(0.1));
  };
  const single = await minimize(loss, { weight: zeros([1]) }, [x, classes]);
  const double = await minimize(loss, { weight: zeros([1]) }, [x, classes], { dtype: "float64" });
  expect(single.params.weight.dtype).toBe("float32");
  expect(["gradient", "decrease"]).toContain(single.reason);
  expect(single.params.weight.item()).toBeCloseTo(double.params.weight.item(), 3);
});

test("parameters that cannot vary are named", async () => {
  const loss = (p: { a: Tensor; b: Tensor }) => p.a.mul(p.a).sum();
  const int = { a: zeros([2]), b: zeros([1], "int32") };
  await expect(minimize(loss, int, [])).rejects.toThrow("parameter b is int32");
  const mixed = { a: zeros([2]), b: zeros([1], "float64") };
  await expect(minimize(loss, mixed, [])).rejects.toThrow("give a { dtype }");
});

/** A positive definite matrix, its product, and a right side. */
function system(size: number) {
  const root = normals(size * size, 3);
  const matrix = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => {
      let sum = i === j ? 0.5 : 0;
      for (let k = 0; k < size; k++) sum += root[i * size + k] * root[j * size + k];
      return sum;
    }),
  );
  const product = (v: ArrayLike<number>) =>
    matrix.map((row) => row.reduce((sum, a, j) => sum + a * v[j], 0));
  return { matrix, product, right: normals(size, 1) };
}

test("conjugate gradients solve, precondition, go on from a start, and notice indefinite matrices", async () => {
  const { matrix, product, right } = system(12);
  const plain = await conjugateGradient(product, right);
  const preconditioned = await conjugateGradient(product, right, {
    preconditioner: (r) => r.map((v, i) => v / matrix[i][i]),
  });
  for (const { x, reason } of [plain, preconditioned]) {
    expect(reason).toBe("converged");
    product(x).forEach((v, i) => {
      expect(v).toBeCloseTo(right[i], 8);
    });
  }
  const again = await conjugateGradient(product, right, { start: plain.x, tolerance: 1e-8 });
  expect([again.reason, again.iterations]).toEqual(["converged", 0]);
  const short = await conjugateGradient(product, right, { maxIterations: 2 });
  expect([short.reason, short.iterations]).toEqual(["iterations", 2]);
  const indefinite = await conjugateGradient((v) => v.map((entry) => -entry), right);
  expect([indefinite.reason, indefinite.iterations]).toEqual(["indefinite", 0]);
});

test("in a graph: the same solution on a tree, unharmed by steps too many", async () => {
  const { matrix, product, right } = system(6);
  const { x } = await conjugateGradient(product, right);
  const b = {
    first: array(right.slice(0, 1)),
    rest: array(right.slice(1)),
  };
  const solve = jit((a: Tensor, b: { first: Tensor; rest: Tensor }) =>
    scanConjugateGradient(
      (v) => {
        const image = a.matmul(concat([v.first, v.rest]));
        return { first: image.slice([0, 1]), rest: image.slice([1]) };
      },
      b,
      { iterations: 200 },
    ),
  );
  const [solution, residual] = await solve(array(matrix, { dtype: "float64" }), b);
  [...solution.first.data, ...solution.rest.data].forEach((v, i) => {
    expect(v).toBeCloseTo(x[i], 8);
  });
  expect(residual.item()).toBeLessThan(1e-10);
});
