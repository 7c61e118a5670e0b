/** Plots over all seeds of a table. */
import type { Figure, Mark } from "../../contract/figure.ts";
import { mean, wholeAt } from "./claims.ts";
import type { Options } from "./options.ts";
import { scoreAfter, type TableResult } from "./table.ts";
import { baselineNames } from "./whole.ts";

/** An error that grows beyond so many times the smallest is shown on a logarithmic axis. */
const wide = 20;

/** A line of means with the range over seeds around it. */
function lineWithRange(
  series: string,
  x: readonly number[],
  values: readonly (readonly number[])[],
): Mark[] {
  const at = (i: number) => values.map((each) => each[i]);
  const line: Mark = { type: "line", series, x, y: x.map((_, i) => mean(at(i))) };
  if (values.length < 2) return [line];
  return [
    {
      type: "band",
      series,
      x,
      low: x.map((_, i) => Math.min(...at(i))),
      high: x.map((_, i) => Math.max(...at(i))),
    },
    line,
  ];
}

/** Test score against the units that are switched on, with the baselines as levels. */
export function stagedFigure(results: readonly TableResult[], { units }: Options): Figure {
  const [{ table, task }] = results;
  // Seeds may have chosen parts of different sizes: every part that ends at one of these units.
  const largest = Math.max(1, ...results[0].larger.map(({ factor }) => factor)) * units;
  const spacing = Math.max(1, Math.ceil(largest / 400));
  const x = Array.from({ length: Math.floor(largest / spacing) + 1 }, (_, i) => i * spacing);
  const curves = results.map((result) =>
    x.map((used) =>
      scoreAfter(result.boosted, Math.floor(used / result.boosted.settings.unitsPerStep)),
    ),
  );
  const values = curves.flat();
  const isWide = task === "regression" && Math.max(...values) > wide * Math.min(...values);
  return {
    id: `${table}-staged`,
    title: `${table}: the network cut short`,
    caption: `Mean and range over seeds. Levels: networks of ${units} units trained as a whole. The common size is at ${units}.`,
    x: { label: "hidden units in use" },
    y: {
      label: task === "regression" ? "test RMSE, standardised target" : "test accuracy",
      ...(isWide && { scale: "log" as const }),
    },
    marks: [
      ...lineWithRange("GBNN", x, curves),
      ...baselineNames.map(
        (name): Mark => ({
          type: "rule",
          series: name,
          y: mean(results.map((result) => wholeAt(result, name, 1))),
        }),
      ),
      ...(largest > units ? [{ type: "rule", series: "common size", x: units } as const] : []),
    ],
  };
}

/** Training loss after every part. */
export function lossFigure(results: readonly TableResult[]): Figure {
  const [{ table }] = results;
  const length = Math.min(...results.map(({ boosted }) => boosted.trainLoss.length));
  const x = Array.from({ length }, (_, t) => t + 1);
  const losses = results.map(({ boosted }) => boosted.trainLoss.slice(0, length));
  return {
    id: `${table}-loss`,
    title: `${table}: training loss`,
    caption: "Mean loss of all training examples after every part; mean and range over seeds.",
    x: { label: "parts" },
    y: { label: "training loss", scale: "log" },
    marks: lineWithRange("GBNN", x, losses),
  };
}
