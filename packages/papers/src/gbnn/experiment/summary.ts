/** Tables and findings over all seeds. */
import { meanInterval } from "@etude/learn";
import { confidence } from "../../contract/bar.ts";
import type { Summary } from "../../contract/experiment.ts";
import type { DataTable } from "../../contract/figure.ts";
import type { Result } from "../experiment.ts";
import { bestBaseline, boostedAt, mean, ofTable, wholeAt } from "./claims.ts";
import { lossFigure, stagedFigure } from "./figures.ts";
import type { Options } from "./options.ts";
import type { TableResult } from "./table.ts";
import { baselineNames, shares } from "./whole.ts";

export function summarise(
  results: readonly Result[],
  seeds: readonly number[],
  options: Options,
): Summary {
  const byTable = options.tables.map((table) => ofTable(results, table));
  const counterExamples = byTable.filter(([first]) => first.validated !== null);
  const oversized = byTable.filter(([first]) => first.larger.length > 0);
  return {
    tables: [
      scoresTable(byTable, options),
      ...(oversized.length > 0 ? [largerTable(oversized)] : []),
      ...(counterExamples.length > 0 ? [validatedTable(counterExamples, seeds)] : []),
      settingsTable(byTable, seeds),
      ...headTable(results),
    ],
    figures: byTable.flatMap((seedsOfTable) => [
      stagedFigure(seedsOfTable, options),
      lossFigure(seedsOfTable),
    ]),
    findings: byTable.map(finding),
  };
}

const measureName = ({ task }: TableResult): string =>
  task === "regression" ? "RMSE" : "accuracy";

const percent = (share: number): string => `${100 * share} %`;

/** The interval for the mean over seeds in a cell; nothing for a single seed. */
function intervalCell(values: readonly number[]): string | null {
  if (values.length < 2 || !values.every(Number.isFinite)) return null;
  const [low, high] = meanInterval(values, confidence);
  return `${low.toPrecision(3)} to ${high.toPrecision(3)}`;
}

function scoresTable(byTable: readonly (readonly TableResult[])[], { units }: Options): DataTable {
  return {
    id: "scores",
    title: `Test scores with a share of ${units} hidden units`,
    caption:
      "Means over seeds; accuracy, or RMSE of the standardised target. A network trained as a whole keeps its output bias when it is cut.",
    columns: [
      "table",
      "measure",
      "network",
      ...shares.map(percent),
      `${percent(confidence)} interval of all units`,
    ],
    rows: byTable.flatMap((results) => {
      const row = (network: string, at: (result: TableResult, share: number) => number) => [
        results[0].table,
        measureName(results[0]),
        network,
        ...shares.map((share) => mean(results.map((result) => at(result, share)))),
        intervalCell(results.map((result) => at(result, 1))),
      ];
      const deep = results.map((result) => result.deep ?? Number.NaN);
      return [
        row("GBNN", boostedAt),
        ...baselineNames.map((name) =>
          row(name, (result, share) => wholeAt(result, name, share as 1)),
        ),
        ...(results[0].deep === null
          ? []
          : [
              [
                results[0].table,
                measureName(results[0]),
                "deep, Adam",
                ...shares.map((share) => (share === 1 ? mean(deep) : null)),
                intervalCell(deep),
              ],
            ]),
      ];
    }),
  };
}

const largerTable = (byTable: readonly (readonly TableResult[])[]): DataTable => ({
  id: "larger",
  title: "Test scores of hidden layers larger than the common size",
  caption:
    "Means over seeds. A boosted network of the common size is the beginning of a larger one.",
  columns: ["table", "measure", "times the size", "GBNN", "L-BFGS"],
  rows: byTable.flatMap((results) => {
    const [{ table }] = results;
    const row = (factor: number, boosted: number[], whole: number[]) => [
      table,
      measureName(results[0]),
      factor,
      mean(boosted),
      mean(whole),
    ];
    return [
      row(
        1,
        results.map((r) => boostedAt(r, 1)),
        results.map((r) => wholeAt(r, "L-BFGS", 1)),
      ),
      ...results[0].larger.map(({ factor }, i) =>
        row(
          factor,
          results.map(({ larger }) => larger[i].boosted),
          results.map(({ larger }) => larger[i].whole),
        ),
      ),
    ];
  }),
});

const validatedTable = (
  byTable: readonly (readonly TableResult[])[],
  seeds: readonly number[],
): DataTable => ({
  id: "validated",
  title: "The counter-example: the network cut where a validation part says",
  caption:
    "Trained without the validation part, which is a quarter of the training part by default; RMSE on the test part.",
  columns: ["table", "seed", "units kept", "cut", "all units"],
  rows: byTable.flatMap((results) =>
    results.flatMap(({ table, validated }, i) =>
      validated === null ? [] : [[table, seeds[i], validated.units, validated.cut, validated.all]],
    ),
  ),
});

const settingsTable = (
  byTable: readonly (readonly TableResult[])[],
  seeds: readonly number[],
): DataTable => ({
  id: "settings",
  title: "Settings chosen without the test part",
  caption:
    "The longest Newton step is that before the learning rate; steps grow as the residuals become small, and are not limited.",
  columns: [
    "table",
    "seed",
    "training rows",
    "inputs",
    "units of a part",
    "subsample",
    "learning rate",
    "longest step",
  ],
  rows: byTable.flatMap((results) =>
    results.map(({ table, rows, inputs, boosted: { settings, largestStep } }, i) => [
      table,
      seeds[i],
      rows,
      inputs,
      settings.unitsPerStep,
      settings.subsample,
      settings.learningRate,
      largestStep,
    ]),
  ),
});

function headTable(results: readonly Result[]): DataTable[] {
  const heads = results.flatMap(({ head }) => (head === null ? [] : [head]));
  if (heads.length === 0) return [];
  return [
    {
      id: "head",
      title: "Fashion-MNIST: a boosted head on a frozen convolutional network",
      columns: ["head", "test accuracy"],
      rows: [
        ["its own last layer", mean(heads.map(({ network }) => network))],
        ["boosted, all units", mean(heads.map(({ boosted }) => boosted))],
        ["boosted, half of the units", mean(heads.map(({ half }) => half))],
      ],
    },
  ];
}

function finding(results: readonly TableResult[]): string {
  const best = bestBaseline(results);
  const of = (at: (result: TableResult) => number) => mean(results.map(at)).toPrecision(3);
  const [{ table }] = results;
  const measure = measureName(results[0]);
  return (
    `${table}: ${measure} ${of((r) => boostedAt(r, 1))} with all units of GBNN and ${of((r) => boostedAt(r, 0.5))} with half of them; ` +
    `${of((r) => wholeAt(r, best, 1))} for the best network trained as a whole (${best}) and ${of((r) => wholeAt(r, best, 0.5))} with half of its units.`
  );
}
