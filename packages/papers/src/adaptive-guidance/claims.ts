/** What the experiment decides, stated before the runs that decide it. */
import type { Claim } from "../contract/claim.ts";
import { type ExactResult, type ExactStudy, fewerName } from "./exactStudy.ts";
import { calibratedName, equalCostName, type LearnedResult } from "./learnedStudy.ts";
import type { Row } from "./measure.ts";
import type { Options } from "./options.ts";

/** What one seed measured. */
export interface Result {
  readonly exact: ExactResult;
  readonly learned: LearnedResult;
}

/** The row of a name; its figures are NaN where there is none. */
export function rowOf(rows: readonly Row[], name: string): Row {
  const found = rows.find((row) => row.name === name);
  const none = Number.NaN;
  return (
    found ?? {
      name,
      evaluations: none,
      error: none,
      ssim: none,
      growth: none,
      accuracy: none,
      distance: none,
    }
  );
}

export function claims(options: Options): Claim<Result>[] {
  const { steps } = options;
  const half = steps / 2;
  const early = Math.ceil(0.4 * steps) - 1;
  const saved = `${Math.round(100 * (1 - options.learnedSavings))} %`;
  const strengths = options.strengths.join(", ");
  const over =
    (pick: (values: number[]) => number, of: (study: ExactStudy) => number) =>
    (results: readonly Result[]) =>
      results.map(({ exact }) => pick(exact.strengths.map(of)));
  const least = (values: number[]) => Math.min(...values);
  const most = (values: number[]) => Math.max(...values);
  const velocity = ({ learned }: Result) => learned.velocity[0];
  const ratio = (of: string, to: string) => (study: ExactStudy) =>
    rowOf(study.rows, of).error / rowOf(study.rows, to).error;
  const fifteen = fewerName(Math.round(0.75 * steps));
  const points = (result: Result, name: string) =>
    100 * (rowOf(velocity(result).rows, name).accuracy ?? Number.NaN);
  const ssim = (result: Result, name: string) => rowOf(velocity(result).rows, name).ssim;
  return [
    {
      id: "predictions-align",
      statement: `Exact model: at the last step the guided and the unguided prediction have a mean alignment of at least 0.999, at each of the strengths ${strengths}.`,
      paper: "gamma rises to 1 on all models looked at",
      bar: { atLeast: 0.999 },
      measure: over(least, ({ alignment }) => alignment.mean[steps - 1]),
    },
    {
      id: "least-aligned-early",
      statement: `Exact model: the step of least mean alignment is one of the first ${early + 1} of ${steps}, at each strength.`,
      paper: "guidance matters in the first half; a minimum is not reported",
      bar: { atMost: early },
      measure: over(most, ({ alignment }) => alignment.mean.indexOf(Math.min(...alignment.mean))),
    },
    {
      id: "few-unaligned-halfway",
      statement:
        "Exact model: halfway, at most a tenth of the samples have an alignment below 0.99, at each strength.",
      paper: "not reported as a figure",
      bar: { atMost: 0.1 },
      measure: over(most, ({ alignment }) => alignment.belowHalfway),
    },
    {
      id: "ag-saves-a-quarter",
      statement: `Exact model: AG with threshold 0.99 needs at most ${1.5 * steps} of ${2 * steps} evaluations a sample, at each strength.`,
      paper: "30 of 40 evaluations, 25 % saved",
      bar: { atMost: 1.5 * steps },
      measure: over(most, ({ rows }) => rowOf(rows, "AG 0.99").evaluations),
    },
    {
      id: "ag-keeps-the-picture",
      statement:
        "Exact model: its pictures have a structural similarity of at least 0.995 to those of full guidance, at each strength.",
      paper: "raters cannot tell them apart (498 against 502 of 1,000)",
      bar: { atLeast: 0.995 },
      measure: over(least, ({ rows }) => rowOf(rows, "AG 0.99").ssim),
    },
    {
      id: "ag-beats-fewer-steps",
      statement: `Exact model: its relative error is at most that of full guidance in ${Math.round(0.75 * steps)} steps, which costs ${2 * Math.round(0.75 * steps)} evaluations, at each strength.`,
      paper: "the curve of AG lies above that of fewer steps",
      bar: { atMost: 1 },
      measure: over(most, ratio("AG 0.99", fifteen)),
    },
    {
      id: "first-half-matters",
      statement: `Exact model: guided in the first ${half} steps only, the relative error is at most a fiftieth of that guided in the last ${half} only, at each strength.`,
      paper: "guidance matters in the first half, conditional steps suffice in the second",
      bar: { atMost: 0.02 },
      measure: over(most, ratio("guided in the first half", "guided in the second half")),
    },
    {
      id: "linear-estimates-help",
      statement:
        "Exact model: LinearAG's relative error is at most a quarter of that of its schedule without estimates, at each strength.",
      paper: "close to the baseline with visible deviations; no figure",
      bar: { atMost: 0.25 },
      measure: over(most, ratio("LinearAG", "LinearAG's schedule without estimates")),
    },
    {
      id: "search-guides-early",
      statement:
        "The policy search on the exact model puts at least 80 % of its guidance into the first half of the steps.",
      paper: "the searched policies guide in the first half",
      bar: { atLeast: 0.8 },
      measure: (results) => results.map(({ exact }) => exact.search.firstHalf),
    },
    {
      id: "learned-keeps-classes",
      statement: `Learned model: AG that saves ${saved} loses at most 1.5 points of class accuracy against full guidance.`,
      paper: "no such measure",
      bar: { atLeast: -1.5 },
      measure: (results) =>
        results.map((result) => points(result, calibratedName) - points(result, "full guidance")),
    },
    {
      id: "learned-keeps-the-picture",
      statement: `Learned model: the pictures of that AG have a structural similarity of at least 0.985 to those of full guidance.`,
      paper: "AG at 30 of 40 evaluations cannot be told apart",
      bar: { atLeast: 0.985 },
      measure: (results) => results.map((result) => ssim(result, calibratedName)),
    },
    {
      id: "learned-first-half-matters",
      statement:
        "Learned model: guidance in the first half only is at least 0.02 more similar to full guidance than in the second half only.",
      paper: "guidance matters in the first half",
      bar: { atLeast: 0.02 },
      measure: (results) =>
        results.map(
          (result) =>
            ssim(result, "guided in the first half") - ssim(result, "guided in the second half"),
        ),
    },
    {
      id: "learned-beats-fewer-steps",
      statement:
        "Learned model: AG is at least as similar to full guidance as full guidance with fewer steps at the same cost.",
      paper: "the curve of AG lies above that of fewer steps; pilots did not find it at this size",
      bar: { atLeast: 0 },
      measure: (results) =>
        results.map(
          (result) => ssim(result, calibratedName) - ssim(result, equalCostName(options)),
        ),
    },
    ...(options.noiseTrainSteps === 0 ? [] : noiseClaims()),
  ];
}

const noiseClaims = (): Claim<Result>[] => [
  {
    id: "noise-predictions-align",
    statement:
      "Network that predicts noise: the mean alignment at the last step is at least that at the first.",
    paper: "gamma rises to 1 on all models looked at; pilots did not find it at this size",
    bar: { atLeast: 0 },
    measure: (results) =>
      results.map(({ learned }) => {
        const curve = learned.noise?.alignment.mean ?? [];
        return (curve.at(-1) ?? Number.NaN) - (curve[0] ?? Number.NaN);
      }),
  },
  {
    id: "noise-threshold-works",
    statement:
      "Network that predicts noise: AG with threshold 0.99 keeps a structural similarity of at least 0.985.",
    paper: "thresholds of 0.991 to 0.996 work; pilots found them to fire at the first step",
    bar: { atLeast: 0.985 },
    measure: (results) =>
      results.map(({ learned }) => rowOf(learned.noise?.rows ?? [], "AG 0.99").ssim),
  },
];
