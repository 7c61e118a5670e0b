/** Tables, plots and findings over all seeds. */
import { meanOf } from "@etude/learn";
import type { Summary } from "../../contract/experiment.ts";
import type { DataTable } from "../../contract/figure.ts";
import { optimisers } from "../stability.ts";
import {
  bestPoint,
  directionalError,
  excessSlope,
  learnerAt,
  lossOf,
  matrixOf,
  rateSlope,
  runOf,
  saturation,
} from "./claims.ts";
import { type BatchEigenvalues, type MatrixResult, matrices } from "./eigenvalues.ts";
import {
  densityFigure,
  eigenvalueFigure,
  lossFigure,
  rateFigure,
  scheduleFigure,
} from "./figures.ts";
import { modes } from "./learner.ts";
import { medianRates } from "./medianRates.ts";
import type { Options } from "./options.ts";
import type { Result } from "./result.ts";

export function summarise(
  results: readonly Result[],
  seeds: readonly number[],
  options: Options,
): Summary {
  return {
    tables: [
      rateTable(results, options),
      ...matrices.map((matrix) =>
        eigenvalueTable(
          matrix,
          results.map((result) => matrixOf(result, matrix)),
        ),
      ),
      eigenvalueTable("Hessian, centred images", results.map(centredOf)),
      ...options.learnerBatchSizes.map((size) => learnerTable(results, size)),
    ],
    figures: [
      rateFigure(results, options),
      lossFigure(results, options),
      ...matrices.map((matrix) => eigenvalueFigure(results, matrix)),
      ...matrices.map((matrix) => densityFigure(results[0], matrix, seeds[0])),
      ...options.learnerBatchSizes.map((size) => scheduleFigure(results, size)),
    ],
    findings: [
      ...sweepFindings(results, options),
      ...eigenvalueFindings(results, options),
      ...learnerFindings(results, options),
    ],
  };
}

function rateTable(results: readonly Result[], options: Options): DataTable {
  const medians = optimisers.map((_, place) => medianRates(results, place, options));
  const geometricMean = (place: number, b: number): number | null => {
    const logs = results.map(({ sweep }) => Math.log(sweep[place].largest[b] ?? Number.NaN));
    const mean = Math.exp(logs.reduce((sum, value) => sum + value, 0) / logs.length);
    return Number.isFinite(mean) ? mean : null;
  };
  return {
    id: "rates",
    title: "Largest stable learning rate",
    caption:
      "By the median over seeds of the final loss, and the geometric mean over seeds of each seed's own.",
    columns: ["batch size", ...optimisers.flatMap((name) => [`${name}, median`, `${name}, mean`])],
    rows: options.sweepBatchSizes.map((size, b) => [
      size,
      ...optimisers.flatMap((_, place) => [medians[place][b], geometricMean(place, b)]),
    ]),
  };
}

const centredOf = ({ centredSpectrum }: Result): MatrixResult =>
  matrixOf({ spectrum: centredSpectrum }, "Hessian");

function eigenvalueTable(name: string, found: readonly MatrixResult[]): DataTable {
  const lambda = meanOf(found.map((each) => each.lambda));
  const second = meanOf(found.map((each) => each.second));
  return {
    id: `eigenvalues-${name}`,
    title: `${name}: top eigenvalue of batches`,
    caption: `Means over seeds. Of all examples: ${lambda.toPrecision(4)}, the next one ${second.toPrecision(4)}.`,
    columns: [
      "batch size",
      "effective",
      "measured",
      "standard error",
      "excess",
      "directional prediction",
      "with gaps",
      "isotropic prediction",
      "overlap of eigenvectors",
    ],
    rows: found[0].batches.map(({ batchSize, effective }, b) => {
      const mean = (of: (batch: BatchEigenvalues) => number) =>
        meanOf(found.map(({ batches }) => of(batches[b])));
      return [
        batchSize,
        Number.isFinite(effective) ? effective : null,
        mean((batch) => batch.mean),
        mean((batch) => batch.stderr),
        mean((batch) => batch.excess),
        mean((batch) => batch.directional),
        mean((batch) => batch.withGaps),
        mean((batch) => batch.isotropic),
        mean((batch) => batch.overlap),
      ];
    }),
  };
}

function learnerTable(results: readonly Result[], size: number): DataTable {
  const found = results.map((result) => learnerAt(result, size));
  const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
  const row = (name: string, each: readonly { trainLoss: number; testAccuracy: number }[]) => [
    name,
    finite(meanOf(each.map(({ trainLoss }) => trainLoss))),
    meanOf(each.map(({ testAccuracy }) => testAccuracy)),
    Math.min(...each.map(({ testAccuracy }) => testAccuracy)),
  ];
  return {
    id: `learner-${size}`,
    title: `Batches of ${size}: rates from curvature and fixed ones`,
    columns: ["", "training loss", "test accuracy", "worst seed"],
    rows: [
      ...modes.map((mode) =>
        row(
          mode === "heavy-ball" ? "learner" : "learner, rayleigh",
          found.map((each) => runOf(each, mode)),
        ),
      ),
      ...found[0].grid.map(({ learningRate, momentum }, i) =>
        row(
          `rate ${learningRate}, momentum ${momentum}`,
          found.map(({ grid }) => grid[i]),
        ),
      ),
    ],
  };
}

function sweepFindings(results: readonly Result[], options: Options): string[] {
  const [sgd, adam] = optimisers.map((_, place) => medianRates(results, place, options));
  const show = (value: number) => (Number.isFinite(value) ? value.toFixed(2) : "none");
  const gaps = results.flatMap(({ sweep }) =>
    sweep.flatMap(({ losses }) => losses.filter((each) => hasGap(each, options.threshold))),
  );
  const curves = results.length * optimisers.length * options.sweepBatchSizes.length;
  return [
    `By the median loss over seeds the slopes are ${show(rateSlope(sgd, "sgd", options))} for SGD (up to batches of ${options.linearUpTo}) and ${show(rateSlope(adam, "adam", options))} for Adam, and SGD's rate at the largest batch is ${show(saturation(sgd, options))} of that at ${options.saturatedFrom}.`,
    `Stability is not a sharp edge: in ${gaps.length} of ${curves} sweeps a rate failed although a larger one worked.`,
  ];
}

/** Whether a rate fails between two that work. */
function hasGap(losses: readonly (number | null)[], threshold: number): boolean {
  const stable = losses.map((loss) => loss !== null && loss < threshold);
  return stable.slice(stable.indexOf(true), stable.lastIndexOf(true)).includes(false);
}

function eigenvalueFindings(results: readonly Result[], options: Options): string[] {
  const found = results.map((result) => matrixOf(result, "Hessian"));
  const [{ batchSize }] = found[0].batches;
  const measured = meanOf(found.map(({ batches }) => batches[0].excess));
  const isotropic = meanOf(found.map(({ lambda, batches }) => batches[0].isotropic - lambda));
  const directional = meanOf(found.map(({ lambda, batches }) => batches[0].directional - lambda));
  const ratio = meanOf(found.map(({ directional, pSigma2 }) => directional / pSigma2));
  const gaussNewton = meanOf(
    results.map((result) => excessSlope(matrixOf(result, "Gauss-Newton"), options)),
  );
  const centred = results.map(centredOf);
  const error = meanOf(centred.map((each) => directionalError(each, options)));
  const last = found[0].batches[found[0].batches.length - 1];
  const share = (predicted: (batch: BatchEigenvalues) => number): string => {
    const each = found.map(({ lambda, batches }) => {
      const batch = batches[batches.length - 1];
      return { measured: batch.excess, predicted: predicted(batch) - lambda };
    });
    const ratio = meanOf(each.map((e) => e.measured)) / meanOf(each.map((e) => e.predicted));
    return `${ratio.toFixed(2)} times`;
  };
  // Second-order perturbation is the first term of a series in this.
  const relative = (each: readonly MatrixResult[]) =>
    meanOf(
      each.map(({ lambda, directional, batches }) => {
        const from = batches.find((batch) => batch.batchSize >= options.directionalFrom);
        return directional / ((from?.effective ?? Number.NaN) * lambda ** 2);
      }),
    ).toFixed(2);
  return [
    `The isotropic estimate fails: with batches of ${batchSize} the top eigenvalue of the Hessian rises by ${measured.toPrecision(3)}, of which isotropic noise explains ${isotropic.toPrecision(2)} and the noise along the top eigenvector ${directional.toPrecision(3)}. Along the top eigenvector the noise is ${ratio.toPrecision(3)} times what it is along a random direction.`,
    `The excess of Gauss-Newton eigenvalues falls with slope ${gaussNewton.toFixed(2)}.`,
    `At batches of ${last.batchSize}, where noise is least, the excess is ${share((batch) => batch.directional)} what the directional prediction says, and ${share((batch) => batch.withGaps)} what it says with the gaps to the next eigenvalues: taking those for 0, as the simple form does, leaves out part of the excess.`,
    `On centred images the directional prediction errs by ${error.toFixed(2)} of what it may (the largest error from batches of ${options.directionalFrom} on): it needs noise that is small against the eigenvalue, and there the squared noise is ${relative(centred)} of the squared eigenvalue with batches of ${options.directionalFrom}, against ${relative(found)} on images as they are.`,
  ];
}

function learnerFindings(results: readonly Result[], options: Options): string[] {
  return options.learnerBatchSizes.map((size) => {
    const found = results.map((result) => learnerAt(result, size));
    const best = found[0].grid[bestPoint(found)];
    const runs = found.map((each) => runOf(each, "heavy-ball"));
    const epochs = runs.flatMap((run) => run.epochs);
    const range = (of: (epoch: (typeof epochs)[0]) => number) =>
      `${Math.min(...epochs.map(of)).toPrecision(2)} to ${Math.max(...epochs.map(of)).toPrecision(2)}`;
    const products = meanOf(epochs.map((epoch) => epoch.products));
    const lost = found.flatMap(({ grid }) => grid.filter((point) => !(lossOf(point) < 1))).length;
    const points = found.length * found[0].grid.length;
    return `Batches of ${size}: the learner chose rates of ${range((e) => e.learningRate)} and momenta of ${range((e) => e.momentum)}, at ${products.toFixed(0)} Hessian-vector products an epoch; the best fixed ones were rate ${best.learningRate}, momentum ${best.momentum}; ${lost} of ${points} trainings of the grid ended with a loss above 1.`;
  });
}
