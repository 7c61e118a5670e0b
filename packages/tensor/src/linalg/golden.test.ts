import { readFileSync } from "node:fs";
import { describe, test } from "vitest";
import { array, grad, hvp, jit, type Tensor } from "../index.ts";
import { sum } from "../ops/reduce.ts";
import { expectClose } from "../testing/compare.ts";
import type { Reference } from "../testing/reference.ts";
import {
  cholesky,
  det,
  eigh,
  inv,
  lstsq,
  qr,
  slogdet,
  solve,
  svd,
  triangularSolve,
} from "./index.ts";

/** Made by `golden/make_linalg.py`. */
interface Golden {
  name: string;
  inputs: Reference[];
  results: Reference[];
  weights?: Reference[];
  direction?: Reference[];
  /** Of the weighted sum of all results' entries. */
  gradient?: Reference[];
  /** Derivative of the gradient along the direction. */
  second?: Reference[];
}

const golden: Golden[] = JSON.parse(
  readFileSync(new URL("../../golden/linalg.json", import.meta.url), "utf8"),
);

type Operation = (...operands: Tensor[]) => Tensor | readonly Tensor[];
const operations: Record<string, Operation> = {
  cholesky,
  det,
  eigh,
  inv,
  lstsq,
  qr,
  slogdet,
  solve,
  svd,
};

/** Names are an operation, and what is particular; for triangles "lower transpose unitDiagonal" as bits. */
function operationOf(name: string): Operation {
  const [, lower, transpose, unitDiagonal] = /^triangularSolve (\d)(\d)(\d)/.exec(name) ?? [];
  if (lower === undefined) return operations[name.split(/\W/)[0]];
  const is = (bit: string) => bit === "1";
  return (a, b) =>
    triangularSolve(a, b, {
      lower: is(lower),
      transpose: is(transpose),
      unitDiagonal: is(unitDiagonal),
    });
}

const arrays = (list: readonly Reference[]) =>
  list.map(({ data, shape }) => array(Float64Array.from(data), { shape }));

describe("against NumPy, SciPy and JAX", () => {
  test.each(golden)(
    "$name",
    async ({ name, inputs, results, weights = [], direction = [], gradient = [], second = [] }) => {
      const f = (operands: readonly Tensor[]) => [operationOf(name)(...operands)].flat();
      const run = jit((operands: Tensor[], given: Tensor[], along: Tensor[]) => {
        const values = f(operands);
        if (given.length === 0) return { values, first: [], curvature: [] };
        const loss = (xs: Tensor[]) =>
          f(xs)
            .map((x, i) => sum(x.mul(given[i])))
            .reduce((a, b) => a.add(b));
        return { values, first: grad(loss)(operands), curvature: hvp(loss)(operands, along) };
      });
      const got = await run(arrays(inputs), arrays(weights), arrays(direction));
      // Results may differ by rounding times the condition of the matrix, which is moderate throughout.
      results.forEach((expected, i) => {
        expectClose(`result ${i}`, got.values[i], expected, { whole: 1e-12 });
      });
      gradient.forEach((expected, i) => {
        expectClose(`gradient ${i}`, got.first[i], expected, { whole: 1e-11 });
      });
      second.forEach((expected, i) => {
        expectClose(`second derivative ${i}`, got.curvature[i], expected, { whole: 1e-10 });
      });
    },
  );
});
