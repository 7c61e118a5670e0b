import { expect, test } from "vitest";
import { parameter, reachable } from "../graph.ts";
import { array, constant, evaluate, iota, type Tensor, where } from "../index.ts";
import { drawInputs, outputsOf } from "../testing/cases.ts";
import { expectClose, toReference } from "../testing/compare.ts";
import { randomFrom } from "../testing/random.ts";
import * as tables from "../testing/tables.ts";
import { concreteValue, knowable } from "./concrete.ts";

test("every value known while tracing is the one the runtime computes", async () => {
  const random = randomFrom(9);
  const known: { name: string; tensor: Tensor }[] = [];
  for (const c of Object.values(tables).flat()) {
    const inputs = drawInputs(c, random).map(constant);
    for (const tensor of outputsOf(c, inputs)) {
      if (concreteValue(tensor) !== undefined) known.push({ name: c.name, tensor });
    }
  }
  const expected = await evaluate(known.map(({ tensor }) => tensor));
  for (const [i, { name, tensor }] of known.entries()) {
    const value = concreteValue(tensor) ?? expect.fail(name);
    expect(value.dtype, name).toBe(expected[i].dtype);
    expectClose(name, value, toReference(expected[i]), { entry: 1e-12 });
  }
  const covered = new Set(reachable(known.map(({ tensor }) => tensor)).map(({ op }) => op.name));
  expect(knowable.filter((name) => !covered.has(name))).toEqual([]);
});

test("integers keep their own arithmetic", () => {
  const [a, b] = [
    array([7, -7, 2 ** 31 - 1], { dtype: "int32" }),
    array([2, 2, 1], { dtype: "int32" }),
  ];
  const value = (tensor: Tensor) => concreteValue(tensor)?.tolist();
  expect(value(constant(a).floorDivide(b))).toEqual([3, -4, 2 ** 31 - 1]);
  expect(value(constant(a).mod(b))).toEqual([1, 1, 0]);
  expect(value(constant(a).add(b))).toEqual([9, -5, -(2 ** 31)]);
  expect(value(constant(array([2.7, -2.7])).astype("int32"))).toEqual([2, -2]);
});

test("what depends on a parameter, or is large, is not known", () => {
  const x = parameter({ shape: [3], dtype: "int32" }, "test");
  expect(concreteValue(x.add(1))).toBeUndefined();
  expect(concreteValue(where(true, 1, x))).toBeUndefined();
  expect(concreteValue(iota(1 << 16))?.size).toBe(1 << 16);
  expect(concreteValue(iota((1 << 16) + 1))).toBeUndefined();
  expect(concreteValue(constant(array([1])).exp())).toBeUndefined();
});
