/** What the paper says, with bars that were set before the first run. */
import type { Bar } from "../../contract/bar.ts";
import type { Claim } from "../../contract/claim.ts";
import type { Result, TableResult } from "../experiment.ts";
import {
  additiveMethods,
  type MethodName,
  methodNames,
  multiplicativeMethods,
} from "../methods.ts";
import type { TestName } from "./compiled.ts";
import type { NetworkResult } from "./network.ts";
import type { Options } from "./options.ts";
import { type Recovered, recoveryError } from "./recovery.ts";

/** Networks of a table for every seed; a claim's number is the worst of a seed's networks. */
type Measure = (network: NetworkResult, table: TableResult) => number;

const places = new Map(methodNames.map((name, i) => [name, i]));
export const placeOf = (name: MethodName): number => places.get(name) as number;

/** C-LIME and SmoothGrad are one method in the population (14): either may be nearer to the other. */
const twins: readonly MethodName[] = ["SmoothGrad", "C-LIME"];

/** The diagonal over the nearest other method of the row; what both twins are near to does not count. */
export function diagonalRatio({ l1 }: NetworkResult, method: MethodName): number {
  const row = placeOf(method);
  const others = methodNames.filter(
    (other) => other !== method && !(twins.includes(method) && twins.includes(other)),
  );
  return l1[row][row] / Math.min(...others.map((other) => l1[row][placeOf(other)]));
}

/** Rows whose nearest column is another method. */
export const misplaced = (network: NetworkResult): number =>
  methodNames.filter((method) => diagonalRatio(network, method) > 1).length;

/** The largest rise from one step of a limit to the next, as a factor. */
export const largestRise = (distances: readonly number[]): number =>
  Math.max(...distances.slice(1).map((distance, i) => distance / distances[i]));

/** Changes of the score when a third of the features, the least important ones, are perturbed. */
export function atThird({ tests }: NetworkResult, test: TestName, method: MethodName): number {
  const curve = tests[test].mean[placeOf(method)];
  return curve[Math.max(Math.floor(curve.length / 3), 1) - 1];
}

/** The loss on the diagonal over the least of its column, for the neighbourhood where it is largest. */
export function worstColumn({ losses }: NetworkResult): number {
  const ratios = methodNames.map((_, column) => {
    const values = losses.map((row) => row[column]);
    const least = Math.min(...values);
    // Occlusion is exact in its own neighbourhood: there 0 is 0.
    return values[column] === least ? 1 : values[column] / least;
  });
  return Math.max(...ratios);
}

/** The methods that remove features, and Integrated Gradients: those the binary bar is about. */
const removing: readonly MethodName[] = ["LIME", "KernelSHAP", "Occlusion", "Integrated Gradients"];

const figuresUnknown = "Shown as heat maps and curves; the numbers are not known here.";

interface TableClaim {
  readonly id: string;
  readonly statement: string;
  readonly paper: string;
  readonly bar: Bar;
  readonly measure: Measure;
}

/** KernelSHAP has two noisy samples to compare where features are many. */
const isWide = (table: string): boolean => table === "who-life-expectancy";

function aboutNetworks(table: string): TableClaim[] {
  const lenient: readonly MethodName[] = isWide(table) ? ["KernelSHAP"] : [];
  const strict = methodNames.filter((name) => !twins.includes(name) && !lenient.includes(name));
  return [
    {
      id: "diagonal",
      statement:
        "methods (of 8) whose own formula is nearer to the fit of another method than to its own; C-LIME and SmoothGrad count as one",
      paper: `Smallest on the diagonal, near 0. ${figuresUnknown}`,
      bar: { atMost: 0 },
      measure: misplaced,
    },
    {
      id: "distance",
      statement: `distance (L1) of a method to its own fit, over that to the nearest other fit: the largest of ${strict.length} methods`,
      paper: `Smallest on the diagonal, near 0. ${figuresUnknown}`,
      bar: { atMost: 0.6 },
      measure: (network) => Math.max(...strict.map((name) => diagonalRatio(network, name))),
    },
    ...lenient.map((name) => ({
      id: "distance-kernelshap",
      statement: `distance (L1) of ${name} to its own fit, over that to the nearest other fit`,
      paper: `Smallest on the diagonal, near 0. ${figuresUnknown}`,
      bar: { atMost: 0.9 },
      measure: (network: NetworkResult) => diagonalRatio(network, name),
    })),
    {
      id: "limit-noise",
      statement:
        "fits with smaller and smaller noise, and their distance to Vanilla Gradients: the largest factor from one to the next",
      paper: `The distance falls as sigma goes from 0.3 to 0.01. ${figuresUnknown}`,
      bar: { atMost: 1.05 },
      measure: ({ toVanilla }) => largestRise(toVanilla),
    },
    {
      id: "limit-scale",
      statement:
        "fits over scales nearer and nearer to 1, and their distance to Gradient x Input: the largest factor from one to the next",
      paper: `The distance falls as alpha goes from 0 to 0.95. ${figuresUnknown}`,
      bar: { atMost: 1.05 },
      measure: ({ toTimesInput }) => largestRise(toTimesInput),
    },
    {
      id: "continuous",
      statement:
        "noise on the third of the features that matters least: the largest change of the score among C-LIME, SmoothGrad and Vanilla Gradients, over the smallest among the other five",
      paper: `The gradient group is best under continuous noise. ${figuresUnknown}`,
      bar: { atMost: 1 },
      measure: (network) =>
        Math.max(...additiveMethods.map((m) => atThird(network, "bottomContinuous", m))) /
        Math.min(...multiplicativeMethods.map((m) => atThird(network, "bottomContinuous", m))),
    },
    {
      id: "binary",
      statement:
        "removal of the third of the features that matters least: the largest change of the score among LIME, KernelSHAP, Occlusion and Integrated Gradients, over the smallest among C-LIME, SmoothGrad and Vanilla Gradients",
      paper: `The methods that multiply are best under binary noise. ${figuresUnknown}`,
      bar: { atMost: 1 },
      measure: (network) =>
        Math.max(...removing.map((m) => atThird(network, "bottomBinary", m))) /
        Math.min(...additiveMethods.map((m) => atThird(network, "bottomBinary", m))),
    },
    {
      id: "no-free-lunch",
      statement:
        "loss of an explanation in the neighbourhood of its own method, over the least loss of all eight there: the largest over neighbourhoods",
      paper: "A theorem: no explanation is good in every neighbourhood.",
      bar: { atMost: 1.05 },
      measure: worstColumn,
    },
  ];
}

const byTable = (results: readonly Result[], table: string): readonly TableResult[] =>
  results.flatMap(({ tables }) => tables.filter((each) => each.table === table));

/** LIME by Adam stands apart: where its kernel gives features next to no weight, steps cannot see them. */
const recoveries: readonly {
  readonly id: string;
  readonly how: string;
  readonly bar: number;
  readonly accept: (row: Recovered) => boolean;
}[] = [
  {
    id: "exact",
    how: "the largest of all methods, by their own formulas and fitted in closed form",
    bar: 1e-3,
    accept: ({ route }) => route !== "adam",
  },
  {
    id: "adam",
    how: "fitted by Adam, the largest of all methods but LIME",
    bar: 0.05,
    accept: ({ route, method }) => route === "adam" && method !== "LIME",
  },
  {
    id: "adam-lime",
    how: "LIME, fitted by Adam",
    bar: 0.05,
    accept: ({ route, method }) => route === "adam" && method === "LIME",
  },
];

const aboutTable = (table: string): Claim<Result>[] => {
  const networks = aboutNetworks(table).map(
    ({ id, statement, paper, bar, measure }): Claim<Result> => ({
      id: `${table}-${id}`,
      statement: `${table}: ${statement}.`,
      paper,
      bar,
      measure: (results) =>
        byTable(results, table).map((each) =>
          Math.max(...each.networks.map((network) => measure(network, each))),
        ),
    }),
  );
  const recovery = recoveries.map(
    ({ id, how, bar, accept }): Claim<Result> => ({
      id: `${table}-recovery-${id}`,
      statement: `${table}: relative error (L1) with which a linear model is recovered, as w by additive methods and as w x0 by multiplicative ones: ${how}.`,
      paper: "Additive methods recover w, multiplicative ones w x0 (a property of both).",
      bar: { atMost: bar },
      measure: (results) =>
        byTable(results, table).map(({ recovered }) =>
          Math.max(
            ...recovered.filter((row) => row.model === "linear" && accept(row)).map(recoveryError),
          ),
        ),
    }),
  );
  return [...networks, ...recovery];
};

/** All claims that these options decide; classification is only reported. */
export const claims = ({ regression }: Options): readonly Claim<Result>[] =>
  regression.flatMap(aboutTable);
