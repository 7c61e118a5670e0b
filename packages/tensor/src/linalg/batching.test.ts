import { describe, expect, test } from "vitest";
import { grad, jit, type Tensor, vmap } from "../index.ts";
import { expectClose, toReference } from "../testing/compare.ts";
import { randomFrom } from "../testing/random.ts";
import { transposed } from "./adjoint.ts";
import { cases, draw, inputsOf, largest, regular, stackArrays } from "./cases.ts";
import { lstsq, solve, triangularSolve } from "./index.ts";

describe("leading axes are batch axes", () => {
  test.each(cases)("$name: a batch, vmap and a loop agree", async (c) => {
    const members = [1, 2, 3].map((seed) => inputsOf(c, seed));
    const stacked = members[0].map((_, k) => stackArrays(members.map((member) => member[k])));
    const all = jit((batch: Tensor[], one: Tensor[][]) => ({
      batch: c.f(...batch),
      vmap: vmap((...xs: Tensor[]) => c.f(...xs))(...batch),
      nested: vmap((...xs: Tensor[]) => vmap((...ys: Tensor[]) => c.f(...ys))(...xs))(
        ...batch.map((x) => x.expandDims(0)),
      ),
      loop: one.map((operands) => c.f(...operands)),
    }));
    const got = await all(stacked, members);
    got.loop[0].forEach((_, i) => {
      const expected = toReference(stackArrays(got.loop.map((results) => results[i])));
      expectClose("batch", got.batch[i], expected);
      expectClose("vmap", got.vmap[i], expected);
      expectClose("nested vmap", got.nested[i], {
        shape: [1, ...expected.shape],
        data: expected.data,
      });
    });
  });

  const systems = {
    solve,
    triangularSolve,
    "triangularSolve, transposed": (a: Tensor, b: Tensor) =>
      triangularSolve(a, b, { lower: false, transpose: true }),
    lstsq,
  };
  test.each(Object.entries(systems))("%s: a shared operand is as one repeated", async (_, f) => {
    const random = randomFrom(6);
    const matrices = stackArrays([regular(random, 3), regular(random, 3)]);
    const columns = draw(random, [2, 3, 4]);
    const vectors = draw(random, [2, 3]);
    const loss = (a: Tensor, b: Tensor) => f(a, b).tanh().sum();
    const got = await jit((as: Tensor, bs: Tensor, vs: Tensor) => {
      const [a0, a1] = [as.slice(0), as.slice(1)];
      const [b0, b1] = [bs.slice(0), bs.slice(1)];
      const gradient = grad(loss, { argnums: [0, 1] });
      return {
        sharedMatrix: [
          vmap(f, { inAxes: [null, 0] })(a0, bs)
            .slice(1)
            .sub(f(a0, b1)),
          f(a0, bs).slice(1).sub(f(a0, b1)),
        ],
        sharedRight: [
          vmap(f, { inAxes: [0, null] })(as, b0)
            .slice(1)
            .sub(f(a1, b0)),
          f(as, b0).slice(1).sub(f(a1, b0)),
        ],
        crossed: f(as.expandDims(1), bs).slice(1, 0).sub(f(a1, b0)),
        vector: [
          f(a0, vs.slice(1)).sub(f(a0, transposed(vs)).slice(null, 1)),
          vmap(f, { inAxes: [null, 0] })(a0, vs).sub(transposed(f(a0, transposed(vs)))),
        ],
        gradients: [0, 1].flatMap((k) => [
          vmap(gradient, { inAxes: [null, 0] })(a0, bs)
            [k].slice(1)
            .sub(gradient(a0, b1)[k]),
          vmap(gradient, { inAxes: [0, null] })(as, b0)
            [k].slice(1)
            .sub(gradient(a1, b0)[k]),
        ]),
        // A matrix that all share gets the sum of what each would give it.
        summed: grad(loss)(a0, bs).sub(grad(loss)(a0, b0)).sub(grad(loss)(a0, b1)),
        summedRight: grad((b: Tensor) => loss(as, b))(b0)
          .sub(grad((b: Tensor) => loss(a0, b))(b0))
          .sub(grad((b: Tensor) => loss(a1, b))(b0)),
      };
    })(matrices, columns, vectors);
    const { sharedMatrix, sharedRight, crossed, vector, gradients, summed, summedRight } = got;
    const all = [sharedMatrix, sharedRight, crossed, vector, gradients, summed, summedRight].flat();
    for (const difference of all) expect(largest(difference)).toBeLessThan(1e-13);
  });
});
