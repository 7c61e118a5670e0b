/** Figures that nobody means to make, and that happen. */
import type { Figure, Mark } from "../../contract/figure.ts";

const odd = (
  id: string,
  marks: readonly Mark[],
  x: Figure["x"]["scale"] = undefined,
  y: Figure["y"]["scale"] = undefined,
): Figure => ({ id, title: id, x: { label: "x", scale: x }, y: { label: "", scale: y }, marks });

const { NaN: nan, POSITIVE_INFINITY: infinity, MAX_VALUE: huge, MIN_VALUE: tiny } = Number;

export const oddFigures: readonly Figure[] = [
  odd("no marks", []),
  odd("no points", [
    { type: "line", x: [], y: [] },
    { type: "bars", x: [], y: [] },
    { type: "band", x: [], low: [], high: [] },
  ]),
  odd("no cells", [{ type: "heatmap", values: [] }]),
  odd("empty rows", [{ type: "heatmap", values: [[], []] }]),
  odd("not one number", [
    { type: "line", x: [1, 2], y: [nan, nan] },
    { type: "dots", x: [nan], y: [1] },
    { type: "bars", x: ["a"], y: [infinity] },
    { type: "intervals", x: ["a"], low: [nan], high: [1] },
  ]),
  odd("cells without a number", [{ type: "heatmap", values: [[nan, nan]] }]),
  odd("one point", [{ type: "line", x: [3], y: [0.2] }]),
  odd("one point at zero", [{ type: "dots", x: [0], y: [0] }]),
  odd("one bar", [{ type: "bars", x: ["only"], y: [5] }]),
  odd("one cell", [{ type: "heatmap", values: [[7]] }]),
  odd("one point, logarithmic", [{ type: "dots", x: [3], y: [0.2] }], "log", "log"),
  odd("only levels", [
    { type: "rule", y: 3, series: "level" },
    { type: "rule", x: 3, series: "place" },
  ]),
  odd("a rule that marks nothing", [{ type: "rule", series: "nowhere" }]),
  odd("huge", [
    { type: "line", x: [-huge, 0, huge], y: [-huge, 1, huge] },
    { type: "dots", x: [0, 1], y: [1e299, -1e299] },
  ]),
  odd("tiny", [{ type: "line", x: [0, tiny, 1e-300], y: [tiny, 2e-300, 1e-300] }]),
  odd(
    "not positive on a logarithm",
    [{ type: "line", x: [-1, 0, 1, 10], y: [0, -2, 3, 0.1] }],
    "log",
    "log",
  ),
  odd("many decades", [{ type: "line", x: [1, 2], y: [1e-200, 1e200] }], undefined, "log"),
  odd("bars on a logarithm", [{ type: "bars", x: [1, 10, 100], y: [5, 50, 0.5] }], "log", "log"),
  odd("below zero", [{ type: "bars", x: ["a", "b"], y: [-3, 2] }], "band"),
  odd("lengths that differ", [
    { type: "line", x: [1, 2, 3], y: [1] },
    { type: "band", x: [1, 2], low: [0], high: [1, 2, 3] },
  ]),
  odd("names and numbers", [{ type: "dots", x: ["a", 2, nan], y: [1, 2, 3] }]),
  odd("many long names", [
    {
      type: "bars",
      series: "s".repeat(150),
      x: Array.from({ length: 60 }, (_, i) => `${"a very long name ".repeat(3)}${i}`),
      y: Array.from({ length: 60 }, (_, i) => i - 20),
    },
  ]),
  odd("forty series", [
    ...Array.from(
      { length: 40 },
      (_, k): Mark => ({ type: "dots", series: `${k}`, x: ["a", "b"], y: [k, -k] }),
    ),
  ]),
  odd("ragged rows", [
    { type: "heatmap", values: [[1], [1, 2, 3], [nan, 2]], columns: ["only one name"] },
  ]),
  odd("many cells", [
    {
      type: "heatmap",
      values: Array.from({ length: 200 }, (_, r) => Array.from({ length: 300 }, (_, c) => r * c)),
    },
  ]),
  odd("cells and points", [
    {
      type: "heatmap",
      values: [
        [1, 2],
        [3, 4],
      ],
      columns: ["a", "b"],
    },
    { type: "dots", x: ["a", "b"], y: [0, 1] },
  ]),
  odd("a band without a line", [{ type: "band", x: [1, 2, 3], low: [1, nan, 1], high: [2, 2, 2] }]),
];
