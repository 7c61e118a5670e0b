/** Tables, plots and findings over all seeds. */
import { meanOf, quantileOf } from "@etude/learn";
import type { Summary } from "../contract/experiment.ts";
import type { DataTable, Figure } from "../contract/figure.ts";
import { allRuns, gradientRatios } from "./claims.ts";
import type { Options, Result } from "./experiment.ts";
import { descentNames } from "./toyStudy.ts";

export const summarise = (
  results: readonly Result[],
  seeds: readonly number[],
  options: Options,
): Summary => ({
  tables: [
    toyTable(results),
    admmTable(results),
    objectiveTable(results),
    logisticTable(results),
    attackTable(results),
    certificateTable(results, seeds),
    ...pairTables(results),
  ],
  figures: [
    residualFigure(results),
    startsFigure(results),
    admmFigure(results),
    attackFigure(results, options),
  ],
  findings: findings(results, options),
});

const last = <T>(values: readonly T[]): T => values[values.length - 1];
const mean = <T>(items: readonly T[], of: (item: T) => number): number => meanOf(items.map(of));

function toyTable(results: readonly Result[]): DataTable {
  return {
    id: "toy",
    title: "Five points: the certified optimum, and descents from random starts",
    caption:
      "Objectives (1). Of descents: the least, the median and the greatest over all seeds and starts.",
    columns: ["beta", "ADMM", "dual bound", "iterations", ...descentNames],
    rows: results[0].toy.map(({ beta, primal, dual, iterations }, i) => [
      beta,
      primal,
      dual,
      iterations,
      ...descentNames.map((name) => {
        const all = results.flatMap(({ toy }) => toy[i].runs[name]);
        return [0, 0.5, 1].map((p) => quantileOf(all, p).toPrecision(4)).join(" / ");
      }),
    ]),
  };
}

function admmTable(results: readonly Result[]): DataTable {
  return {
    id: "admm",
    title: "Two digits: ADMM after some iterations, means over seeds",
    columns: [
      "iterations",
      "convex objective",
      "network's objective",
      "violation",
      "test accuracy",
      "units",
    ],
    rows: results[0].admm.map(({ iteration }, i) => {
      const of = (key: "convex" | "network" | "violation" | "accuracy" | "units") =>
        mean(results, ({ admm }) => admm[i][key]);
      return [iteration, of("convex"), of("network"), of("violation"), of("accuracy"), of("units")];
    }),
  };
}

function objectiveTable(results: readonly Result[]): DataTable {
  const row = (name: string, of: (result: Result) => { objective: number; accuracy: number }) => [
    name,
    mean(results, (result) => of(result).objective),
    Math.min(...results.map((result) => of(result).objective)),
    Math.max(...results.map((result) => of(result).objective)),
    mean(results, (result) => of(result).accuracy),
  ];
  return {
    id: "objectives",
    title: "Two digits: objective (1) and test accuracy of each way to train",
    caption: "Equal weight decay, squared loss, summed over the training part.",
    columns: ["method", "objective", "least", "greatest", "test accuracy"],
    rows: [
      row("ADMM, sampled patterns", ({ admm }) => ({
        objective: last(admm).network,
        accuracy: last(admm).accuracy,
      })),
      ...results[0].trained.map(({ name }, i) => row(name, ({ trained }) => trained[i])),
    ],
  };
}

function logisticTable(results: readonly Result[]): DataTable {
  const of = (key: "convex" | "objective" | "dual" | "accuracy") =>
    mean(results, ({ rbcd }) => rbcd[key]);
  return {
    id: "logistic",
    title: "Two digits, logistic loss: ADMM with block coordinate descent, means over seeds",
    columns: [
      "method",
      "convex objective",
      "network's objective",
      "bound, these patterns",
      "test accuracy",
    ],
    rows: [[results[0].rbcd.name, of("convex"), of("objective"), of("dual"), of("accuracy")]],
  };
}

function attackTable(results: readonly Result[]): DataTable {
  const methods = (result: Result) => [...Object.values(result.convex), ...result.backprop];
  return {
    id: "attacks",
    title: "Two digits under attack: test accuracy, means over seeds",
    columns: ["training", "clean", "FGSM", "PGD", "PGD, least", "PGD, greatest"],
    rows: methods(results[0]).map(({ name }, i) => {
      const of = (key: "clean" | "fgsm" | "pgd") =>
        results.map((result) => methods(result)[i][key]);
      return [
        name,
        ...(["clean", "fgsm", "pgd"] as const).map((key) => meanOf(of(key))),
        Math.min(...of("pgd")),
        Math.max(...of("pgd")),
      ];
    }),
  };
}

function certificateTable(results: readonly Result[], seeds: readonly number[]): DataTable {
  return {
    id: "certificates",
    title: "What was certified",
    caption:
      "Two digits: the bound over the sampled patterns, and the loose one over all networks. Robust training: the bound on the attacked hinge loss, and the greatest loss that an attack reached.",
    columns: [
      "seed",
      "network's objective",
      "bound, these patterns",
      "relative gap",
      "bound, all networks",
      "certified hinge loss",
      "attacked hinge loss",
      "largest violation",
      "blocks dropped",
    ],
    rows: results.map(({ admm, dual, globalDual, convex: { robust } }, i) => [
      seeds[i],
      last(admm).network,
      dual,
      (last(admm).network - dual) / last(admm).network,
      globalDual,
      robust.certifiedBound,
      robust.worstLoss,
      robust.violation,
      robust.dropped,
    ]),
  };
}

function pairTables(results: readonly Result[]): DataTable[] {
  if (results[0].pairs.length === 0) return [];
  const rows = results[0].pairs.flatMap(({ label, trained }, i) =>
    trained.map(({ name }, j) => [
      label,
      name,
      mean(results, ({ pairs }) => pairs[i].trained[j].objective),
      mean(results, ({ pairs }) => pairs[i].trained[j].accuracy),
    ]),
  );
  return [
    {
      id: "pairs",
      title: "Large pairs of classes, logistic loss: means over seeds",
      columns: ["data", "method", "objective", "test accuracy"],
      rows,
    },
  ];
}

function residualFigure(results: readonly Result[]): Figure {
  const { residuals } = results[0];
  return {
    id: "residuals",
    title: "ADMM on five points, beta = rho = 0.1",
    caption: "A straight line on this scale is linear convergence.",
    x: { label: "iteration" },
    y: { label: "primal residual", scale: "log" },
    marks: [{ type: "line", x: residuals.map((_, i) => i + 1), y: residuals }],
  };
}

function startsFigure(results: readonly Result[]): Figure {
  const { beta } = results[0].toy[0];
  return {
    id: "starts",
    title: `Where descents end, over the certified optimum (beta = ${beta})`,
    caption: "Every dot is a start; 1 is the optimum.",
    x: { label: "descent", scale: "band" },
    y: { label: "objective / optimum", scale: "log" },
    marks: [
      { type: "rule", series: "certified optimum", y: 1 },
      ...descentNames.map((name) => {
        const y = results.flatMap(({ toy: [{ primal, runs }] }) =>
          runs[name].map((objective) => objective / primal),
        );
        return { type: "dots" as const, series: name, x: y.map(() => name), y };
      }),
    ],
  };
}

function admmFigure(results: readonly Result[]): Figure {
  const x = results[0].admm.map(({ iteration }) => iteration);
  const of = (key: "convex" | "network") =>
    x.map((_, i) => mean(results, ({ admm }) => admm[i][key]));
  const levels = results[0].trained.map(({ name }, i) => ({
    type: "rule" as const,
    series: name,
    y: mean(results, ({ trained }) => trained[i].objective),
  }));
  return {
    id: "digits",
    title: "Two digits: objective after iterations of ADMM",
    caption: "Means over seeds; levels are the other methods at their end.",
    x: { label: "iteration", scale: "log" },
    y: { label: "objective", scale: "log" },
    marks: [
      { type: "line", series: "convex program", x, y: of("convex") },
      { type: "line", series: "recovered network", x, y: of("network") },
      ...levels,
    ],
  };
}

function attackFigure(results: readonly Result[], { eps }: Options): Figure {
  const methods = (result: Result) => [...Object.values(result.convex), ...result.backprop];
  const names = methods(results[0]).map(({ name }) => name);
  return {
    id: "attacks",
    title: `Test accuracy, clean and under PGD of eps = ${eps}`,
    x: { label: "training", scale: "band" },
    y: { label: "accuracy" },
    marks: (["clean", "pgd"] as const).map((key) => ({
      type: "bars",
      series: key === "pgd" ? "PGD" : key,
      x: names,
      y: names.map((_, i) => mean(results, (result) => methods(result)[i][key])),
    })),
  };
}

function findings(results: readonly Result[], { betas }: Options): string[] {
  const ratios = results.flatMap(gradientRatios);
  const best = results.flatMap(({ toy }) =>
    toy.map(({ primal, runs }) => Math.min(...allRuns(runs)) / primal),
  );
  const beaten = results.filter(
    ({ admm, trained }) => last(trained).objective < last(admm).network,
  );
  const sampled = results[0].trained.filter(({ name }) => name.startsWith("sampled"));
  const gaps = results.map(({ admm, dual }) => (last(admm).network - dual) / last(admm).network);
  const weak = results.filter(({ convex }) => convex.asSampled.pgd < 0.75);
  const silent = weak.every(({ convex }) => convex.asSampled.certifiedBound > 0.9);
  const advantage = mean(
    results,
    ({ convex: { robust }, backprop }) => robust.pgd - last(backprop).pgd,
  );
  const clean = mean(
    results,
    ({ convex: { robust }, backprop }) => robust.clean - last(backprop).clean,
  );
  return [
    `Five points, beta ${Math.min(...betas)}: gradient descent ends at ${quantileOf(ratios, 0).toPrecision(4)} to ${quantileOf(ratios, 1).toPrecision(4)} times the optimum; the best of all descents at ${Math.min(...best).toPrecision(8)} times.`,
    `Two digits: Adam ends below the convex optimum over the sampled patterns in ${beaten.length} of ${results.length} seeds, so "global" there means the best over these patterns, not over all networks.`,
    `The bound over the sampled patterns lies ${percent(Math.min(...gaps))} to ${percent(Math.max(...gaps))} below the network's objective; the bound over all networks is ${mean(results, ({ globalDual }) => globalDual).toPrecision(2)} on average, which says little.`,
    ...sampled.map(
      ({ name }, i) =>
        `The ${name}: objective ${mean(results, ({ trained }) => trained[i].objective).toPrecision(4)}, test accuracy ${mean(results, ({ trained }) => trained[i].accuracy).toPrecision(4)}.`,
    ),
    `Robust training on the patterns as sampled stays below 0.75 under PGD in ${weak.length} of ${results.length} seeds${weak.length > 0 && silent ? ", where its bound is about that of a network of zeros" : ""}: few sampled patterns have a robust cone. The pattern of all ones always has one.`,
    `Convex robust training against back-propagation with PGD: ${signed(advantage)} in accuracy under PGD, ${signed(clean)} in clean accuracy.`,
  ];
}

const percent = (part: number): string => `${(100 * part).toPrecision(2)} %`;
const signed = (value: number): string => `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(3)}`;
