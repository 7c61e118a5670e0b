/** Tables, plots and findings over all seeds. */
import type { Summary } from "../contract/experiment.ts";
import type { DataTable } from "../contract/figure.ts";
import type { Result } from "./experiment.ts";
import { noisyFigure, shapeFigure, syntheticFigure, textFigure } from "./figures.ts";
import { findings } from "./findings.ts";
import type { Options } from "./options.ts";
import { publishedShapes } from "./publishedShapes.ts";
import { chosen } from "./selection.ts";
import type { Method } from "./softmaxRegression.ts";
import type { Losses, Shape } from "./sweep.ts";
import { phases, standardNames } from "./tableRuns.ts";

const schedules = [...standardNames, "refined", "refined, mean"];

export function summarise(
  results: readonly Result[],
  _seeds: readonly number[],
  options: Options,
): Summary {
  const { tables, noisyTables, sgdExponents, adamExponents, noisyExponents } = options;
  const powers = (exponents: readonly number[]) => exponents.map((e) => `2^${e}`);
  const standard = (method: Method): DataTable => ({
    id: `standard-${method}`,
    title: `Final training loss, ${method === "sgd" ? "SGD" : "Adam"}`,
    caption:
      "The mean over seeds at the best peak rate of each schedule, which stands in brackets; refined from the norms of a run of linear decay, and swept again; mean: by a running mean of squares (SGD) or norms (Adam), not the median.",
    columns: ["table", ...schedules],
    rows: tables.map((table) => [
      table,
      ...cells(
        results.map((result) => result.standard[table][method].losses),
        schedules,
        powers(method === "sgd" ? sgdExponents : adamExponents),
      ),
    ]),
  });
  const noisySchedules = [
    "flat",
    "cosine",
    "linear",
    "refined",
    "refined, narrow",
    "refined, mean",
  ];
  const noisy: DataTable = {
    id: "noisy",
    title: "Final training loss when batches are of one row in one phase of the run, else of 32",
    caption: `SGD, ${options.noisySteps} steps; narrow: a median over ${options.narrowSmoothing} of the run instead of ${options.smoothing}; mean: a running mean of squares instead of the median.`,
    columns: ["table", "noisy phase", ...noisySchedules, "optimum"],
    rows: noisyTables.flatMap((table) =>
      phases.map((phase) => [
        table,
        phase,
        ...cells(
          results.map((result) => result.noisy[table][phase].losses),
          noisySchedules,
          powers(noisyExponents),
        ),
        results[0].optima[table],
      ]),
    ),
  };
  const texts = results.flatMap(({ text }) => (text === undefined ? [] : [text]));
  const images = results.flatMap(({ images }) => (images === undefined ? [] : [images]));
  return {
    tables: [
      ...(tables.length === 0 ? [] : [standard("sgd"), standard("adam")]),
      ...(noisyTables.length === 0 ? [] : [noisy]),
      ...lossTable(
        "text",
        "Validation loss of the language model, nats a character",
        texts,
        options.textPeaks,
      ),
      ...lossTable(
        "images",
        "Test error of the residual net, share of images",
        images,
        options.imagePeaks,
      ),
      shapeTable(results, options),
      publishedTable,
    ],
    figures: [
      ...shapeFigure(results, options),
      ...noisyFigure(results, options),
      ...textFigure(texts),
      syntheticFigure(),
    ],
    findings: findings(results, options),
  };
}

/** Losses of schedules with the peaks they were best at. */
const cells = (seeds: readonly Losses[], names: readonly string[], peaks: readonly string[]) =>
  names.map((name) => {
    const { mean, peak } = chosen(seeds, name);
    return Number.isFinite(mean) ? `${mean.toPrecision(4)} (${peaks[peak]})` : null;
  });

function lossTable(
  id: string,
  title: string,
  runs: readonly { readonly losses: Losses }[],
  peaks: readonly number[],
): DataTable[] {
  if (runs.length === 0) return [];
  const seeds = runs.map(({ losses }) => losses);
  return [
    {
      id,
      title,
      columns: ["schedule", "mean", "best peak", ...runs.map((_, i) => `run ${i + 1}`)],
      rows: Object.keys(seeds[0]).map((name) => {
        const { mean, peak, losses } = chosen(seeds, name);
        return [name, mean, peaks[peak], ...losses];
      }),
    },
  ];
}

/** Every refined schedule in numbers. */
function shapeTable(results: readonly Result[], { tables, noisyTables }: Options): DataTable {
  const rows: (readonly [string, (result: Result) => Shape | undefined])[] = [
    ...tables.flatMap((table) =>
      (["sgd", "adam"] as const).map(
        (method) =>
          [`${table}, ${method}`, (r: Result) => r.standard[table][method].refined] as const,
      ),
    ),
    ...noisyTables.flatMap((table) =>
      phases.map(
        (phase) =>
          [`${table}, ${phase} noisy`, (r: Result) => r.noisy[table][phase].refined] as const,
      ),
    ),
    ["text", (r) => r.text?.refined],
    ["images", (r) => r.images?.refined],
  ];
  return {
    id: "shapes",
    title: "Refined schedules",
    caption:
      "Means over seeds: where the peak lies and what the first multiplier is, the nearest polynomial with warm-up, and the largest over the smallest filtered norm.",
    columns: ["problem", "peak at", "first", "warm-up", "power", "norms"],
    rows: rows.flatMap(([problem, of]) => {
      const shapes = results.flatMap((result) => of(result) ?? []);
      if (shapes.length === 0) return [];
      const mean = (value: (shape: Shape) => number) =>
        shapes.reduce((sum, shape) => sum + value(shape), 0) / shapes.length;
      return [
        [
          problem,
          mean(({ peakAt }) => peakAt),
          mean(({ start }) => start),
          mean(({ warmup }) => warmup),
          mean(({ power }) => power),
          mean(({ spread }) => spread),
        ],
      ];
    }),
  };
}

const publishedTable: DataTable = {
  id: "published",
  title: "Published polynomial fits of refined schedules",
  columns: ["problem", "warm-up", "power"],
  rows: publishedShapes.map(({ problem, warmup, power }) => [problem, warmup, power ?? null]),
};
