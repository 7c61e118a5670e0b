/** What people would plot. */
import { meanOf } from "@etude/learn";
import type { Figure, Mark } from "../../contract/figure.ts";
import { plotWidth, smoothed } from "../spectrum.ts";
import { optimisers } from "../stability.ts";
import { learnerAt, matrixOf, runOf } from "./claims.ts";
import type { MatrixName } from "./eigenvalues.ts";
import { medianRates } from "./medianRates.ts";
import type { Options } from "./options.ts";
import type { Result } from "./result.ts";

/** A power of the batch size through the first point, as a guide to the eye. */
const guide = (
  series: string,
  x: readonly number[],
  first: number | null,
  power: number,
): Mark => ({
  type: "line",
  series,
  x,
  y: x.map((size) => (first ?? Number.NaN) * (size / x[0]) ** power),
});

export function rateFigure(results: readonly Result[], options: Options): Figure {
  const x = options.sweepBatchSizes;
  const marks = optimisers.flatMap((name, place): Mark[] => {
    const rates = medianRates(results, place, options);
    return [
      { type: "line", series: name, x, y: rates.map((rate) => rate ?? Number.NaN) },
      ...results.map(
        ({ sweep }): Mark => ({
          type: "dots",
          series: name,
          x,
          y: sweep[place].largest.map((rate) => rate ?? Number.NaN),
        }),
      ),
      name === "sgd" ? guide("slope 1", x, rates[0], 1) : guide("slope 1/2", x, rates[0], 0.5),
    ];
  });
  return {
    id: "rates",
    title: "Largest stable learning rate",
    caption:
      "Lines: by the median loss over seeds; dots: each seed by its own loss. SGD follows slope 1 and then levels off, Adam slope 1/2.",
    x: { label: "batch size", scale: "log" },
    y: { label: "learning rate", scale: "log" },
    marks,
  };
}

/** Losses above this are drawn at it: what diverged says no more than that. */
const highest = 10;

export function lossFigure(results: readonly Result[], options: Options): Figure {
  const [{ sweep }] = results;
  const [{ rates, losses }] = sweep;
  return {
    id: "losses",
    title: "SGD: loss after training, first seed",
    caption: `Diverged runs are drawn at ${highest}. The threshold of stability is ${options.threshold}.`,
    x: { label: "learning rate", scale: "log" },
    y: { label: "training loss", scale: "log" },
    marks: [
      ...options.sweepBatchSizes.map(
        (size, b): Mark => ({
          type: "line",
          series: `batches of ${size}`,
          x: rates,
          y: losses[b].map((loss) => Math.min(loss ?? highest, highest)),
        }),
      ),
      { type: "rule", series: "threshold", y: options.threshold },
    ],
  };
}

export function eigenvalueFigure(results: readonly Result[], matrix: MatrixName): Figure {
  const found = results.map((result) => matrixOf(result, matrix));
  const x = found[0].batches.map(({ batchSize }) => batchSize);
  const mean = (of: (batch: (typeof found)[0]["batches"][0]) => number) =>
    x.map((_, b) => meanOf(found.map(({ batches }) => of(batches[b]))));
  const measured = mean((batch) => batch.mean);
  const stderr = mean((batch) => batch.stderr);
  return {
    id: `eigenvalues-${matrix}`,
    title: `${matrix}: top eigenvalue of batches`,
    caption:
      "Means over seeds; intervals: two standard errors over the batches of a seed. The isotropic prediction hardly leaves the level of all examples.",
    x: { label: "batch size", scale: "log" },
    y: { label: "eigenvalue", scale: "log" },
    marks: [
      {
        type: "intervals",
        series: "measured",
        x,
        low: measured.map((value, b) => value - 2 * stderr[b]),
        high: measured.map((value, b) => value + 2 * stderr[b]),
      },
      { type: "dots", series: "measured", x, y: measured },
      { type: "line", series: "directional", x, y: mean((batch) => batch.directional) },
      { type: "line", series: "with gaps", x, y: mean((batch) => batch.withGaps) },
      { type: "line", series: "isotropic", x, y: mean((batch) => batch.isotropic) },
      { type: "rule", series: "all examples", y: meanOf(found.map(({ lambda }) => lambda)) },
    ],
  };
}

const densityPoints = 300;
/** Densities below this are drawn at it. */
const faint = 1e-5;

export function densityFigure(result: Result, matrix: MatrixName, seed: number): Figure {
  const { whole, batch, batches, pSigma2 } = matrixOf(result, matrix);
  const [{ batchSize, effective }] = batches;
  const nodes = [...whole.nodes, ...batch.nodes];
  const [low, high] = [Math.min(...nodes), Math.max(...nodes)];
  const margin = 0.05 * (high - low);
  const x = Array.from(
    { length: densityPoints },
    (_, i) => low - margin + ((high - low + 2 * margin) * i) / (densityPoints - 1),
  );
  const curve = (series: string, density: typeof whole): Mark => ({
    type: "line",
    series,
    x,
    y: x.map((at) =>
      Math.max(faint, smoothed(density.nodes, density.weights, at, plotWidth(nodes))),
    ),
  });
  const edge = 2 * Math.sqrt(pSigma2 / effective);
  return {
    id: `density-${matrix}`,
    title: `${matrix}: density of the spectrum, seed ${seed}`,
    caption: `By stochastic Lanczos quadrature.${matrix === "Hessian" ? " The edge is that of the semicircle of isotropic noise." : ""}`,
    x: { label: "eigenvalue" },
    y: { label: "density", scale: "log" },
    marks: [
      curve("all examples", whole),
      curve(`a batch of ${batchSize}`, batch),
      ...(matrix === "Hessian"
        ? [
            { type: "rule", series: "edge of the noise", x: edge } as const,
            { type: "rule", series: "edge of the noise", x: -edge } as const,
          ]
        : []),
    ],
  };
}

export function scheduleFigure(results: readonly Result[], size: number): Figure {
  const runs = results.map((result) => runOf(learnerAt(result, size), "heavy-ball"));
  const epochs = Math.min(...runs.map((run) => run.epochs.length));
  const x = Array.from({ length: epochs }, (_, i) => i + 1);
  const line = (series: string, of: (epoch: (typeof runs)[0]["epochs"][0]) => number): Mark => ({
    type: "line",
    series,
    x,
    y: x.map((_, i) => meanOf(runs.map((run) => of(run.epochs[i])))),
  });
  return {
    id: `schedule-${size}`,
    title: `What the learner sees and sets, batches of ${size}`,
    caption: "Means over seeds; a value of 0 leaves a gap.",
    x: { label: "epoch" },
    y: { label: "value", scale: "log" },
    marks: [
      line("greatest curvature", (epoch) => epoch.greatest),
      line("least curvature", (epoch) => epoch.least),
      line("noise floor", (epoch) => epoch.floor),
      line("learning rate", (epoch) => epoch.learningRate),
      line("momentum", (epoch) => epoch.momentum),
    ].map((mark) =>
      mark.type === "line"
        ? { ...mark, y: mark.y.map((value) => (value > 0 ? value : Number.NaN)) }
        : mark,
    ),
  };
}
