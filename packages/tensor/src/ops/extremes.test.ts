import { describe, test } from "vitest";
import type { Tensor } from "../graph.ts";
import {
  both,
  double,
  type Expectation,
  expectEntries,
  single,
  slope,
  type Unary,
} from "../testing/entries.ts";
import { grad } from "../transform/derivatives.ts";
import "../methods.ts";

const { POSITIVE_INFINITY: inf, NaN: nan } = Number;

describe("functions that could overflow or lose digits", () => {
  test("logistic relatives at large arguments", () =>
    expectEntries([
      ...both(
        "softplus",
        (x) => x.softplus(),
        [[-1000, -50, -inf, 0, 50, 1000, inf, nan]],
        [0, Math.exp(-50), 0, Math.LN2, 50, 1000, inf, nan],
      ),
      ...both(
        "slope of softplus",
        slope((x) => x.softplus()),
        [[-1000, 0, 1000]],
        [0, 0.5, 1],
        { float64: 4e-16, float32: 1e-6 },
      ),
      ...both("sigmoid", (x) => x.sigmoid(), [[0, 1000, inf, nan]], [0.5, 1, 1, nan]),
      ...both(
        "slope of silu",
        slope((x) => x.silu()),
        [[1000, 0]],
        [1, 0.5],
      ),
      ...both(
        "slope of gelu",
        slope((x) => x.gelu()),
        [[1000, -1000, 0]],
        [1, 0, 0.5],
      ),
      ...both(
        "slope of elu",
        slope((x) => x.elu()),
        [[1000, -1000]],
        [1, 0],
      ),
      ...both(
        "slope of tanh",
        slope((x) => x.tanh()),
        [[1000, -1000, 0]],
        [0, 0, 1],
      ),
      ...both(
        "logaddexp",
        (a, b) => a.logaddexp(b),
        [
          [1000, -1000, inf, -inf, -inf, inf, 1000],
          [1000, -1000, inf, -inf, 3, -inf, -1000],
        ],
        [1000 + Math.LN2, Math.LN2 - 1000, inf, -inf, 3, inf, 1000],
      ),
      ...both(
        "slope of logaddexp in its first argument",
        (a, b) => grad((x: Tensor) => x.logaddexp(b).sum())(a),
        [
          [1000, 2, -inf, 1000, -1000, -inf],
          [1000, 2, 3, -1000, 1000, -inf],
        ],
        [0.5, 0.5, 0, 1, 0, 0.5],
        { float64: 4e-16, float32: 1e-6 },
      ),
      ...both(
        "second derivative of logaddexp at a tie",
        (a, b) => slope((x) => slope((y) => y.logaddexp(b))(x))(a),
        [[1], [1]],
        [0.25],
      ),
    ]));

  test("softmax and its relatives", () =>
    expectEntries([
      ...both("softmax", (x) => x.softmax(), [[1000, 1000]], [0.5, 0.5]),
      ...both("softmax", (x) => x.softmax(), [[-1000, -1000]], [0.5, 0.5]),
      ...both("softmax", (x) => x.softmax(), [[-inf, 0]], [0, 1]),
      ...both("softmax", (x) => x.softmax(), [[nan, 0]], [nan, nan]),
      ...both("logSoftmax", (x) => x.logSoftmax(), [[0, 1000]], [-1000, 0]),
      ...both("logSoftmax", (x) => x.logSoftmax(), [[-inf, 0]], [-inf, 0]),
      ...both(
        "slope of logSoftmax",
        slope((x) => x.logSoftmax().slice([0, 1])),
        [[0, 1000]],
        [1, -1],
      ),
      ...both("logsumexp", (x) => x.logsumexp(), [[1000, 1000]], [1000 + Math.LN2]),
      ...both("logsumexp", (x) => x.logsumexp(), [[-1000, -1000]], [Math.LN2 - 1000]),
      ...both("logsumexp", (x) => x.logsumexp(), [[-inf, 3]], [3]),
      ...both("logsumexp", (x) => x.logsumexp(), [[-inf, -inf]], [-inf]),
      ...both("logsumexp", (x) => x.logsumexp(), [[inf, 0]], [inf]),
      ...both("logsumexp", (x) => x.logsumexp(), [[nan, 0]], [nan]),
      ...both(
        "slope of logsumexp",
        slope((x) => x.logsumexp()),
        [[-inf, 3, 3]],
        [0, 0.5, 0.5],
      ),
      ...both(
        "slope of logsumexp",
        slope((x) => x.logsumexp()),
        [[1000, -1000]],
        [1, 0],
      ),
    ]));

  test("log1p and expm1 keep the digits of small arguments", () => {
    const small = [1e-300, 1e-20, 1e-16, 3e-16, 1e-10, 1e-5, 0.01, 0.3, 0.7].flatMap((x) => [
      x,
      -x,
    ]);
    const row = (
      name: string,
      f: Unary,
      reference: (x: number) => number,
      arguments_: number[],
    ): Expectation[] => [
      {
        name,
        f,
        inputs: [double(...arguments_)],
        expected: arguments_.map(reference),
        tolerance: { relative: 1e-15 },
      },
      {
        name: `${name} in float32`,
        f,
        inputs: [single(...arguments_)],
        expected: arguments_.map((x) => reference(Math.fround(x))),
        tolerance: { relative: 3e-7 },
      },
    ];
    return expectEntries([
      ...row("log1p", (x) => x.log1p(), Math.log1p, [...small, -1, inf, -2, nan, 3e30, 0]),
      ...row("expm1", (x) => x.expm1(), Math.expm1, [...small, -inf, inf, -60, nan, 5, -5, 0]),
      ...row(
        "slope of log1p",
        slope((x) => x.log1p()),
        (x) => 1 / (1 + x),
        [...small, 3e30],
      ),
      ...row(
        "slope of expm1",
        slope((x) => x.expm1()),
        Math.exp,
        [...small, 5],
      ),
    ]);
  });

  test("erf and its inverse against values from 60-digit arithmetic", () => {
    const erf = [
      [1e-300, 1.1283791670955126e-300],
      [1e-8, 1.1283791670955126e-8],
      [0.1, 0.1124629160182849],
      [0.3, 0.3286267594591274],
      [0.46, 0.4846553900016797],
      [0.4687, 0.49256818249964407],
      [0.47, 0.4937450508860821],
      [0.5, 0.5204998778130465],
      [0.75, 0.7111556336535151],
      [1, 0.8427007929497149],
      [1.5, 0.9661051464753108],
      [2, 0.9953222650189527],
      [2.5, 0.999593047982555],
      [3, 0.9999779095030014],
      [3.5, 0.9999992569016276],
      [3.99, 0.9999999832607886],
      [4.01, 0.9999999858030606],
      [4.5, 0.9999999998033839],
      [5, 0.9999999999984626],
      [5.8, 0.9999999999999998],
      [6.5, 1],
    ];
    const inverse = [
      [1e-300, 8.86226925452758e-301],
      [1e-8, 8.86226925452758e-9],
      [0.1, 0.08885599049425769],
      [0.3, 0.2724627147267543],
      [0.5, 0.4769362762044699],
      [0.7, 0.7328690779592167],
      [0.9, 1.1630871536766743],
      [0.99, 1.8213863677184494],
      [0.995, 1.984872612615532],
      [0.999, 2.3267537655135246],
      [0.99999, 3.123413274341571],
      [0.999999999, 4.320005388105362],
    ];
    const row = (name: string, f: Unary, table: number[][], sign: number): Expectation => ({
      name,
      f,
      inputs: [double(...table.map(([x]) => sign * x))],
      expected: table.map(([, y]) => sign * y),
      tolerance: { relative: 1e-15 },
    });
    return expectEntries([
      row("erf", (x) => x.erf(), erf, 1),
      row("erf", (x) => x.erf(), erf, -1),
      row("erfinv", (x) => x.erfinv(), inverse, 1),
      row("erfinv", (x) => x.erfinv(), inverse, -1),
    ]);
  });
});
