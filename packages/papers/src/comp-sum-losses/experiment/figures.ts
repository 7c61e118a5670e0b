/** Plots over all seeds. */
import type { Figure, Mark } from "../../contract/figure.ts";
import { hConsistencyTransform } from "../bounds.ts";
import type { Result } from "../experiment.ts";
import { atRate } from "./choice.ts";
import { mean, ofMethod, ofTau, testAtRate, testChosen } from "./claims.ts";
import type { Options } from "./options.ts";

const span = (values: readonly number[]) => ({
  low: Math.min(...values),
  high: Math.max(...values),
});

/** Means as dots and lines with the range over seeds. */
function ranged(series: string, x: readonly number[], values: readonly number[][]): Mark[] {
  const line: Mark[] = [
    { type: "line", series, x, y: values.map(mean) },
    { type: "dots", series, x, y: values.map(mean) },
  ];
  if (values[0].length < 2) return line;
  const spans = values.map(span);
  const [low, high] = [spans.map((each) => each.low), spans.map((each) => each.high)];
  return [{ type: "intervals", series, x, low, high }, ...line];
}

export const accuracyFigure = (results: readonly Result[], options: Options): Figure => ({
  id: "accuracy",
  title: `Test accuracy on ${options.images} by loss`,
  caption: "Means and ranges over seeds.",
  x: { label: "tau" },
  y: { label: "accuracy" },
  marks: [
    ...ranged(
      "learning rate chosen",
      options.choiceTaus,
      options.choiceTaus.map((tau) => ofTau(results, tau, testChosen)),
    ),
    ...ranged(
      `learning rate ${options.commonRate}`,
      options.choiceTaus,
      options.choiceTaus.map((tau) => ofTau(results, tau, testAtRate(options.commonRate))),
    ),
  ],
});

/** Every training as a point: clean against robust accuracy. */
export function frontierFigure(results: readonly Result[], options: Options): Figure {
  const families = [
    ["standard", [null]],
    ["PGD", [null]],
    ["TRADES", options.betas],
    ["ADV-COMP-SUM", options.nus],
    ["ADV-COMP-SUM, raised", options.rampedNus],
  ] as const;
  return {
    id: "frontier",
    title: `Clean and robust accuracy on ${options.robustImages}`,
    caption:
      "Means over seeds, a dot for each weight of a method. Up and to the right is better; nu moves ADV-COMP-SUM along its frontier until it collapses.",
    x: { label: "clean accuracy" },
    y: { label: "robust accuracy" },
    marks: families.flatMap(([series, weights]): Mark[] => {
      if (weights.length === 0) return [];
      const of = weights.map((weight) => ofMethod(results, series, weight));
      const x = of.map((each) => mean(each.map(({ clean }) => clean)));
      const y = of.map((each) => mean(each.map(({ robust }) => robust)));
      return [{ type: "dots", series, x, y }];
    }),
  };
}

export function normFigure(results: readonly Result[], options: Options): Figure {
  // At the largest rate at which every loss got through, so that the norms are of whole trainings.
  const whole = options.learningRates.filter((learningRate) =>
    results.every(({ choice }) => choice.every((each) => !atRate(each, learningRate)?.diverged)),
  );
  const rate = whole.length > 0 ? Math.max(...whole) : Math.min(...options.learningRates);
  const normsOf = (tau: number, quantity: "median" | "high") =>
    ofTau(results, tau, (each) => atRate(each, rate)?.gradientNorm?.[quantity] ?? Number.NaN);
  const series = [
    ["median over the steps", "median"],
    ["90 % of the steps are below", "high"],
  ] as const;
  return {
    id: "gradient-norms",
    title: `Norm of the gradient by loss, at the learning rate ${rate}`,
    caption:
      "The factor p_y^(tau-1) of (5) magnifies hard examples below tau = 1 and mutes them above. Means and ranges over seeds.",
    x: { label: "tau" },
    y: { label: "gradient norm", scale: "log" },
    marks: series.flatMap(([name, quantity]) =>
      ranged(
        name,
        options.choiceTaus,
        options.choiceTaus.map((tau) => normsOf(tau, quantity)),
      ),
    ),
  };
}

/** The bound as a function of the excess loss, for small and large numbers of classes. */
export function boundFigure({ taus }: Options): Figure {
  const excesses = Array.from({ length: 41 }, (_, i) => 10 ** (-4 + i / 10));
  const marks = [10, 100, 1000].flatMap((n) =>
    taus
      .filter((tau) => tau > 1 || n === 10)
      .map((tau): Mark => {
        const { gamma } = hConsistencyTransform(tau, n);
        const series = tau > 1 ? `tau ${tau}, ${n} classes` : `tau ${tau}`;
        return { type: "line", series, x: excesses, y: excesses.map(gamma) };
      }),
  );
  return {
    id: "gamma",
    title: "What an excess of the loss allows of the zero-one loss",
    caption:
      "Gamma_tau; up to tau = 1 it does not depend on the number of classes. Below is better, and 1 says nothing.",
    x: { label: "excess of the loss with its gap", scale: "log" },
    y: { label: "bound on the excess zero-one loss", scale: "log" },
    marks,
  };
}

export function gapFigure(results: readonly Result[]): Figure {
  const taus = results[0].line.map(({ tau }) => tau);
  const of = (name: "gap" | "gapBound") =>
    taus.map((_, i) => results.map(({ line }) => line[i][name]));
  return {
    id: "gaps",
    title: "Minimizability gaps of linear scores on a line",
    caption: "Means and ranges over seeds; the upper bound is Jensen's (10).",
    x: { label: "tau" },
    y: { label: "gap" },
    marks: [...ranged("gap", taus, of("gap")), ...ranged("upper bound", taus, of("gapBound"))],
  };
}
