/** What was found, for people. */

import type { Summary } from "../../contract/experiment.ts";
import type { DataTable, Figure, Mark } from "../../contract/figure.ts";
import { scaleLearningRate } from "../learningRates.ts";
import { plotWidth, smoothed } from "../spectrum.ts";
import type { AtBatchSize, Measured, SpectrumOf } from "./measure.ts";
import type { UseOptions } from "./options.ts";
import type { SweptRate } from "./sweepRates.ts";
import type { Epoch } from "./train.ts";

export interface Findings {
  readonly lossName: string;
  readonly rows: number;
  /** In the order of training. */
  readonly measured: readonly { readonly label: string; readonly at: Measured }[];
  /** At the last moment. */
  readonly spectra: readonly SpectrumOf[];
  readonly swept: readonly SweptRate[];
  readonly epochs: readonly Epoch[];
  readonly notes: readonly string[];
}

/** The least of the largest stable rates over the moments, for every batch size. */
export interface Tightest {
  readonly batchSize: number;
  readonly sgd: number | null;
  readonly adam: number | null;
}

export function tightest({ measured }: Findings): Tightest[] {
  const least = (values: readonly (number | null)[]): number | null => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : Math.min(...known);
  };
  return measured[0].at.batches.map(({ batchSize }, i) => ({
    batchSize,
    sgd: least(measured.map(({ at }) => at.batches[i].sgdRate)),
    adam: least(measured.map(({ at }) => at.batches[i].adamRate)),
  }));
}

export interface CarriedOver {
  readonly batchSize: number;
  readonly linear: number;
  readonly sqrt: number;
  readonly spectral: number | null;
}

/** A rate known at one batch size at the others, by each rule; the eigenvalues are those of the last moment. */
export function carriedOver(
  { measured }: Findings,
  { fromBatch, fromRate }: UseOptions,
): CarriedOver[] {
  if (fromBatch === undefined || fromRate === undefined) return [];
  const { batches, hessian } = measured[measured.length - 1].at;
  const eigenvalueAt = (size: number): number | null => interpolated(batches, size);
  const first = eigenvalueAt(fromBatch);
  const lambda = hessian.lambda > 0 ? hessian.lambda : undefined;
  return batches.map(({ batchSize, hessian: { mean } }) => ({
    batchSize,
    linear: scaleLearningRate(fromRate, fromBatch, batchSize, "linear", {
      // A rate already beyond the limit of the full data is not what the limit is for.
      lambda: lambda !== undefined && fromRate < 2 / lambda ? lambda : undefined,
    }),
    sqrt: scaleLearningRate(fromRate, fromBatch, batchSize, "sqrt"),
    spectral:
      first !== null && first > 0 && mean > 0
        ? scaleLearningRate(fromRate, fromBatch, batchSize, "spectral", {
            eigenvalues: [first, mean],
          })
        : null,
  }));
}

/** The measured eigenvalue at any batch size between those measured, linear in log-log. */
function interpolated(batches: readonly AtBatchSize[], size: number): number | null {
  const above = batches.findIndex(({ batchSize }) => batchSize >= size);
  if (above < 0) return batches[batches.length - 1].hessian.mean;
  if (above === 0 || batches[above].batchSize === size) return batches[above].hessian.mean;
  const [low, high] = [batches[above - 1], batches[above]];
  if (!(low.hessian.mean > 0 && high.hessian.mean > 0)) return null;
  const share = Math.log(size / low.batchSize) / Math.log(high.batchSize / low.batchSize);
  return low.hessian.mean * (high.hessian.mean / low.hessian.mean) ** share;
}

export function reportOn(found: Findings, options: UseOptions): Summary {
  const carried = carriedOver(found, options);
  return {
    tables: [
      rateTable(found),
      momentTable(found),
      ...(carried.length > 0 ? [carriedTable(carried, options)] : []),
    ],
    figures: [
      rateFigure(found),
      eigenvalueFigure(found),
      ...(["hessian", "gauss-newton"] as const).map((matrix) => densityFigure(found, matrix)),
      ...(found.epochs.length > 0 ? [trainingFigure(found)] : []),
    ],
    findings: findingsOf(found),
  };
}

function rateTable(found: Findings): DataTable {
  const swept = found.swept.length > 0;
  const by = (batchSize: number, optimiser: "sgd" | "adam") =>
    found.swept.find((each) => each.batchSize === batchSize && each.optimiser === optimiser)
      ?.learningRate ?? null;
  return {
    id: "learning-rates",
    title: "Largest stable learning rate",
    caption: `The least over the moments measured (${found.measured.map(({ label }) => label).join(", ")}). SGD without momentum; Adam with decays 0.9 and 0.999. Train at a half of it or less.`,
    columns: [
      "batch size",
      "SGD",
      "Adam",
      ...(swept ? ["SGD, by training", "Adam, by training"] : []),
    ],
    rows: tightest(found).map(({ batchSize, sgd, adam }) => [
      batchSize,
      sgd,
      adam,
      ...(swept ? [by(batchSize, "sgd"), by(batchSize, "adam")] : []),
    ]),
  };
}

function momentTable({ measured }: Findings): DataTable {
  return {
    id: "moments",
    title: "Curvature and noise",
    caption:
      "Noise is that of a batch of one: divide by the effective batch size. Along the top eigenvector it is what pushes the top eigenvalue outwards.",
    columns: [
      "",
      "top eigenvalue, Hessian",
      "top eigenvalue, Gauss-Newton",
      "trace, Hessian",
      "noise, random direction",
      "noise, top eigenvector",
    ],
    rows: measured.map(({ label, at: { hessian, gaussNewton } }) => [
      label,
      hessian.lambda,
      gaussNewton.lambda,
      hessian.trace,
      hessian.noise.pSigma2,
      hessian.noise.orthogonal,
    ]),
  };
}

const carriedTable = (
  carried: readonly CarriedOver[],
  { fromBatch, fromRate }: UseOptions,
): DataTable => ({
  id: "carried-over",
  title: `A learning rate of ${fromRate} with batches of ${fromBatch} at other batch sizes`,
  caption:
    "For SGD: by the ratio of batch eigenvalues, or in proportion to the batch size up to the limit of all examples. For Adam: by the square root.",
  columns: ["batch size", "SGD, spectral", "SGD, linear", "Adam, square root"],
  rows: carried.map(({ batchSize, spectral, linear, sqrt }) => [batchSize, spectral, linear, sqrt]),
});

function rateFigure(found: Findings): Figure {
  const rates = tightest(found);
  const x = rates.map(({ batchSize }) => batchSize);
  const guide = (series: string, first: number | null, power: number): Mark => ({
    type: "line",
    series,
    x,
    y: x.map((size) => (first ?? Number.NaN) * (size / x[0]) ** power),
  });
  const swept = (["sgd", "adam"] as const).flatMap((optimiser): Mark[] => {
    const each = found.swept.filter((rate) => rate.optimiser === optimiser);
    return each.length === 0
      ? []
      : [
          {
            type: "dots",
            series: `${optimiser === "sgd" ? "SGD" : "Adam"}, by training`,
            x: each.map(({ batchSize }) => batchSize),
            y: each.map(({ learningRate }) => learningRate ?? Number.NaN),
          },
        ];
  });
  return {
    id: "learning-rates",
    title: "Largest stable learning rate",
    caption: "SGD grows in proportion to the batch size and levels off; Adam with its square root.",
    x: { label: "batch size", scale: "log" },
    y: { label: "learning rate", scale: "log" },
    marks: [
      { type: "line", series: "SGD", x, y: rates.map(({ sgd }) => sgd ?? Number.NaN) },
      { type: "line", series: "Adam", x, y: rates.map(({ adam }) => adam ?? Number.NaN) },
      ...swept,
      guide("slope 1", rates[0].sgd, 1),
      guide("slope 1/2", rates[0].adam, 0.5),
    ],
  };
}

function eigenvalueFigure({ measured }: Findings): Figure {
  const { label, at } = measured[measured.length - 1];
  const x = at.batches.map(({ batchSize }) => batchSize);
  const line = (series: string, of: (batch: AtBatchSize) => number): Mark => ({
    type: "line",
    series,
    x,
    y: at.batches.map(of),
  });
  return {
    id: "eigenvalues",
    title: `Top eigenvalue of a batch's Hessian, ${label}`,
    caption: "Intervals: two standard errors over the batches.",
    x: { label: "batch size", scale: "log" },
    y: { label: "eigenvalue" },
    marks: [
      {
        type: "intervals",
        series: "measured",
        x,
        low: at.batches.map(({ hessian }) => hessian.mean - 2 * hessian.stderr),
        high: at.batches.map(({ hessian }) => hessian.mean + 2 * hessian.stderr),
      },
      line("measured", ({ hessian }) => hessian.mean),
      line("predicted, directional", ({ directional }) => directional),
      line("predicted, with gaps", ({ withGaps }) => withGaps),
      line("predicted, isotropic", ({ isotropic }) => isotropic),
      { type: "rule", series: "all examples", y: at.hessian.lambda },
    ],
  };
}

const densityPoints = 300;
/** Densities below this share of the highest are drawn at it. */
const faint = 1e-6;

function densityFigure({ spectra }: Findings, matrix: SpectrumOf["matrix"]): Figure {
  const chosen = spectra.filter((spectrum) => spectrum.matrix === matrix);
  const nodes = chosen.flatMap((spectrum) => [...spectrum.nodes]);
  const [low, high] = [Math.min(...nodes), Math.max(...nodes)];
  const margin = 0.05 * (high - low || 1);
  const x = Array.from(
    { length: densityPoints },
    (_, i) => low - margin + ((high - low + 2 * margin) * i) / (densityPoints - 1),
  );
  const width = plotWidth(nodes);
  const curves = chosen.map((spectrum) =>
    x.map((at) => smoothed(spectrum.nodes, spectrum.weights, at, width)),
  );
  const floor = faint * Math.max(...curves.flat());
  return {
    id: `density-${matrix}`,
    title: `Density of the ${matrix === "hessian" ? "Hessian's" : "Gauss-Newton"} spectrum`,
    caption: "Stochastic Lanczos quadrature, smeared to a hundredth of the range.",
    x: { label: "eigenvalue" },
    y: { label: "density", scale: "log" },
    marks: chosen.map(
      ({ examples }, i): Mark => ({
        type: "line",
        series: examples === "all" ? "all examples" : `a batch of ${examples}`,
        x,
        y: curves[i].map((value) => Math.max(value, floor)),
      }),
    ),
  };
}

function trainingFigure({ epochs }: Findings): Figure {
  const x = epochs.map(({ epoch }) => epoch);
  const line = (series: string, of: (epoch: Epoch) => number | null): Mark => ({
    type: "line",
    series,
    x,
    y: epochs.map((epoch) => {
      const value = of(epoch);
      return value !== null && value > 0 ? value : Number.NaN;
    }),
  });
  return {
    id: "training",
    title: "Training",
    x: { label: "epoch" },
    y: { label: "value", scale: "log" },
    marks: [
      line("loss", ({ loss }) => loss),
      line("learning rate", ({ learningRate }) => learningRate),
      line("momentum", ({ momentum }) => momentum),
      line("greatest curvature", ({ greatest }) => greatest),
    ],
  };
}

function findingsOf(found: Findings): string[] {
  const { label, at } = found.measured[found.measured.length - 1];
  const [first] = at.batches;
  const rise = first.hessian.mean - at.hessian.lambda;
  const show = (value: number) => value.toPrecision(3);
  const findings = [
    `The loss is the ${found.lossName} over ${found.rows.toLocaleString("en-US")} examples; the model has ${at.parameters.toLocaleString("en-US")} weights.`,
    `At ${label} the top eigenvalue of the Hessian is ${show(at.hessian.lambda)} for all examples and ${show(first.hessian.mean)} for batches of ${first.batchSize}: it rises by ${show(rise)}, of which isotropic noise would explain ${show(first.isotropic - at.hessian.lambda)} and the noise along the top eigenvector ${show(first.directional - at.hessian.lambda)}.`,
    ...found.notes,
  ];
  if (found.measured.length > 1) {
    const steepest = found.measured.reduce((most, each) =>
      each.at.hessian.lambda > most.at.hessian.lambda ? each : most,
    );
    findings.splice(
      2,
      0,
      `Of the moments measured, curvature is largest at ${steepest.label}; between them it may be larger.`,
    );
  }
  return findings;
}
