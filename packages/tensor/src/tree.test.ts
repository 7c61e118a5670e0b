import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  array,
  constant,
  evaluate,
  ones,
  type Tensor,
  TensorError,
  treeFlatten,
  treeLeaves,
  treeMap,
  treeRavel,
  treeUnflatten,
} from "./index.ts";

/** Random trees of numbers. */
const trees = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    fc.integer(),
    fc.constantFrom("text", true, false, null, undefined),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(
      fc.string({ maxLength: 3 }).filter((key) => key !== "__proto__"),
      tie("tree"),
      {
        maxKeys: 3,
        noNullPrototype: true,
      },
    ),
  ),
})).tree;

test("putting the leaves back gives the same tree", () => {
  fc.assert(
    fc.property(trees, (tree) => {
      const [leaves, structure] = treeFlatten(tree);
      expect(structure.leaves).toBe(leaves.length);
      expect(structure.paths.length).toBe(leaves.length);
      expect(treeUnflatten(structure, leaves)).toEqual(tree);
    }),
    { seed: 31, numRuns: 200 },
  );
});

test("structures have equal keys exactly when they hold the same in the same places", () => {
  fc.assert(
    fc.property(trees, trees, (a, b) => {
      const strip = (tree: unknown) =>
        JSON.stringify(
          treeUnflatten(
            treeFlatten(tree)[1],
            treeLeaves(tree).map(() => 0),
          ),
          (_, value) => (value === undefined ? "undefined!" : sorted(value)),
        );
      expect(treeFlatten(a)[1].key === treeFlatten(b)[1].key).toBe(strip(a) === strip(b));
    }),
    { seed: 32, numRuns: 300 },
  );
});

const sorted = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

test("the order of keys in an object does not matter", () => {
  const [leaves, structure] = treeFlatten({ b: 2, a: { d: 4, c: 3 } });
  expect(leaves).toEqual([3, 4, 2]);
  expect(structure.key).toBe(treeFlatten({ a: { c: 0, d: 0 }, b: 0 })[1].key);
  expect(structure.paths).toEqual(["a.c", "a.d", "b"]);
});

test("paths say where a leaf sits", () => {
  expect(treeFlatten({ layers: [{ w: 1 }, { w: 2, b: 3 }] })[1].paths).toEqual([
    "layers[0].w",
    "layers[1].b",
    "layers[1].w",
  ]);
  expect(treeFlatten(5)[1].paths).toEqual([""]);
});

describe("treeMap", () => {
  test("visits leaves at the same place of several trees and keeps the rest", () => {
    const a = { x: 1, y: [2, 3], name: "net", flag: true, none: null };
    const b = { x: 10, y: [20, 30], name: "net", flag: true, none: null };
    expect(treeMap((p: number, q: number) => p + q, a, b)).toEqual({
      x: 11,
      y: [22, 33],
      name: "net",
      flag: true,
      none: null,
    });
  });

  test("other structures are refused, and so are other settings", () => {
    const f = (p: number, q: number) => p + q;
    expect(() => treeMap(f, { a: 1 }, { b: 1 })).toThrow(
      /treeMap: the trees differ, \{"a":\*\} and/,
    );
    expect(() => treeMap(f, [1, 2], [1])).toThrow(TensorError);
    expect(() => treeMap(f, { a: 1, mode: "x" }, { a: 1, mode: "y" })).toThrow(TensorError);
  });
});

test("what is neither array, number, list nor plain object is named with its place", () => {
  class Model {}
  for (const [tree, message] of [
    [{ a: [new Model()] }, /a Model at a\[0\]/],
    [{ f: () => 1 }, /a function at f/],
    [[Promise.resolve(1)], /a Promise \(await it first\) at \[0\]/],
    [new Date(0), /a Date at the root/],
    [{ big: 1n }, /a bigint at big/],
  ] as const) {
    expect(() => treeFlatten(tree)).toThrow(message);
  }
});

test("objects without a prototype and arrays of the engine are what they seem", () => {
  const bare = Object.assign(Object.create(null), { a: 1 }) as { a: number };
  expect(treeLeaves(bare)).toEqual([1]);
  const nd = array([1, 2]);
  const tensor = constant(nd);
  const leaves = treeLeaves({ nd, tensor });
  expect(leaves[0]).toBe(nd);
  expect(leaves[1]).toBe(tensor);
});

test("a wrong number of leaves is refused", () => {
  expect(() => treeUnflatten(treeFlatten([1, 2])[1], [1])).toThrow(/1 leaves for a structure of 2/);
});

describe("treeRavel", () => {
  test("there and back, in the order of the leaves", async () => {
    const tree = {
      w: array([
        [1, 2],
        [3, 4],
      ]),
      b: [array(5), array([6])],
    };
    const [vector, unravel] = treeRavel(tree);
    const got = await evaluate({ vector, twice: unravel(vector.mul(2)) });
    expect(got.vector.tolist()).toEqual([5, 6, 1, 2, 3, 4]);
    expect(got.twice.w.tolist()).toEqual([
      [2, 4],
      [6, 8],
    ]);
    expect(got.twice.b[0].item()).toBe(10);
    expect(got.twice.b[1].tolist()).toEqual([12]);
  });

  test("vectors of another length and empty trees are refused", () => {
    const [, unravel] = treeRavel([array([1, 2])]);
    expect(() => unravel(constant(ones([3])))).toThrow(/unravel: expected a vector of 2 entries/);
    expect(() => treeRavel({} as { a: Tensor })).toThrow(/no leaves/);
  });
});
