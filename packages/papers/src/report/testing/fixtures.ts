/** Reports with the shapes and sizes of real ones, made up by formulas, to look at and to test with. */
import type { JudgedClaim } from "../../contract/claim.ts";
import type { DataTable, Figure, Picture } from "../../contract/figure.ts";
import type { UseReport, VerifyReport } from "../../contract/report.ts";

/** Numbers in [-1, 1] that look random and are always the same. */
const wobble = (i: number): number => {
  const value = Math.sin(i * 12.9898) * 43758.5453;
  return 2 * (value - Math.floor(value)) - 1;
};

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

export const lossFigure: Figure = {
  id: "loss",
  title: "Training loss",
  caption: "Mean over 5 seeds with its interval; boosting falls in steps, one a group of units.",
  x: { label: "epoch" },
  y: { label: "cross-entropy (training set)", scale: "log" },
  marks: ["boosted groups", "Adam, all at once", "SGD with momentum"].flatMap((series, k) => {
    const x = range(200).map((i) => i + 1);
    const y = x.map(
      (i) => Math.exp(-i / (30 + 22 * k)) + 0.01 * (k + 1) * (1.2 + 0.5 * wobble(i + k)),
    );
    const reach = y.map((value) => value * 0.18);
    return [
      {
        type: "band",
        series,
        x,
        low: y.map((v, i) => v - reach[i]),
        high: y.map((v, i) => v + reach[i]),
      },
      { type: "line", series, x, y },
    ] as const;
  }),
};

const tables = ["australian", "vehicle", "energy-heating", "concrete compressive strength"];

export const barsFigure: Figure = {
  id: "accuracy",
  title: "Accuracy on the test split",
  caption: "Bars are means, lines the intervals over seeds.",
  x: { label: "table", scale: "band" },
  y: { label: "accuracy" },
  marks: ["boosted groups", "Adam", "L-BFGS", "SGD"].flatMap((series, k) => {
    const y = tables.map((_, i) => 0.72 + 0.05 * i + 0.03 * wobble(4 * i + k));
    return [
      { type: "bars", series, x: tables, y },
      {
        type: "intervals",
        series,
        x: tables,
        low: y.map((v) => v - 0.02),
        high: y.map((v) => v + 0.02),
      },
    ] as const;
  }),
};

export const dotsFigure: Figure = {
  id: "cut",
  title: "How much is left when units are switched off",
  x: { label: "units kept (of 200)", scale: "log" },
  y: { label: "accuracy, relative to all units" },
  marks: [
    ...["boosted groups", "Adam"].flatMap((series, k) => {
      const x = [10, 20, 50, 100, 150, 200];
      const y = x.map((n) => 1 - (0.06 + 0.4 * k) * (1 - Math.log(n) / Math.log(200)));
      return [
        {
          type: "intervals",
          series,
          x,
          low: y.map((v) => v - 0.015),
          high: y.map((v) => v + 0.015),
        },
        { type: "dots", series, x, y },
      ] as const;
    }),
    { type: "rule", series: "the bar: 98 % of the accuracy", y: 0.98 },
  ],
};

export const heatmapFigure: Figure = {
  id: "confusion",
  title: "Confusions",
  caption: "Rows are true classes, columns the network's answers; shares of each row.",
  x: { label: "answer" },
  y: { label: "class" },
  marks: [
    {
      type: "heatmap",
      rows: ["bus", "opel", "saab", "van"],
      columns: ["bus", "opel", "saab", "van"],
      values: range(4).map((r) =>
        range(4).map((c) => (r === c ? 0.82 : 0.06 + 0.02 * wobble(r * 4 + c))),
      ),
    },
  ],
};

export const attentionFigure: Figure = {
  id: "curvature",
  title: "Signed weights of a layer",
  x: { label: "unit" },
  y: { label: "input" },
  marks: [
    {
      type: "heatmap",
      values: range(28).map((r) =>
        range(28).map((c) => Math.sin(r / 4) * Math.cos(c / 5) + 0.2 * wobble(r * 28 + c)),
      ),
    },
  ],
};

export const histogramFigure: Figure = {
  id: "histogram",
  title: "Scores of the examples",
  x: { label: "score" },
  y: { label: "examples" },
  marks: [
    {
      type: "bars",
      x: range(30).map((i) => 0.05 * i),
      y: range(30).map((i) => Math.round(4000 * Math.exp(-(((i - 9) / 6) ** 2)))),
    },
    { type: "rule", series: "median", x: 0.47 },
  ],
};

export const manySeriesFigure: Figure = {
  id: "sweep",
  title: "Eight learning rates",
  x: { label: "step" },
  y: { label: "validation loss" },
  marks: range(8).map((k) => ({
    type: "line",
    series: `learning rate ${(0.001 * 2 ** k).toPrecision(2)}`,
    x: range(40).map((i) => i * 500),
    y: range(40).map((i) =>
      k === 7 && i > 25
        ? Number.NaN
        : 2.3 * Math.exp((-i * (k + 1)) / 90) + 0.02 * wobble(i * 8 + k),
    ),
  })),
};

export const gapFigure: Figure = {
  id: "gaps",
  title: "A run that diverged and came back",
  x: { label: "step" },
  y: { label: "loss" },
  marks: [
    {
      type: "line",
      x: range(60),
      y: range(60).map((i) => (i > 20 && i < 33 && i !== 27 ? Number.NaN : 1 + 0.3 * wobble(i))),
    },
  ],
};

export const figures: readonly Figure[] = [
  lossFigure,
  barsFigure,
  dotsFigure,
  heatmapFigure,
  histogramFigure,
  attentionFigure,
  manySeriesFigure,
  gapFigure,
];

export const claims: readonly JudgedClaim[] = [
  {
    id: "generalises",
    statement:
      "Boosted groups reach at least the test accuracy of the best network trained whole, less one point, as a mean over the three tables.",
    paper:
      "Table 3: 86.7 % against 86.1 % for Adam on australian; better or equal on 7 of 12 tables.",
    bar: { atLeast: -0.01 },
    samples: [0.0042, 0.0017, 0.0088, 0.0031, 0.0064],
    mean: 0.00484,
    interval: [0.0022, 0.0075],
    verdict: "holds",
  },
  {
    id: "cut",
    statement:
      "With half of the units switched off, the share of the accuracy that is lost is at most 2 %.",
    paper: "Figure 4: no visible loss down to a quarter of the units.",
    bar: { atMost: 0.02 },
    samples: [0.011, 0.026, 0.019, 0.014, 0.021],
    mean: 0.0182,
    interval: [0.0125, 0.0239],
    verdict: "inconclusive",
  },
  {
    id: "speed",
    statement:
      "Training takes at most half of the floating-point operations of Adam for the same loss.",
    paper: "Says that it is faster; gives no figure that is known here.",
    bar: { atMost: 0.5 },
    samples: [0.731, 0.702, 0.764, 0.718, 0.749],
    mean: 0.7328,
    interval: [0.709, 0.756],
    verdict: "does not hold here",
  },
  {
    id: "correlation",
    statement:
      "The rank correlation between the order of the groups and their share in the output lies where the analysis puts it.",
    paper: "Eq. 9 implies 0.5 to 0.9 for the shrinkage used.",
    bar: { between: [0.5, 0.9] },
    samples: [0.71, 0.66, 0.74, 0.69, 0.7],
    mean: 0.7,
    interval: [0.672, 0.728],
    verdict: "holds",
  },
];

export const resultsTable: DataTable = {
  id: "results",
  title: "Test accuracy by table and method",
  caption: "Means over 5 seeds.",
  columns: ["table", "rows", "boosted groups", "Adam", "L-BFGS", "SGD", "p value"],
  rows: tables.map((name, i) => [
    name,
    [690, 846, 768, 1030][i],
    ...range(4).map((k) => (i === 3 && k === 2 ? null : 0.81 + 0.04 * wobble(4 * i + k))),
    [0.31, 0.0042, 0.00000073, 0.05][i],
  ]),
};

export const settingsTable: DataTable = {
  id: "settings",
  title: "What was chosen by validation",
  columns: ["method", "learning rate", "chosen because", "time"],
  rows: [
    [
      "boosted groups",
      0.01,
      "lowest validation loss of five, with early stopping after ten epochs without gain",
      "12.4 s",
    ],
    ["Adam", 0.001, "the same", "31.0 s"],
    ["SGD", 0.1, "the same; 0.3 diverged on two of five seeds", "28.7 s"],
  ],
};

/** 24 x 16 grey pixels. */
const picture: Picture = {
  id: "filters",
  title: "First filters",
  caption: "Weights of the first group of units, light for positive.",
  png: "iVBORw0KGgoAAAANSUhEUgAAABgAAAAQCAAAAAApT+BJAAABl0lEQVR42mNgUPXKn7LzHrOGb9H0PQ/ZtANKZ+1/wqkXzBDdu/+jcmj7ztey/o2bn4p7Vq+9L+hcuvwmw7avJsWbPhrkr3urk73qpUb6sqcqyYseKsQzCMau/OrYe1O1cC9n6MK3lq0XZTO3MvrOfMqQc1Su/IJm022T3mf2Mz56Lf4Tuo49YadQNsNx3ck/449qT/wee1iz/2v0QfXez5H7Vbs/MihN5ah+l3jFfZfuAuG2nzn3g45arJabyFLOUPsXO2S4kfqpnmem2maHs1HPSxj7pFeYHvK/k/mtmcH4bDrjbNPzmcxzzS9ms863vJzLvtD6aj4nQ5/pnWatixXyx3JFdidxbgj/t9Tn8yzHF/0ML+cGsu7MVbzaaftxaSTvwVLNuxNdf65NFGVwYT3W7sF5qtuH91x/gOClySGi16ZHSN6azTA/15rz+tJiR/67qyvdRR9vrPeVfrm9NViR4dfVDd1pjjLfL63tSLaT/HJ+VWuCtdjHM8sZQm1Veb/ePbp2am2qr6ks69ure5f2lsa66gIAQ9jB4SuM9EoAAAAASUVORK5CYII=",
};

const environment = {
  etude: "0.1.0",
  runtime: "Node 26.10.0, ONNX Runtime 1.30.0",
  platform: "Linux x64",
  processor: "Intel Xeon Platinum 8481C",
  cores: 2,
  device: "cpu",
};

export const verifyReport: VerifyReport = {
  kind: "verify",
  schema: 1,
  paper: "gbnn",
  preset: "quick",
  changed: false,
  seeds: [0, 1, 2, 3, 4],
  options: {
    tables: ["australian", "vehicle"],
    hiddenUnits: 200,
    groupSize: 10,
    shrinkage: 0.1,
    standardise: true,
  },
  claims,
  results: range(5).map((seed) => ({ accuracy: 0.8 + 0.01 * wobble(seed) })),
  tables: [resultsTable, settingsTable],
  figures,
  pictures: [picture],
  findings: [
    "On concrete, which the paper does not use, Adam is 2.1 points better: the counter-example holds up.",
    "Half of the boosted networks need fewer than 80 of their 200 units for 99 % of their accuracy.",
  ],
  environment,
  finished: "2026-03-01T14:05:33.120Z",
  timings: range(5).flatMap((seed) =>
    ["load", "train australian", "train vehicle", "cut"].map((step, i) => ({
      step: `seed-${seed}/${step}`,
      seconds: [0.04, 12.1, 9.7, 1.3][i] * (1 + 0.1 * wobble(seed * 4 + i)),
    })),
  ),
};

export const useReport: UseReport = {
  kind: "use",
  schema: 1,
  paper: "gbnn",
  seed: 7,
  options: { target: "income > 50k", hiddenUnits: 200, folds: [1, 2, 3], note: null },
  inputs: [{ name: "data", file: "my census.csv", describe: "48842 rows, 15 columns" }],
  files: [
    {
      name: "model.onnx",
      describe: "the network; input 'units' switches units off",
      bytes: 184_320,
    },
    { name: "predictions.csv", describe: "one row an example of the test split", bytes: 1_204_551 },
  ],
  tables: [settingsTable],
  figures: [dotsFigure, histogramFigure],
  pictures: [],
  findings: ["87 of 200 units give 99 % of the accuracy."],
  environment,
  finished: "2026-03-01T14:05:33.120Z",
  timings: [
    { step: "read", seconds: 0.4 },
    { step: "train", seconds: 133.4 },
  ],
};
