import { describe, expect, test } from "vitest";
import { grad, hvp, jit, jvp, NDArray, type Tensor, vmap } from "../index.ts";
import { sum } from "../ops/reduce.ts";
import { expectClose, toReference } from "../testing/compare.ts";
import { randomFrom } from "../testing/random.ts";
import { cases, draw, inputsOf, type LinalgCase, stackArrays } from "./cases.ts";

const step = 1e-3;
const places = [-2, -1, 1, 2];

/** Central difference of fourth order from values at -2, -1, 1 and 2 steps. */
const slope = ([a, b, c, d]: readonly number[]) => (8 * (c - b) - (d - a)) / (12 * step);

const moved = (x: NDArray, along: ArrayLike<number>, times: number): NDArray =>
  new NDArray(
    x.data.map((value, i) => value + times * step * along[i]) as Float64Array,
    x.shape,
    x.dtype,
  );

const inner = (a: readonly Tensor[], b: readonly Tensor[]): Tensor =>
  a.map((x, i) => sum(x.mul(b[i]))).reduce((x, y) => x.add(y));

const pairing = (a: readonly NDArray[], b: readonly NDArray[]): number =>
  a.reduce((sum, x, i) => [...x.data].reduce((s, value, e) => s + value * b[i].data[e], sum), 0);

/** <cotangents, f> as a function of the operands. */
const lossOf =
  ({ f }: LinalgCase, cotangents: readonly Tensor[]) =>
  (operands: readonly Tensor[]): Tensor =>
    inner(f(...operands), cotangents);

/** Everything the engine says at `operands`, and what differences need: compiled as one. */
const probe = (c: LinalgCase) =>
  jit(
    (
      operands: Tensor[],
      direction: Tensor[],
      cotangents: Tensor[],
      around: Tensor[],
      along: Tensor[],
    ) => {
      const loss = lossOf(c, cotangents);
      const gradient = grad(loss);
      return {
        gradient: gradient(operands),
        tangents: jvp((xs: Tensor[]) => c.f(...xs), [operands], [direction])[1] as Tensor[],
        forwardOverReverse: hvp(loss)(operands, direction),
        reverseOverReverse: grad((xs: Tensor[]) => inner(gradient(xs) as Tensor[], direction))(
          operands,
        ),
        lossesAround: vmap(loss)(around),
        gradientsAlong: vmap(gradient)(along),
      };
    },
  );

/** Operands with one entry moved, for each entry of each operand and each place. */
function neighbours(operands: readonly NDArray[]): NDArray[] {
  const points = operands.flatMap((x, k) =>
    [...x.data].flatMap((_, entry) => {
      const unit = x.data.map((__, i) => Number(i === entry));
      return places.map((times) => operands.with(k, moved(x, unit, times)));
    }),
  );
  return operands.map((_, k) => stackArrays(points.map((point) => point[k])));
}

describe("derivatives", () => {
  test.each(cases)("$name: first and second against central differences", async (c) => {
    const operands = inputsOf(c, 3);
    const random = randomFrom(4);
    const direction = operands.map(({ shape }) => draw(random, shape));
    const shapes = await jit((xs: Tensor[]) => c.f(...xs))(operands);
    const cotangents = shapes.map(({ shape }) => draw(random, shape));
    const along = operands.map((x, k) =>
      stackArrays(places.map((times) => moved(x, direction[k].data, times))),
    );
    const run = probe(c);
    const got = await run(operands, direction, cotangents, neighbours(operands), along);

    let next = 0;
    operands.forEach((x, k) => {
      const entries = [...x.data].map(() => {
        const losses = got.lossesAround.data.subarray(next, next + 4);
        next += 4;
        return slope([...losses]);
      });
      const expected = { shape: x.shape, data: entries };
      expectClose(`gradient in operand ${k}`, got.gradient[k], expected, { whole: 1e-8 });

      const size = x.size;
      const lines = got.gradientsAlong[k].data;
      const curvature = {
        shape: x.shape,
        data: [...x.data].map((_, e) => slope([0, 1, 2, 3].map((t) => lines[t * size + e]))),
      };
      const both = { forward: got.forwardOverReverse, reverse: got.reverseOverReverse };
      for (const [mode, second] of Object.entries(both)) {
        expectClose(`${mode} over reverse, operand ${k}`, second[k], curvature, { whole: 1e-7 });
      }
    });
    const pulled = pairing(got.gradient, direction);
    const pushed = pairing(got.tangents, cotangents);
    expect(Math.abs(pulled - pushed)).toBeLessThan(1e-11 * Math.max(1, Math.abs(pulled)));

    const narrow = (list: readonly NDArray[]) => list.map((x) => x.astype("float32"));
    const single = await run(
      narrow(operands),
      narrow(direction),
      narrow(cotangents),
      narrow(neighbours(operands)),
      narrow(along),
    );
    operands.forEach((_, k) => {
      expect(single.gradient[k].dtype).toBe("float32");
      const [first, second] = [got.gradient[k], got.forwardOverReverse[k]].map(toReference);
      expectClose("gradient in float32", single.gradient[k], first, { whole: 1e-4 });
      expectClose("hvp in float32", single.forwardOverReverse[k], second, { whole: 1e-3 });
    });
  });
});
