/** Tables, figures and sentences over all seeds. */
import { meanInterval } from "@etude/learn";
import { confidence } from "../contract/bar.ts";
import type { Summary } from "../contract/experiment.ts";
import type { DataTable, Figure, Mark } from "../contract/figure.ts";
import type { Result } from "./claims.ts";
import { type SearchStudy, sheetNames } from "./exactStudy.ts";
import { findings } from "./findings.ts";
import { type AlignmentCurve, meanOf, type Row } from "./measure.ts";
import type { Options } from "./options.ts";

export function summarise(
  results: readonly Result[],
  seeds: readonly number[],
  options: Options,
): Summary {
  const [first] = results;
  const noise = results.flatMap(({ learned }) => (learned.noise === null ? [] : [learned.noise]));
  return {
    tables: [
      ...first.exact.strengths.map(({ strength }, i) =>
        policyTable(
          `exact-${strength}`,
          `Exact model, strength ${strength}`,
          results.map(({ exact }) => exact.strengths[i].rows),
        ),
      ),
      ...first.learned.velocity.map(({ steps }, i) =>
        policyTable(
          `learned-${steps}`,
          `Learned model, ${steps} steps, strength ${options.learnedStrength}`,
          results.map(({ learned }) => learned.velocity[i].rows),
        ),
      ),
      ...(noise.length === 0
        ? []
        : [
            policyTable(
              "learned-noise",
              `Network of pixels that predicts noise, strength ${options.learnedStrength}`,
              noise.map(({ rows }) => rows),
            ),
          ]),
      policyTable(
        "noise-schedule",
        `Exact model predicting noise, strength ${options.strengths[0]}`,
        results.map(({ exact }) => exact.noisePrediction.rows),
      ),
      searchTable(results, options),
    ],
    figures: [
      alignmentFigure(results),
      noiseAlignmentFigure(results),
      ...first.exact.strengths.map(({ strength }, i) =>
        costFigure(
          `cost-${strength}`,
          `What a saving costs, exact model, strength ${strength}`,
          results.map(({ exact }) => exact.strengths[i].rows),
        ),
      ),
      costFigure(
        "cost-learned",
        "What a saving costs, learned model",
        results.map(({ learned }) => learned.velocity[0].rows),
      ),
      searchFigure(results),
    ],
    pictures: first.exact.strengths.map(({ strength, sheet }) => ({
      id: `sheet-${strength}`,
      title: `The same noise under several policies, strength ${strength}, seed ${seeds[0]}`,
      caption: `From the top: ${sheetNames.join(", ")}.`,
      png: sheet,
    })),
    findings: findings(results, options),
  };
}

/** "0.9970 ± 0.0003": half the interval over seeds behind the mean. */
function spread(values: readonly number[], show: (value: number) => string): string {
  const mean = show(meanOf(values));
  if (values.length < 2 || values.some((value) => !Number.isFinite(value))) return mean;
  const [low, high] = meanInterval(values, confidence);
  return `${mean} ± ${show((high - low) / 2)}`;
}

const small = (value: number): string =>
  value === 0 ? "0" : value < 1e-3 ? value.toExponential(1) : value.toFixed(4);

function policyTable(id: string, title: string, runs: readonly (readonly Row[])[]): DataTable {
  const judged = runs[0].some(({ accuracy }) => accuracy !== null);
  const cell = (place: number, of: (row: Row) => number | null, show: (value: number) => string) =>
    spread(
      runs.map((rows) => of(rows[place]) ?? Number.NaN),
      show,
    );
  return {
    id,
    title,
    caption: `Relative error and similarity are to full guidance from the same noise; growth is the largest root mean square on the way over that of full guidance. With half the ${100 * confidence} % interval for the mean over seeds.`,
    columns: [
      "policy",
      "evaluations",
      "relative error",
      "similarity",
      "growth",
      ...(judged ? ["class accuracy, %", "feature distance"] : []),
    ],
    rows: runs[0].map(({ name }, place) => [
      name,
      cell(
        place,
        ({ evaluations }) => evaluations,
        (value) => value.toFixed(2),
      ),
      cell(place, ({ error }) => error, small),
      cell(
        place,
        ({ ssim }) => ssim,
        (value) => value.toFixed(4),
      ),
      cell(
        place,
        ({ growth }) => growth,
        (value) => value.toFixed(2),
      ),
      ...(judged
        ? [
            cell(
              place,
              ({ accuracy }) => (accuracy === null ? null : 100 * accuracy),
              (value) => value.toFixed(2),
            ),
            cell(
              place,
              ({ distance }) => distance,
              (value) => value.toFixed(2),
            ),
          ]
        : []),
    ]),
  };
}

function searchTable(results: readonly Result[], { costWeight }: Options): DataTable {
  const row = (name: string, of: (result: Result) => SearchStudy) => {
    const studies = results.map(of);
    const cell = (pick: (study: SearchStudy) => number, show: (value: number) => string) =>
      spread(studies.map(pick), show);
    return [
      name,
      cell(
        ({ firstHalf }) => 100 * firstHalf,
        (value) => value.toFixed(1),
      ),
      cell(
        ({ evaluations }) => evaluations,
        (value) => value.toFixed(2),
      ),
      cell(({ error }) => error, small),
      cell(
        ({ discretised }) => discretised.evaluations,
        (value) => value.toFixed(2),
      ),
      cell(({ discretised }) => discretised.error, small),
    ];
  };
  return {
    id: "search",
    title: "Policies found by search",
    caption: "Mixtures are what the search optimises; discretised policies are what can be run.",
    columns: [
      "price of an evaluation",
      "guidance in the first half, %",
      "evaluations, mixture",
      "relative error, mixture",
      "evaluations, discretised",
      "relative error, discretised",
    ],
    rows: [
      row(String(costWeight), ({ exact }) => exact.search),
      row("0", ({ exact }) => exact.freeSearch),
    ],
  };
}

const steps = (curve: readonly number[]): number[] => curve.map((_, k) => k);

function curveMarks(series: string, curves: readonly AlignmentCurve[], band: boolean): Mark[] {
  const over = (of: (curve: AlignmentCurve) => readonly number[]) =>
    steps(of(curves[0])).map((k) => meanOf(curves.map((curve) => of(curve)[k])));
  const x = steps(curves[0].mean);
  const line: Mark = { type: "line", series, x, y: over(({ mean }) => mean) };
  if (!band) return [line];
  return [
    line,
    { type: "band", series, x, low: over(({ low }) => low), high: over(({ high }) => high) },
  ];
}

const alignmentFigure = (results: readonly Result[]): Figure => ({
  id: "alignment",
  title: "The guided and the unguided prediction become parallel",
  caption: "Means over samples and seeds of velocity predictions under full guidance.",
  x: { label: "step, from noise to data" },
  y: { label: "alignment gamma" },
  marks: [
    ...results[0].exact.strengths.flatMap(({ strength }, i) =>
      curveMarks(
        `exact, strength ${strength}`,
        results.map(({ exact }) => exact.strengths[i].alignment),
        false,
      ),
    ),
    ...curveMarks(
      "learned",
      results.map(({ learned }) => learned.velocity[0].alignment),
      true,
    ),
  ],
});

function noiseAlignmentFigure(results: readonly Result[]): Figure {
  const learned = results.flatMap((result) =>
    result.learned.noise === null ? [] : [result.learned.noise.alignment],
  );
  return {
    id: "noise-alignment",
    title: "Predictions of noise look alike from the start",
    caption:
      "A threshold crossed at step 0 says nothing about guidance. The band holds 80 % of the samples.",
    x: { label: "step, from noise to data" },
    y: { label: "alignment gamma" },
    marks: [
      ...curveMarks(
        "exact",
        results.map(({ exact }) => exact.noisePrediction.alignment),
        true,
      ),
      ...(learned.length === 0 ? [] : curveMarks("learned", learned, true)),
    ],
  };
}

function costFigure(id: string, title: string, runs: readonly (readonly Row[])[]): Figure {
  const series = (name: string, belongs: (row: Row) => boolean, type: "line" | "dots"): Mark => {
    const places = runs[0].flatMap((row, place) => (belongs(row) ? [place] : []));
    const points = places
      .map((place) => ({
        x: meanOf(runs.map((rows) => rows[place].evaluations)),
        // Errors of exactly nothing have no place on a logarithmic axis.
        y: Math.max(1e-12, meanOf(runs.map((rows) => rows[place].error))),
      }))
      .sort((a, b) => a.x - b.x);
    return { type, series: name, x: points.map(({ x }) => x), y: points.map(({ y }) => y) };
  };
  return {
    id,
    title,
    caption: "Lower and further left is better; full guidance itself has no error.",
    x: { label: "network evaluations a sample" },
    y: { label: "relative error", scale: "log" },
    marks: [
      series("adaptive", ({ name }) => /^AG \d/.test(name), "line"),
      series("fewer steps", ({ name }) => name.startsWith("full guidance, "), "line"),
      series(
        "LinearAG",
        ({ name }) => name.startsWith("LinearAG") && !name.includes("without"),
        "dots",
      ),
      series("its schedule without estimates", ({ name }) => name.includes("without"), "dots"),
      series("one half guided", ({ name }) => name.endsWith("half"), "dots"),
      series("conditional only", ({ name }) => name === "conditional only", "dots"),
    ],
  };
}

function searchFigure(results: readonly Result[]): Figure {
  const line = (series: string, of: (result: Result) => readonly number[]): Mark => ({
    type: "line",
    series,
    x: steps(of(results[0])),
    y: steps(of(results[0])).map((k) => meanOf(results.map((result) => of(result)[k]))),
  });
  return {
    id: "search",
    title: "Where the search guides",
    caption: "Without a price it guides everywhere; with one, only where it matters.",
    x: { label: "step, from noise to data" },
    y: { label: "weight of guided options" },
    marks: [
      line("with a price", ({ exact }) => exact.search.guidanceMass),
      line("without", ({ exact }) => exact.freeSearch.guidanceMass),
    ],
  };
}
