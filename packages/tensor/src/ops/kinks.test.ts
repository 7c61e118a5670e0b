import { test } from "vitest";
import type { Tensor } from "../graph.ts";
import { both, expectEntries, slope } from "../testing/entries.ts";
import { grad } from "../transform/derivatives.ts";
import { where } from "./logic.ts";
import "../methods.ts";

test("derivatives at kinks and at zero are finite and what the documentation says", () =>
  expectEntries([
    ...both(
      "slope of relu",
      slope((x) => x.relu()),
      [[-1, 0, 1e-30, 1]],
      [0, 0, 1, 1],
    ),
    ...both(
      "slope of abs",
      slope((x) => x.abs()),
      [[-1, 0, 1]],
      [-1, 0, 1],
    ),
    ...both(
      "slope of maximum at ties",
      (a, b) => grad((x: Tensor) => x.maximum(b).sum())(a),
      [
        [1, 2, 0],
        [1, 1, 1],
      ],
      [0.5, 1, 0],
    ),
    ...both(
      "slope of minimum at ties",
      (a, b) => grad((x: Tensor) => x.minimum(b).sum())(a),
      [
        [1, 2, 0],
        [1, 1, 1],
      ],
      [0.5, 0, 1],
    ),
    ...both(
      "slope of clip",
      slope((x) => x.clip(-1, 1)),
      [[-2, -1, 0, 1, 2]],
      [0, 1, 1, 1, 0],
    ),
    ...both(
      "slope of max at ties",
      slope((x) => x.max()),
      [[3, 1, 3, 3]],
      [1 / 3, 0, 1 / 3, 1 / 3],
    ),
    ...both(
      "slope of min at ties",
      slope((x) => x.min()),
      [[3, 1, 1, 3]],
      [0, 0.5, 0.5, 0],
    ),
    ...both(
      "slope of norm",
      slope((x) => x.norm()),
      [[0, 0]],
      [0, 0],
    ),
    ...both(
      "second derivative of norm",
      slope((x) => slope((y) => y.norm())(x)),
      [[0, 0]],
      [0, 0],
    ),
    ...both(
      "slope of std",
      slope((x) => x.std()),
      [[2, 2]],
      [0, 0],
    ),
    ...both(
      "slope of a power by a tensor",
      (a, b) => grad((x: Tensor) => x.pow(b).sum())(a),
      [
        [0, 0, 0, -2, 2],
        [1, 2, 0, 3, 0],
      ],
      [1, 0, 0, 12, 0],
    ),
    ...both(
      "slope of a power in the exponent",
      (a, b) => grad((x: Tensor) => a.pow(x).sum())(b),
      [
        [0, 0, Math.E],
        [2, 0.5, 1],
      ],
      [0, 0, Math.E],
    ),
    ...both(
      "second derivative of the square",
      slope((x) => slope((y) => y.pow(2))(x)),
      [[0, 3]],
      [2, 2],
    ),
    ...both(
      "third derivative of the cube",
      slope((x) => slope((y) => slope((z) => z.pow(3))(y))(x)),
      [[0, -3]],
      [6, 6],
    ),
    ...both(
      "slope of prod with one zero",
      slope((x) => x.prod()),
      [[0, 2, 3]],
      [6, 0, 0],
    ),
    ...both(
      "slope of prod with two zeros",
      slope((x) => x.prod()),
      [[0, 2, 0]],
      [0, 0, 0],
    ),
    ...both(
      "curvature of prod with two zeros",
      (x) => grad((y: Tensor) => slope((z) => z.prod())(y).slice(0))(x),
      [[0, 5, 0]],
      [0, 0, 5],
    ),
    ...both(
      "slope of where behind a guard",
      slope((x) => where(x.greater(0), where(x.greater(0), x, 1).log(), 0)),
      [[0, 2]],
      [0, 0.5],
    ),
    ...both(
      "slope of floor and round",
      slope((x) => x.floor().add(x.round())),
      [[0.5, 1]],
      [0, 0],
    ),
  ]));
