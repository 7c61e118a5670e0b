/** What else was seen, a sentence each. */
import type { Result } from "./experiment.ts";
import type { Options } from "./options.ts";
import { chosen, perSeed } from "./selection.ts";
import type { Method } from "./softmaxRegression.ts";
import type { Losses } from "./sweep.ts";
import { phases } from "./tableRuns.ts";

export function findings(results: readonly Result[], options: Options): string[] {
  return [
    ...(["sgd", "adam"] as const).flatMap((method) => stationary(results, options, method)),
    ...options.noisyTables.flatMap((table) => noisyPhases(results, table, options)),
    ...textFindings(results),
    ...imageFindings(results),
  ];
}

/** The mean over seeds of one loss over another. */
function meanRatio(seeds: readonly Losses[], over: string, under: string): number {
  const ratios = perSeed(seeds, [over, under], (a, b) => a / b);
  return ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
}

const times = (ratio: number): string => (Number.isFinite(ratio) ? ratio.toFixed(3) : "undefined");

function stationary(results: readonly Result[], { tables }: Options, method: Method): string[] {
  if (tables.length === 0) return [];
  const ratios = tables.map((table) => {
    const seeds = results.map(({ standard }) => standard[table][method].losses);
    const [median, mean] = ["refined", "refined, mean"].map((name) =>
      times(meanRatio(seeds, name, "linear")),
    );
    return `${table} ${median} (${mean})`;
  });
  const name = method === "sgd" ? "SGD" : "Adam";
  return [
    `${name} on stationary tables, where norms say little: the loss of the refined schedule over that of linear decay is, with the median (with a running mean), ${ratios.join(", ")}.`,
  ];
}

function noisyPhases(results: readonly Result[], table: string, options: Options): string[] {
  const seedsOf = (phase: (typeof phases)[number]) =>
    results.map(({ noisy }) => noisy[table][phase].losses);
  const middle = seedsOf("middle third");
  const names = ["flat", "cosine", "linear", "refined"];
  const means = names.map((name) => `${name} ${chosen(middle, name).mean.toPrecision(4)}`);
  const against = (variant: string, base: string) =>
    phases
      .map((phase) => `${times(meanRatio(seedsOf(phase), variant, base))} (${phase})`)
      .join(", ");
  return [
    `${table}, noise in the middle third, which no claim is about: ${means.join(", ")}.`,
    `${table}: a filter over ${options.narrowSmoothing} of the run instead of ${options.smoothing} makes the loss of the refined schedule ${against("refined, narrow", "refined")} times as large.`,
    `${table}: with a running mean of squares, which the bound is about, instead of the median the loss of the refined schedule is ${against("refined, mean", "linear")} times that of linear decay; with the median ${against("refined", "linear")}.`,
  ];
}

function textFindings(results: readonly Result[]): string[] {
  const runs = results.flatMap(({ text }) => (text === undefined ? [] : [text]));
  const shapes = runs.flatMap(({ refined }) => refined ?? []);
  if (shapes.length === 0) return [];
  const list = (values: readonly number[]) => values.map((value) => value.toFixed(2)).join(", ");
  return [
    `The language model's refined schedule begins at ${list(shapes.map(({ start }) => start))} of its peak and reaches it after the share ${list(shapes.map(({ peakAt }) => peakAt))} of the run: a warm-up that nobody asked for.`,
  ];
}

function imageFindings(results: readonly Result[]): string[] {
  const runs = results.flatMap(({ images }) => (images === undefined ? [] : [images]));
  if (runs.length === 0) return [];
  const shapes = runs.flatMap(({ refined }) => refined ?? []);
  const without = runs.length - shapes.length;
  const lost =
    without > 0
      ? ` In ${without} of ${runs.length} runs a norm was 0, so that there was no schedule.`
      : "";
  if (shapes.length === 0) return [`Residual net:${lost}`];
  const spread = shapes.map((shape) => shape.spread.toPrecision(2)).join(", ");
  const peaks = shapes.map(({ peakAt }) => peakAt.toFixed(2)).join(", ");
  return [
    `Residual net: the largest filtered norm is ${spread} times the smallest, and the refined schedule peaks at the share ${peaks} of the run; a late peak is the degeneration of interpolating runs.${lost}`,
  ];
}
