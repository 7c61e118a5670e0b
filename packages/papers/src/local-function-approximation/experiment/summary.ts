/** Tables, plots and findings over all seeds. */
import type { Summary } from "../../contract/experiment.ts";
import type { DataTable } from "../../contract/figure.ts";
import type { Result, TableResult } from "../experiment.ts";
import { methodNames } from "../methods.ts";
import { diagonalRatio } from "./claims.ts";
import { figuresOf } from "./figures.ts";
import { findingsOf } from "./findings.ts";
import type { NetworkResult } from "./network.ts";
import { type Options, samplesFor } from "./options.ts";
import { type Recovered, recoveryError } from "./recovery.ts";

/** One network of one table, over seeds. */
export interface Case {
  readonly table: string;
  readonly title: string;
  readonly id: string;
  readonly tables: readonly TableResult[];
  readonly networks: readonly NetworkResult[];
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Entry by entry. */
export const meanMatrix = (matrices: readonly (readonly (readonly number[])[])[]): number[][] =>
  matrices[0].map((row, i) => row.map((_, j) => mean(matrices.map((matrix) => matrix[i][j]))));

export function casesOf(results: readonly Result[]): Case[] {
  return results[0].tables.flatMap(({ table, networks }, t) =>
    networks.map(({ depth }, n) => ({
      table,
      id: `${table}-${depth}`,
      title: networks.length > 1 ? `${table}, ${depth} hidden layers` : table,
      tables: results.map(({ tables }) => tables[t]),
      networks: results.map(({ tables }) => tables[t].networks[n]),
    })),
  );
}

export function summarise(
  results: readonly Result[],
  _seeds: readonly number[],
  options: Options,
): Summary {
  const cases = casesOf(results);
  return {
    tables: [
      overview(cases, options),
      ...cases.map(diagonals),
      ...results[0].tables.map((_, t) => recoveries(results.map(({ tables }) => tables[t]))),
    ],
    figures: cases.flatMap(figuresOf),
    findings: findingsOf(cases, results),
  };
}

const overview = (cases: readonly Case[], options: Options): DataTable => ({
  id: "models",
  title: "The models explained",
  caption:
    "Means over seeds. Quality: R^2 of a regression, accuracy of a classification, on held-out rows. LIME's samples: how many equally weighted ones its kernel leaves, in the median over points; below 2 (d + 1) its weights are mostly chance. Flat: share of the gradient's entries below 1e-8.",
  columns: [
    "model",
    "rows",
    "features",
    "samples",
    "quality",
    "LIME's samples",
    "flat",
    "zero attributions",
  ],
  rows: cases.map(({ title, tables, networks }) => [
    title,
    tables[0].rows,
    tables[0].features,
    samplesFor(tables[0].features, options),
    mean(networks.map(({ quality }) => quality)),
    mean(networks.map(({ limeSamples }) => limeSamples)),
    mean(networks.map(({ flat }) => flat)),
    mean(networks.map(({ zeros }) => zeros)),
  ]),
});

const diagonals = ({ id, title, networks }: Case): DataTable => ({
  id: `${id}-diagonal`,
  title: `${title}: each method beside its fit`,
  caption:
    "Mean L1 and cosine distance over points and seeds between a method's own formula and the fit in its neighbourhood; the L1 distance over that to the nearest fit of another method (C-LIME and SmoothGrad count as one); and the largest such ratio of a seed.",
  columns: ["method", "L1", "1 - cos", "over the nearest other", "at worst"],
  rows: methodNames.map((name, i) => {
    const ratios = networks.map((network) => diagonalRatio(network, name));
    return [
      name,
      mean(networks.map(({ l1 }) => l1[i][i])),
      mean(networks.map(({ cosine }) => cosine[i][i])),
      mean(ratios),
      Math.max(...ratios),
    ];
  }),
});

function recoveries(tables: readonly TableResult[]): DataTable {
  const [first] = tables;
  const average = (i: number, of: (row: Recovered) => number): number =>
    mean(tables.map(({ recovered }) => of(recovered[i])));
  return {
    id: `${first.table}-recovery`,
    title: `${first.table}: what is recovered of a linear and a logistic model`,
    caption:
      "Relative L1 and cosine distance to w and to w x0, means over seeds. A linear g gives a multiple of a logistic model's w: the cosine tells.",
    columns: [
      "model",
      "method",
      "route",
      "to w",
      "1 - cos",
      "to w x0",
      "1 - cos to w x0",
      "to what it must be",
    ],
    rows: first.recovered.map((row, i) => [
      row.model,
      row.method,
      row.route,
      average(i, ({ toWeights }) => toWeights),
      average(i, ({ cosineToWeights }) => cosineToWeights),
      average(i, ({ toProduct }) => toProduct),
      average(i, ({ cosineToProduct }) => cosineToProduct),
      average(i, recoveryError),
    ]),
  };
}
