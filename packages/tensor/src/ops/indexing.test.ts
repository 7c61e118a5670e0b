import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TensorError } from "../errors.ts";
import { constant, type Tensor } from "../graph.ts";
import { jit } from "../jit.ts";
import { array, zeros } from "../ndarray.ts";
import { setThreads } from "../runtime/device.ts";
import { checkCase } from "../testing/check.ts";
import {
  alongAxisCases,
  gatherCases,
  oneHotCase,
  orderingCases,
} from "../testing/indexing-cases.ts";
import { shapeAndAxis, shapes } from "../testing/shapes.ts";
import { choices } from "../testing/tables.ts";
import { checkTogether } from "../testing/together.ts";
import { grad } from "../transform/derivatives.ts";
import "../methods.ts";

describe("choosing and ordering", () => {
  for (const c of choices) test(c.name, () => checkCase(c));
});

test("choosing and ordering at random shapes", async () => {
  const property = fc.asyncProperty(
    shapeAndAxis,
    shapes({ max: 2 }),
    fc.integer({ min: 0, max: 3 }),
    ([shape, axis], index, length) => {
      // Of an axis without entries only no entries can be chosen.
      const isEmpty = shape.at(axis) === 0;
      return checkTogether([
        ...gatherCases(shape, isEmpty ? [0, ...index] : index, axis),
        ...alongAxisCases(shape, isEmpty ? 0 : length, axis),
        ...orderingCases(shape, axis),
        oneHotCase(shape, length, axis),
      ]);
    },
  );
  await fc.assert(property, { numRuns: 30, seed: 18 });
});

describe("positions that repeat, on all threads of the machine", () => {
  beforeAll(() => setThreads(undefined));
  afterAll(() => setThreads(1));
  const updates = 200_000;
  const rows = 7;
  const places = Int32Array.from({ length: updates }, (_, i) => (i * i) % rows);
  /** Whole numbers small enough that their sums are exact in float32. */
  const worth = Int32Array.from({ length: updates }, (_, i) => i % 5);
  const sums = (worthOf: (i: number) => number) => {
    const totals = new Array<number>(rows).fill(0);
    places.forEach((place, i) => {
      totals[place] += worthOf(i);
    });
    return totals;
  };

  for (const dtype of ["float32", "float64", "int32", "uint32"] as const) {
    test(`no update of ${updates} into ${rows} rows of ${dtype} is lost`, async () => {
      const scatter = jit((index: Tensor, values: Tensor) => ({
        flat: constant(zeros([rows], dtype)).scatterAdd(index, values),
        wide: constant(zeros([rows, 2], dtype)).scatterAdd(
          index,
          values.expandDims(1).tile([1, 2]),
        ),
        last: constant(zeros([2, rows], dtype)).scatterAdd(
          index,
          values.broadcastTo([2, updates]),
          1,
        ),
        along: constant(zeros([rows], dtype)).scatterAlongAxis(index, values),
      }));
      const got = await scatter(array(places), array(worth, { dtype }));
      const expected = sums((i) => worth[i]);
      expect([...got.flat.data]).toEqual(expected);
      expect([...got.along.data]).toEqual(expected);
      expect([...got.last.data]).toEqual([...expected, ...expected]);
      expect([...got.wide.data]).toEqual(expected.flatMap((total) => [total, total]));
    });
  }

  test("the gradient of a gather counts how often each row was taken", async () => {
    const counts = jit((x: Tensor, index: Tensor) => grad((y: Tensor) => y.gather(index).sum())(x));
    const got = await counts(zeros([rows]), array(places));
    expect([...got.data]).toEqual(sums(() => 1));
  });
});

test("a position outside the axis is an error when the graph runs", async () => {
  const take = jit((x: Tensor, index: Tensor) => x.gather(index));
  await expect(take(zeros([3]), array([3], { dtype: "int32" }))).rejects.toThrow(TensorError);
  const along = jit((x: Tensor, index: Tensor) => x.takeAlongAxis(index));
  await expect(along(zeros([3]), array([-4], { dtype: "int32" }))).rejects.toThrow(TensorError);
});
