import { describe, test } from "vitest";
import { array } from "../ndarray.ts";
import { double, entry, expectEntries, int, single, uint } from "../testing/entries.ts";
import { where } from "./logic.ts";
import "../methods.ts";

describe("integers", () => {
  test("uint32 wraps around and compares without a sign", () => {
    const top = 2 ** 32 - 1;
    const half = 2 ** 31;
    return expectEntries([
      entry("add", [uint(top, half), uint(1, half)], (a, b) => a.add(b), [0, 0]),
      entry("sub", [uint(0, 1), uint(1, top)], (a, b) => a.sub(b), [top, 2]),
      entry("mul", [uint(top, 65537), uint(top, 65537)], (a, b) => a.mul(b), [1, 131073]),
      entry("neg", [uint(1, 0, half)], (x) => x.neg(), [top, 0, half]),
      entry("sum", [uint(top, top, 5)], (x) => x.sum(), [3]),
      entry("prod", [uint(top, 2, 3)], (x) => x.prod(), [top - 5]),
      entry("cumsum", [uint(top, 1, 2)], (x) => x.cumsum(), [top, 0, 2]),
      entry(
        "scatterAdd",
        [uint(top, 0), int(0, 0), uint(1, 2)],
        (x, i, u) => x.scatterAdd(i, u),
        [2, 0],
      ),
      entry(
        "scatterAlongAxis",
        [uint(top, 0), int(0, 0), uint(1, 2)],
        (x, i, u) => x.scatterAlongAxis(i, u),
        [2, 0],
      ),
      entry("max", [uint(1, half, top, 2)], (x) => x.max(), [top]),
      entry("min", [uint(half, top, 2)], (x) => x.min(), [2]),
      entry("argmax", [uint(1, half, top, top)], (x) => x.argmax(), [2]),
      entry("argmin", [uint(top, half, half + 1)], (x) => x.argmin(), [1]),
      entry("maximum", [uint(1, top), uint(half, 0)], (a, b) => a.maximum(b), [half, top]),
      entry("minimum", [uint(1, top), uint(half, 0)], (a, b) => a.minimum(b), [1, 0]),
      entry("less", [uint(1, top, half), uint(half, 0, half)], (a, b) => a.less(b), [1, 0, 0]),
      entry(
        "greaterEqual",
        [uint(1, top, half), uint(half, 0, half)],
        (a, b) => a.greaterEqual(b),
        [0, 1, 1],
      ),
      entry("equal", [uint(top, half), uint(top, half - 1)], (a, b) => a.equal(b), [1, 0]),
      entry("sort", [uint(half, 1, top, half - 1)], (x) => x.sort(), [1, half - 1, half, top]),
      entry("values of topK", [uint(half, 1, top, half - 1)], (x) => x.topK(2)[0], [top, half]),
      entry("indices of topK", [uint(half, 1, top, half - 1)], (x) => x.topK(2)[1], [2, 0]),
      entry("gather", [uint(half, top), int(-1)], (x, i) => x.gather(i), [top]),
      entry("takeAlongAxis", [uint(half, top), int(-1)], (x, i) => x.takeAlongAxis(i), [top]),
      entry("concat and pad", [uint(top)], (x) => x.pad([[1, 1]], { value: half }), [
        half,
        top,
        half,
      ]),
      entry("floorDivide", [uint(top, half), uint(2, 3)], (a, b) => a.floorDivide(b), [
        half - 1,
        715827882,
      ]),
      entry("mod", [uint(top, half), uint(10, 7)], (a, b) => a.mod(b), [5, 2]),
      entry("where", [uint(top, 0), uint(1, half)], (a, b) => where(a.greater(b), a, b), [
        top,
        half,
      ]),
      entry("astype float64", [uint(top, half)], (x) => x.astype("float64"), [top, half]),
      entry("abs and sign", [uint(top, 0)], (x) => x.abs().sub(x).add(x.sign()), [1, 0]),
    ]);
  });

  test("int32 divides toward minus infinity and wraps around", () => {
    const lowest = -(2 ** 31);
    const pairs = [int(7, -7, 7, -7, 6, -6, 0, lowest), int(2, 2, -2, -2, 3, 3, -5, -1)];
    return expectEntries([
      entry("floorDivide", pairs, (a, b) => a.floorDivide(b), [3, -4, -4, 3, 2, -2, 0, lowest]),
      entry("mod", pairs, (a, b) => a.mod(b), [1, 1, -1, -1, 0, 0, 0, 0]),
      entry("add", [int(2 ** 31 - 1), int(1)], (a, b) => a.add(b), [lowest]),
      entry("neg", [int(lowest, 5)], (x) => x.neg(), [lowest, -5]),
      entry(
        "astype from float64",
        [double(-1.9, 1.9, 2147483647)],
        (x) => x.astype("int32"),
        [-1, 1, 2147483647],
      ),
    ]);
  });

  test("equal entries keep their order when sorted, whichever way", () =>
    expectEntries([
      entry("argsort", [single(2, 1, 2, 1, 2)], (x) => x.argsort(), [1, 3, 0, 2, 4]),
      entry(
        "argsort descending",
        [single(2, 1, 2, 1, 2)],
        (x) => x.argsort(-1, { descending: true }),
        [0, 2, 4, 1, 3],
      ),
      entry("argsort of int32", [int(2, 1, 2, 1, 2)], (x) => x.argsort(), [1, 3, 0, 2, 4]),
      entry("topK", [single(1, 3, 3, 3)], (x) => x.topK(2)[1], [1, 2]),
      entry("argmax", [single(1, 3, 3)], (x) => x.argmax(), [1]),
      entry(
        "long argsort",
        [array(Float32Array.from({ length: 300 }, (_, i) => i % 3))],
        (x) => x.argsort(),
        [0, 1, 2].flatMap((r) => Array.from({ length: 100 }, (_, i) => 3 * i + r)),
      ),
    ]));
});
