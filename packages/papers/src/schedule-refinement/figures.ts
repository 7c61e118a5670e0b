/** What people would plot of the results. */
import type { Figure, Mark } from "../contract/figure.ts";
import type { Result } from "./experiment.ts";
import type { Options } from "./options.ts";
import { syntheticNorms, syntheticSchedule } from "./publishedShapes.ts";
import { resample } from "./resample.ts";
import type { NetworkRun } from "./scheduleSweeps.ts";
import { chosen } from "./selection.ts";
import type { Shape } from "./sweep.ts";
import { type Phase, phases } from "./tableRuns.ts";

const axes = {
  x: { label: "share of the run" },
  y: { label: "learning rate over its peak" },
} as const;

const line = (series: string, values: readonly number[]): Mark => ({
  type: "line",
  series,
  x: values.map((_, i) => (i + 1) / values.length),
  y: values,
});

/** The mean over seeds of the schedules that there are. */
function meanShape(shapes: readonly (Shape | undefined)[]): readonly number[] | undefined {
  const there = shapes.flatMap((shape) => shape ?? []);
  return there[0]?.multipliers.map(
    (_, i) => there.reduce((sum, { multipliers }) => sum + multipliers[i], 0) / there.length,
  );
}

const lines = (shapes: Readonly<Record<string, readonly (Shape | undefined)[]>>): Mark[] =>
  Object.entries(shapes).flatMap(([name, of]) => {
    const mean = meanShape(of);
    return mean === undefined ? [] : [line(name, mean)];
  });

/** Refined schedules of the stationary tables and the text. */
export function shapeFigure(results: readonly Result[], { tables }: Options): Figure[] {
  const shapes = Object.fromEntries([
    ...tables.map((table) => [
      `${table}, SGD`,
      results.map(({ standard }) => standard[table].sgd.refined),
    ]),
    ["text, Adam", results.map(({ text }) => text?.refined)],
    ["images, SGD", results.map(({ images }) => images?.refined)],
  ]);
  const marks = lines(shapes);
  if (marks.length === 0) return [];
  return [
    {
      id: "shapes",
      title: "Refined schedules",
      caption: "Means over seeds. Constant norms would give a straight line from 1 to 0.",
      ...axes,
      marks,
    },
  ];
}

/** Where the noise was, the rate is low. */
export function noisyFigure(results: readonly Result[], { noisyTables }: Options): Figure[] {
  return noisyTables.map((table) => ({
    id: `noisy-${table}`,
    title: `Refined schedules when one phase is noisy: ${table}`,
    caption: "Means over seeds. The rate is low where batches were small.",
    ...axes,
    marks: lines(
      Object.fromEntries(
        phases.map((phase: Phase) => [
          phase,
          results.map(({ noisy }) => noisy[table][phase].refined),
        ]),
      ),
    ),
  }));
}

/** Final losses of the language model. */
export function textFigure(runs: readonly NetworkRun[]): Figure[] {
  if (runs.length === 0) return [];
  const seeds = runs.map(({ losses }) => losses);
  const names = Object.keys(seeds[0]);
  const all = names.map((name) => chosen(seeds, name));
  return [
    {
      id: "text",
      title: "Language model: validation loss at the best peak rate",
      caption: "A dot a seed, and the mean.",
      x: { label: "schedule", scale: "band" },
      y: { label: "nats a character" },
      marks: [
        {
          type: "dots",
          series: "seeds",
          x: all.flatMap(({ losses }, i) => losses.map(() => names[i])),
          y: all.flatMap(({ losses }) => losses),
        },
        { type: "dots", series: "mean", x: names, y: all.map(({ mean }) => mean) },
      ],
    },
  ];
}

/** What shapes made-up norms give. */
export const syntheticFigure = (): Figure => ({
  id: "synthetic",
  title: "Schedules of made-up norms",
  caption:
    "Norms that fall make a warm-up; growing or falling towards the end they anneal faster or slower than a straight line.",
  ...axes,
  marks: Object.entries(syntheticNorms).map(([name, values]) =>
    line(name, Array.from(resample(syntheticSchedule(values), 100))),
  ),
});
