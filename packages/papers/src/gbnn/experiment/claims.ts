/** What the paper says, with bars that were set before the first run. */
import { dataSet } from "@etude/data";
import type { Bar } from "../../contract/bar.ts";
import type { Claim } from "../../contract/claim.ts";
import type { Result } from "../experiment.ts";
import type { HeadResult } from "./head.ts";
import type { Options } from "./options.ts";
import { scoreAfter, type TableResult } from "./table.ts";
import { type Baseline, baselineNames, shares } from "./whole.ts";

/** The boosted network with a share of the units of the common size. */
export const boostedAt = ({ boosted }: TableResult, share: number): number =>
  scoreAfter(boosted, Math.floor(share * boosted.parts));

/** A baseline with one of the `shares` of its units. */
export const wholeAt = (
  { whole }: TableResult,
  name: Baseline,
  share: (typeof shares)[number],
): number => whole[name][shares.indexOf(share)];

export const ofTable = (results: readonly Result[], table: string): readonly TableResult[] =>
  results.flatMap(({ tables }) => tables.filter((each) => each.table === table));

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export const isRegression = (table: string): boolean => dataSet(table).task === "regression";

/** The baseline that is best on a table in the mean over seeds. */
export function bestBaseline(results: readonly TableResult[]): Baseline {
  const sign = results[0].task === "regression" ? -1 : 1;
  const score = (name: Baseline) => sign * mean(results.map((r) => wholeAt(r, name, 1)));
  return baselineNames.reduce((best, name) => (score(name) > score(best) ? name : best));
}

/** How much worse one score is than another: accuracy lost, or how many times the error. */
const worse = ({ task }: TableResult, score: number, than: number): number =>
  task === "regression" ? score / than : than - score;

interface TableClaim {
  readonly id: string;
  readonly compares: string;
  readonly paper: string;
  /** For accuracy lost, and for how many times the error. */
  readonly bars: { readonly lost: Bar; readonly times: Bar };
  measure(results: readonly TableResult[]): readonly number[];
}

const unknown = "The figures of the paper are not known here.";
const switchedOff = `The hidden units trained last can be switched off without significant loss (abstract). ${unknown}`;

const onEveryTable: readonly TableClaim[] = [
  {
    id: "generalises",
    compares: "GBNN, beside the best of the networks trained by Adam, L-BFGS and SGD",
    paper: `Competitive generalisation with all solvers (abstract). ${unknown}`,
    bars: { lost: { atMost: 0.015 }, times: { atMost: 1.05 } },
    measure: (results) => {
      const best = bestBaseline(results);
      return results.map((r) => worse(r, boostedAt(r, 1), wholeAt(r, best, 1)));
    },
  },
  {
    id: "three-quarters",
    compares: "GBNN with 75 % of its units, beside all of them",
    paper: switchedOff,
    bars: { lost: { atMost: 0.01 }, times: { atMost: 1.15 } },
    measure: (results) => results.map((r) => worse(r, boostedAt(r, 0.75), boostedAt(r, 1))),
  },
  {
    id: "half",
    compares: "GBNN with 50 % of its units, beside all of them",
    paper: switchedOff,
    bars: { lost: { atMost: 0.03 }, times: { atMost: 1.4 } },
    measure: (results) => results.map((r) => worse(r, boostedAt(r, 0.5), boostedAt(r, 1))),
  },
  {
    id: "control",
    compares: "the L-BFGS network with 50 % of its units, beside all of them",
    paper: "The control: being cut is not harmless for networks trained as a whole.",
    bars: { lost: { atLeast: 0.1 }, times: { atLeast: 3 } },
    measure: (results) =>
      results.map((r) => worse(r, wholeAt(r, "L-BFGS", 0.5), wholeAt(r, "L-BFGS", 1))),
  },
];

/** Claim 3 of the first version: more units than needed do no harm. */
const overSized = (factor: number): TableClaim => ({
  id: `${factor}x`,
  compares: `GBNN with ${factor} times the units, beside the common size`,
  paper: `Robust to hidden layers that are too large (abstract of the first version). ${unknown}`,
  bars: { lost: { atMost: 0.02 }, times: { atMost: 1.1 } },
  measure: (results) =>
    results.map((r) => {
      const larger = r.larger.find((each) => each.factor === factor);
      return worse(r, larger?.boosted ?? Number.NaN, boostedAt(r, 1));
    }),
});

const about = (
  table: string,
  { id, compares, paper, bars, measure }: TableClaim,
): Claim<Result> => {
  const [quantity, bar] = isRegression(table)
    ? ["how many times the test error (RMSE)", bars.times]
    : ["test accuracy lost", bars.lost];
  return {
    id: `${table}-${id}`,
    statement: `${table}: ${compares}: ${quantity}.`,
    paper,
    bar,
    measure: (results) => measure(ofTable(results, table)),
  };
};

/** The repair that section "switching off" makes free, where the squared error runs away. */
const repaired = (table: string): Claim<Result> => ({
  id: `${table}-repaired`,
  statement: `${table}, the counter-example: test RMSE (standardised target) of GBNN cut where a validation part says.`,
  paper: "Not in the paper: with the squared error no line search limits a part that extrapolates.",
  bar: { atMost: 0.6 },
  measure: (results) =>
    ofTable(results, table).map(({ validated }) => validated?.cut ?? Number.NaN),
});

const merged: Claim<Result> = {
  id: "merged",
  statement:
    "The merged network with 25, 50, 75 and 100 % of its units, beside the sum of as many parts: largest difference relative to the outputs, over all tables.",
  paper: "The parts are one network in the end; equal up to rounding.",
  bar: { atMost: 1e-9 },
  measure: (results) =>
    results.map(({ tables }) => Math.max(...tables.map(({ boosted }) => boosted.mergedError))),
};

const head: readonly Claim<Result>[] = [
  {
    id: "head",
    statement:
      "Fashion-MNIST: a boosted head on a frozen convolutional network, beside its own last layer: test accuracy lost.",
    paper: `The last layers of a deep network can be trained so (abstract). ${unknown}`,
    bar: { atMost: 0.005 },
    measure: (results) =>
      results.map(({ head }) =>
        lost(
          head,
          (h) => h.network,
          (h) => h.boosted,
        ),
      ),
  },
  {
    id: "head-half",
    statement:
      "Fashion-MNIST: the boosted head with 50 % of its units, beside all of them: test accuracy lost.",
    paper: switchedOff,
    bar: { atMost: 0.005 },
    measure: (results) =>
      results.map(({ head }) =>
        lost(
          head,
          (h) => h.boosted,
          (h) => h.half,
        ),
      ),
  },
];

type Of = (head: HeadResult) => number;
const lost = (head: HeadResult | null, from: Of, to: Of): number =>
  head === null ? Number.NaN : from(head) - to(head);

/** All claims that these options decide. */
export function claims(options: Options): readonly Claim<Result>[] {
  const { tables, counterExamples, overSizing, headImages } = options;
  return [
    ...tables.flatMap((table) =>
      counterExamples.includes(table)
        ? [repaired(table)]
        : [...onEveryTable, ...overSizing.map(overSized)].map((claim) => about(table, claim)),
    ),
    merged,
    ...(headImages > 0 ? head : []),
  ];
}
