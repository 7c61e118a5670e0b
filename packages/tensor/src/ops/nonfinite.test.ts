import { test } from "vitest";
import { both, expectEntries } from "../testing/entries.ts";
import { where } from "./logic.ts";
import "../methods.ts";

const { POSITIVE_INFINITY: inf, NaN: nan } = Number;

test("infinities and NaN go through as IEEE 754 says", () =>
  expectEntries([
    ...both("exp", (x) => x.exp(), [[-inf, 0, inf, nan, -800, 800]], [0, 1, inf, nan, 0, inf]),
    ...both("log", (x) => x.log(), [[0, -1, inf, nan, 1]], [-inf, nan, inf, nan, 0]),
    ...both("sqrt", (x) => x.sqrt(), [[0, -1, inf, nan, 4]], [0, nan, inf, nan, 2]),
    ...both("rsqrt", (x) => x.rsqrt(), [[0, inf, nan, 4]], [inf, 0, nan, 0.5]),
    ...both("reciprocal", (x) => x.reciprocal(), [[0, -0, inf, nan]], [inf, -inf, 0, nan]),
    ...both("tanh", (x) => x.tanh(), [[-inf, inf, nan, 0]], [-1, 1, nan, 0]),
    ...both("sin", (x) => x.sin(), [[inf, nan, 0]], [nan, nan, 0]),
    ...both("cos", (x) => x.cos(), [[inf, nan, 0]], [nan, nan, 1]),
    ...both("erf", (x) => x.erf(), [[-inf, inf, nan, 0]], [-1, 1, nan, 0]),
    ...both("erfinv", (x) => x.erfinv(), [[-1, 1, 2, nan, 0]], [-inf, inf, nan, nan, 0]),
    ...both("relu", (x) => x.relu(), [[-inf, inf, nan, -1, 0]], [0, inf, nan, 0, 0]),
    ...both("abs", (x) => x.abs(), [[-inf, inf, nan, -0]], [inf, inf, nan, 0]),
    ...both("sign", (x) => x.sign(), [[-inf, inf, nan, 0]], [-1, 1, nan, 0]),
    ...both("floor", (x) => x.floor(), [[-inf, inf, nan, -0.5]], [-inf, inf, nan, -1]),
    ...both("isNotANumber", (x) => x.isNotANumber(), [[inf, nan, 0]], [0, 1, 0]),
    ...both(
      "add",
      (a, b) => a.add(b),
      [
        [inf, inf, nan],
        [1, -inf, 1],
      ],
      [inf, nan, nan],
    ),
    ...both(
      "mul",
      (a, b) => a.mul(b),
      [
        [inf, inf, nan],
        [-1, 0, 0],
      ],
      [-inf, nan, nan],
    ),
    ...both(
      "div",
      (a, b) => a.div(b),
      [
        [1, -1, 0, inf],
        [0, 0, 0, inf],
      ],
      [inf, -inf, nan, nan],
    ),
    ...both("div by 0 beside div by -0", (x) => x.div(0).sub(x.div(-0)), [[1, -1]], [inf, -inf]),
    ...both(
      "maximum",
      (a, b) => a.maximum(b),
      [
        [nan, 1, inf, -inf],
        [1, nan, 0, 0],
      ],
      [nan, nan, inf, 0],
    ),
    ...both(
      "minimum",
      (a, b) => a.minimum(b),
      [
        [nan, 1, inf, -inf],
        [1, nan, 0, 0],
      ],
      [nan, nan, 0, -inf],
    ),
    ...both("clip", (x) => x.clip(-1, 1), [[-inf, inf, nan, -1, 1]], [-1, 1, nan, -1, 1]),
    ...both(
      "less",
      (a, b) => a.less(b),
      [
        [nan, -inf, 1],
        [1, inf, nan],
      ],
      [0, 1, 0],
    ),
    ...both(
      "greaterEqual",
      (a, b) => a.greaterEqual(b),
      [
        [nan, inf, 1],
        [1, inf, nan],
      ],
      [0, 1, 0],
    ),
    ...both(
      "equal",
      (a, b) => a.equal(b),
      [
        [nan, inf, 0],
        [nan, inf, -0],
      ],
      [0, 1, 1],
    ),
    ...both(
      "notEqual",
      (a, b) => a.notEqual(b),
      [
        [nan, inf],
        [nan, inf],
      ],
      [1, 0],
    ),
    ...both(
      "where",
      (a, b) => where(a.greater(0), a, b),
      [
        [nan, 1],
        [2, nan],
      ],
      [2, 1],
    ),
    ...both(
      "pow",
      (a, b) => a.pow(b),
      [
        [0, 0, 0, -2, -2, inf, 1],
        [0, 2, -1, 3, 0.5, -1, nan],
      ],
      [1, 0, inf, -8, nan, 0, 1],
    ),
    ...both(
      "mod",
      (a, b) => a.mod(b),
      [
        [-1, 5.5, 1, -4],
        [3, -2, 0, 2],
      ],
      [2, -0.5, nan, 0],
    ),
    ...both(
      "round",
      (x) => x.round(),
      [[0.5, 1.5, 2.5, -0.5, -1.5, inf, nan]],
      [0, 2, 2, -0, -2, inf, nan],
    ),
    ...both("sum", (x) => x.sum(), [[1, inf, 2]], [inf]),
    ...both("sum of opposite infinities", (x) => x.sum(), [[-inf, inf]], [nan]),
    ...both("mean", (x) => x.mean(), [[1, nan, 2]], [nan]),
    ...both("max", (x) => x.max(), [[1, nan, 2]], [nan]),
    ...both("min", (x) => x.min(), [[1, nan, 2]], [nan]),
    ...both("max of infinities", (x) => x.max(), [[-inf, -inf]], [-inf]),
    ...both("prod", (x) => x.prod(), [[0, inf]], [nan]),
    ...both(
      "matmul",
      (a, b) => a.dot(b),
      [
        [0, 1],
        [inf, 1],
      ],
      [nan],
    ),
    ...both("cumsum", (x) => x.cumsum(), [[1, inf, 1, nan, 1]], [1, inf, inf, nan, nan]),
    ...both("sort", (x) => x.sort(), [[1, -inf, inf, 0]], [-inf, 0, 1, inf]),
    ...both("argsort", (x) => x.argsort(), [[1, -inf, inf, 0]], [1, 3, 0, 2]),
  ]));
