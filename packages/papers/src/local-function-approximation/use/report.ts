/** What the user is shown: recommendations first, then what they rest on. */
import type { NDArray } from "@etude/tensor";
import type { Summary } from "../../contract/experiment.ts";
import type { DataTable, Figure, Mark } from "../../contract/figure.ts";
import type { MethodName, PerturbationKind } from "../methods.ts";
import type { Explained } from "./files.ts";
import {
  type Attributions,
  type LossTable,
  type Recommendation,
  type Recovery,
  recoveredBelow,
} from "./judge.ts";
import type { UseOptions } from "./options.ts";
import type { Curve } from "./tests.ts";

const percent = (share: number): string => `${(100 * share).toPrecision(3)} %`;

export function reportOn(
  explained: Explained,
  losses: LossTable,
  recoveries: readonly Recovery[],
  recommendations: readonly Recommendation[],
  curves: readonly Curve[],
  limeSamples: NDArray,
  options: UseOptions,
): Summary {
  const asked = recommendations.filter(
    ({ perturbation }) =>
      options.perturbation === undefined || options.perturbation === perturbation,
  );
  return {
    tables: [
      choices(asked),
      recoveryTable(recoveries),
      lossesTable(losses),
      firstRow(explained, asked),
    ],
    figures: [
      attributionMap(explained),
      lossMap(losses),
      curveFigure(curves, "continuous"),
      curveFigure(curves, "binary"),
    ],
    findings: [
      ...asked.map(sentence),
      ...missing(options, asked),
      ...cautions(explained, recoveries, limeSamples, options),
    ],
  };
}

const kinds: Readonly<Record<PerturbationKind, string>> = {
  continuous: "small changes of the inputs",
  removal: "removal of inputs",
  scaling: "scaling of all inputs",
};

const choices = (recommendations: readonly Recommendation[]): DataTable => ({
  id: "recommendations",
  title: "Which explanation to choose",
  caption:
    "By the principle that a method must suit the perturbations one cares about and give back a linear model; among those that do, the one that leaves least of the model unexplained there.",
  columns: ["if you care about", "choose", "leaves unexplained", "then", "do not pass"],
  rows: recommendations.map(({ perturbation, choice, candidates, failing }) => [
    kinds[perturbation],
    choice ?? "none",
    candidates.find(([name]) => name === choice)?.[1] ?? null,
    candidates
      .filter(([name]) => name !== choice && !failing.includes(name))
      .map(([name]) => name)
      .join(", "),
    failing.join(", "),
  ]),
});

const recoveryTable = (recoveries: readonly Recovery[]): DataTable => ({
  id: "recovery",
  title: "A linear model w.x + c, explained with these rows and settings",
  caption: `Methods that add to inputs must give w, methods that multiply them w (x - x'). Relative L1 distances; below ${percent(recoveredBelow)} it counts as recovered.`,
  columns: ["method", "must give", "distance to it", "recovered", "distance to the other"],
  rows: recoveries.map(({ method, should, error, other }) => [
    method,
    should,
    error,
    error < recoveredBelow ? "yes" : "no",
    other,
  ]),
});

const lossesTable = ({ methods, columns, unexplained }: LossTable): DataTable => ({
  id: "losses",
  title: "What each explanation leaves unexplained in each neighbourhood",
  caption: "Loss over that of saying nothing: 0 is perfect, above 1 is worse than nothing.",
  columns: ["explanation", ...columns],
  rows: unexplained.map((row, e) => [methods[e], ...row]),
});

/** The features that matter most in the first row, by the methods recommended. */
function firstRow(
  { problem, attributions, classes, scores }: Explained,
  recommendations: readonly Recommendation[],
): DataTable {
  const { subject } = problem;
  const names = [...new Set(recommendations.flatMap(({ choice }) => choice ?? []))];
  const shown = names.length > 0 ? names : [...attributions.keys()].slice(0, 1);
  const value = (name: MethodName, j: number): number => Number(attributions.get(name)?.data[j]);
  const order = subject.featureNames
    .map((_, j) => j)
    .sort((a, b) => Math.abs(value(shown[0], b)) - Math.abs(value(shown[0], a)));
  return {
    id: "first",
    title: `Row ${subject.labels[0]}: score ${scores[0].toPrecision(4)}${problem.classes.shape[1] > 1 ? ` of class ${classes[0]}` : ""}`,
    caption: "The features that matter most; all rows are in attributions.csv.",
    columns: ["feature", ...shown],
    rows: order
      .slice(0, 10)
      .map((j) => [subject.featureNames[j], ...shown.map((name) => value(name, j))]),
  };
}

/** Mean |attribution| of every feature, as a share of the method's largest. */
function attributionMap({ problem: { subject }, attributions }: Explained): Figure {
  return {
    id: "attributions",
    title: "Mean size of attributions",
    caption: "Over rows, as a share of the largest of the method.",
    x: { label: "feature", scale: "band" },
    y: { label: "method", scale: "band" },
    marks: [
      {
        type: "heatmap",
        rows: [...attributions.keys()],
        columns: subject.featureNames,
        values: sizes(attributions),
      },
    ],
  };
}

function sizes(attributions: Attributions): number[][] {
  return [...attributions.values()].map(({ data, shape: [m, d] }) => {
    const means = Array.from({ length: d }, (_, j) => {
      let sum = 0;
      for (let row = 0; row < m; row++) sum += Math.abs(Number(data[row * d + j]));
      return sum / m;
    });
    const largest = Math.max(...means) || 1;
    return means.map((mean) => mean / largest);
  });
}

const lossMap = ({ methods, columns, unexplained }: LossTable): Figure => ({
  id: "losses",
  title: "No free lunch: what explanations leave unexplained, by neighbourhood",
  caption: "Cut at 2; 1 is as good as saying nothing.",
  x: { label: "neighbourhood of", scale: "band" },
  y: { label: "explanation by", scale: "band" },
  marks: [
    {
      type: "heatmap",
      rows: methods,
      columns,
      values: unexplained.map((row) => row.map((share) => Math.min(share, 2))),
    },
  ],
});

const curveFigure = (curves: readonly Curve[], noise: Curve["noise"]): Figure => ({
  id: `bottom-${noise}`,
  title:
    noise === "binary"
      ? "The features that matter least, removed"
      : "Noise on the features that matter least",
  caption: "Mean change of the score; lower is better.",
  x: { label: "features perturbed" },
  y: { label: "|f(x) - f(x')|" },
  marks: curves
    .filter((curve) => curve.noise === noise && curve.side === "bottom")
    .map(({ method, sizes: x, mean: y }): Mark => ({ type: "line", series: method, x, y })),
});

function sentence({ perturbation, choice, candidates, stranger }: Recommendation): string {
  const about = kinds[perturbation];
  if (choice === undefined)
    return `For ${about}: none of ${candidates.map(([name]) => name).join(", ")} gives back a linear model with these settings; give more --samples, or a wider --kernel-width.`;
  const left = candidates.find(([name]) => name === choice)?.[1] ?? Number.NaN;
  const better =
    stranger === undefined
      ? ""
      : ` ${stranger[0]} leaves less on these rows, ${percent(stranger[1])}, though it is made for other perturbations.`;
  return `For ${about}: ${choice}, which leaves ${percent(left)} of the model unexplained there.${better}`;
}

function missing({ perturbation }: UseOptions, asked: readonly Recommendation[]): string[] {
  if (perturbation === undefined || asked.length > 0) return [];
  return [
    `For ${kinds[perturbation]} only methods that need gradients are made, and this model has none.`,
  ];
}

function cautions(
  { problem }: Explained,
  recoveries: readonly Recovery[],
  limeSamples: NDArray,
  { samples }: UseOptions,
): string[] {
  const d = problem.subject.featureNames.length;
  const found: string[] = [];
  if (problem.model.withoutGradients !== undefined)
    found.push(
      `The model has no gradients here (${problem.model.withoutGradients}), so only LIME, KernelSHAP, Occlusion and C-LIME explain it.`,
    );
  if (samples !== undefined && samples < 50 * d)
    found.push(
      `${samples} samples are few for ${d} features: LIME and KernelSHAP need about 50 a feature, ${50 * d}.`,
    );
  const sorted = Float64Array.from(limeSamples.data, Number).sort();
  const few = sorted[Math.floor(sorted.length / 2)];
  if (few < 2 * (d + 1))
    found.push(
      `LIME's kernel is so narrow for these rows that in the median only ${few.toPrecision(3)} effective samples are left for ${d} features; give a wider --kernel-width.`,
    );
  const failing = recoveries.filter(({ error }) => !(error < recoveredBelow));
  for (const { method, error, should } of failing)
    found.push(`${method} misses ${should} of a linear model by ${percent(error)} here.`);
  return found;
}
