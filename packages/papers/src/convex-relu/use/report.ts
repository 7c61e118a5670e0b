/** What a person is told about a network: how good it is beside others, and what is certain about it. */
import type { Summary } from "../../contract/experiment.ts";
import type { DataTable, Figure } from "../../contract/figure.ts";
import { truthOf } from "../../tabular/target.ts";
import type { Baseline } from "./baselines.ts";
import type { Division } from "./division.ts";
import type { UseOptions } from "./options.ts";
import type { Predicted } from "./pipeline.ts";
import { measuresOf, quality } from "./predictions.ts";
import type { RobustNetwork } from "./robust.ts";
import type { TrainedNetwork } from "./train.ts";

/** A way to predict the held-out rows, and the objective it was trained to. */
export interface Judged {
  readonly name: string;
  readonly predicted: Predicted;
  readonly objective: number | null;
}

export function heldOutTable({ target, held }: Division, judged: readonly Judged[]): DataTable {
  const truth = truthOf(target, held);
  return {
    id: "held-out",
    title: `${target.column} of ${held.rows} rows that nothing was learnt from`,
    caption:
      "The convex network as model.onnx computes it. The objective is loss and weight decay on the training rows: lower is closer to the global optimum.",
    columns: ["model", "objective", ...measuresOf(target)],
    rows: judged.map(({ name, predicted, objective }) => [
      name,
      objective,
      ...quality(target, predicted, truth),
    ]),
  };
}

/** The report of {@link TrainedNetwork}. */
export function reportOn(
  division: Division,
  trained: TrainedNetwork,
  predicted: Predicted,
  baselines: readonly Baseline[],
  options: UseOptions,
): Summary {
  const name = options.method === "admm" ? "convex network" : "sampled convex program";
  const judged = [{ name, predicted, objective: trained.objective }, ...baselines];
  const { choices, history, certificate } = trained;
  return {
    tables: [
      heldOutTable(division, judged),
      ...(certificate === undefined ? [] : [certificateTable(trained, options)]),
      ...(choices.length === 0 ? [] : [choiceTable(trained)]),
    ],
    figures: history.length > 1 ? [convergenceFigure(trained)] : [],
    findings: findings(division, trained, judged, options),
  };
}

function certificateTable(
  { objective, certificate, beta }: TrainedNetwork,
  { method }: UseOptions,
): DataTable {
  const over = method === "admm" ? "these patterns" : "these hidden units";
  const { dual, all, found } = certificate ?? {
    dual: Number.NaN,
    all: undefined,
    found: Number.NaN,
  };
  return {
    id: "certificate",
    title: "How far from the optimum",
    caption: `Lower bounds by duality. Over ${over} a network may be better than the bound if its own patterns are others. Correlations are of the dual variable with units of norm 1: beta at the global optimum; found above it, they prove that a unit which is not there would lower the objective.`,
    columns: ["quantity", "value"],
    rows: [
      ["objective of the network", objective],
      [`lower bound over ${over}`, dual],
      ["relative gap to it", (objective - dual) / objective],
      ["lower bound over all networks", all?.dual ?? null],
      ["weight decay beta", beta],
      ["largest correlation found", found],
      ["largest correlation possible", all?.maxCorrelation ?? null],
    ],
  };
}

const choiceTable = ({ choices, beta }: TrainedNetwork): DataTable => ({
  id: "choice",
  title: "Weight decay",
  caption: "Mean loss on a fifth of the training rows, of a network trained on the others.",
  columns: ["beta", "loss", "chosen"],
  rows: choices.map((choice) => [choice.beta, choice.loss, choice.beta === beta ? "yes" : ""]),
});

function convergenceFigure({ history }: TrainedNetwork): Figure {
  const x = history.map(({ iteration }) => iteration);
  return {
    id: "convergence",
    title: "ADMM",
    caption: "Iterates violate constraints before they converge, so the objective may rise.",
    x: { label: "iteration" },
    y: { label: "value", scale: "log" },
    marks: [
      { type: "line", series: "objective", x, y: history.map(({ objective }) => objective) },
      {
        type: "line",
        series: "primal residual",
        x,
        y: history.map(({ splitting, slack }) => Math.hypot(splitting, slack)),
      },
    ],
  };
}

function findings(
  division: Division,
  trained: TrainedNetwork,
  judged: readonly Judged[],
  { method, patterns, startFrom }: UseOptions,
): string[] {
  const { network, beta, certificate, exhausted } = trained;
  const hint =
    method === "sampled"
      ? "--method admm"
      : startFrom === "random"
        ? "--start-from network"
        : "A larger --iterations or --patterns";
  const better = judged.filter(
    ({ objective }) => objective !== null && objective < 0.999 * trained.objective,
  );
  return [
    ...shared(division),
    method === "admm"
      ? `${network.a.size} hidden units from ${trained.patterns} activation patterns, weight decay ${beta}: objective ${show(trained.objective)} (of the convex program before recovery: ${show(trained.convexObjective)}; largest violation ${show(trained.violation)}).`
      : `${network.a.size} of the sampled hidden units have a weight, weight decay ${beta}: objective ${show(trained.objective)}.`,
    ...(exhausted
      ? [
          `Only ${trained.patterns} patterns were found where ${patterns} were asked for: these rows seem to have no more.`,
        ]
      : []),
    ...better.map(
      ({ name, objective }) =>
        `${name} reached a lower objective, ${show(objective)}: the optimum over sampled patterns or units is not that of all networks. ${hint} comes closer.`,
    ),
    ...(certificate !== undefined && certificate.found > beta * (1 + 1e-6)
      ? [
          `The network is not the global optimum: a hidden unit that is not there correlates ${show(certificate.found / beta)} times beta with the dual variable.`,
        ]
      : []),
  ];
}

/** The report of {@link RobustNetwork}. */
export function robustReport(
  division: Division,
  trained: RobustNetwork,
  held: readonly Judged[],
  attacked: readonly (readonly [name: string, clean: Predicted, fgsm: Predicted, pgd: Predicted])[],
  { eps }: UseOptions,
): Summary {
  const { target } = division;
  const truth = truthOf(target, division.held);
  const [measure] = measuresOf(target);
  const score = (predicted: Predicted): number => quality(target, predicted, truth)[0];
  const rows = attacked.map(([name, ...each]) => [name, ...each.map(score)] as const);
  return {
    tables: [
      heldOutTable(division, held),
      {
        id: "attacks",
        title: `${measure} of the held-out rows, attacked within ${eps} standard deviations`,
        caption: "FGSM: one step; PGD: 40 steps. Each network is attacked by its own gradients.",
        columns: ["training", "clean", "FGSM", "PGD"],
        rows,
      },
      {
        id: "certificate",
        title: `Mean ${trained.loss} loss of the training rows`,
        caption: "The bound holds for every perturbation within eps, found or not.",
        columns: ["quantity", "value"],
        rows: [
          ["certified bound under attack", trained.certifiedBound],
          ["largest that FGSM and PGD reached", trained.attackedLoss],
          ["largest violation of a robust cone", trained.violation],
        ],
      },
    ],
    figures: [
      {
        id: "attacks",
        title: `${measure}, clean and attacked`,
        x: { label: "training", scale: "band" },
        y: { label: measure },
        marks: ["clean", "FGSM", "PGD"].map((series, i) => ({
          type: "bars" as const,
          series,
          x: rows.map(([name]) => name),
          y: rows.map((row) => Number(row[i + 1])),
        })),
      },
    ],
    findings: [
      ...shared(division),
      `${trained.network.a.size} hidden units from ${trained.patterns} patterns, ${trained.dropped} blocks dropped; weight decay ${trained.beta} beside the mean ${trained.loss} loss.`,
      `Perturbed are the ${division.encoder.numeric.length} columns of numbers, by up to ${eps} standard deviations each.`,
    ],
  };
}

const shared = ({ target, fit, held, encoder, withoutTarget, notDrawn }: Division): string[] => [
  `Task: ${target.task}. Trained on ${fit.rows} rows and ${encoder.inputNames.length} inputs, reported on ${held.rows}.`,
  ...(target.task === "binary"
    ? [`A positive score stands for ${target.classes[1]}, a negative one for ${target.classes[0]}.`]
    : []),
  ...(withoutTarget > 0
    ? [`${withoutTarget} rows without a value of ${target.column} were left out.`]
    : []),
  ...(notDrawn > 0 ? [`${notDrawn} further training rows were not used (--max-rows).`] : []),
  ...encoder.warnings.map((warning) => `Note: ${warning}.`),
];

const show = (value: number | null): string => (value ?? Number.NaN).toPrecision(4);
