/** Tables, plots and sheets over all seeds. */
import { meanInterval } from "@etude/learn";
import type { Summary } from "../contract/experiment.ts";
import type { DataTable, Picture } from "../contract/figure.ts";
import { optimalSlope } from "../denoising/index.ts";
import {
  basisFigures,
  histogramFigure,
  psnrFigure,
  shuffledFigure,
  similarityFigure,
  slopeFigure,
} from "./figures.ts";
import { findings } from "./findings.ts";
import type { Options } from "./options.ts";
import type { Result, SizeResult } from "./result.ts";

export function summarise(
  results: readonly Result[],
  seeds: readonly number[],
  options: Options,
): Summary {
  return {
    tables: [
      sizeTable(results, options),
      curveTable(results, options),
      ...basisTable(results),
      ...slopeTable(results),
    ],
    figures: [
      psnrFigure(results, options),
      similarityFigure(results, options),
      histogramFigure(results),
      ...shuffledFigure(results, options),
      ...basisFigures(results, options),
      ...slopeFigure(results, options),
    ],
    pictures: picturesOf(results, seeds, options),
    findings: findings(results, options),
  };
}

/** "97.27 ± 0.11", half the 90 % interval for the mean over seeds; the mean alone with one seed. */
export function spread(values: readonly number[], digits = 3): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2 || !Number.isFinite(mean)) return mean.toFixed(digits);
  const [low, high] = meanInterval(values, 0.9);
  return `${mean.toFixed(digits)} ± ${((high - low) / 2).toFixed(digits)}`;
}

const spreadNote = "Means over seeds, with half the 90 % interval.";

function sizeTable(results: readonly Result[], { sizes }: Options): DataTable {
  const over = (i: number, of: (size: SizeResult) => number, digits = 3) =>
    spread(
      results.map((result) => of(result.sizes[i])),
      digits,
    );
  return {
    id: "sizes",
    title: "Copies or one density: two models on disjoint sets of N images",
    caption: `Correlations are centred (eq. 16); beta 1 is deterministic, 0.1 injects noise. ${spreadNote} Samples that did not converge are left out of the means.`,
    columns: [
      "N",
      "train - test, dB",
      "two models, beta 1",
      "two models, beta 0.1",
      "nearest training image, beta 1",
      "beta 0.1",
      "of real test images",
      "not converged, beta 1",
      "beta 0.1",
    ],
    rows: sizes.map((n, i) => [
      n,
      over(i, ({ psnrGap }) => psnrGap, 2),
      over(i, ({ deterministic }) => deterministic.pairCorrelation),
      over(i, ({ stochastic }) => stochastic.pairCorrelation),
      over(i, ({ deterministic }) => deterministic.nearestTrain),
      over(i, ({ stochastic }) => stochastic.nearestTrain),
      over(i, ({ testNearest }) => testNearest),
      results.reduce((sum, result) => sum + result.sizes[i].deterministic.unconverged, 0),
      results.reduce((sum, result) => sum + result.sizes[i].stochastic.unconverged, 0),
    ]),
  };
}

function curveTable(results: readonly Result[], { sizes, sigmas }: Options): DataTable {
  const row = (of: (result: Result) => readonly number[] | undefined) =>
    sigmas.map((_, level) =>
      spread(
        results.map((result) => of(result)?.[level] ?? Number.NaN),
        2,
      ),
    );
  const hasLinear = results.every(({ shuffled }) => shuffled !== undefined);
  return {
    id: "psnr",
    title: "Output PSNR, dB, by noise level",
    caption: spreadNote,
    columns: ["network", ...sigmas.map((sigma) => `sigma ${sigma}`)],
    rows: [
      ...sizes.flatMap((n, i) => [
        [`N = ${n}, training images`, ...row(({ sizes: all }) => all[i].trainPsnr)],
        [`N = ${n}, test images`, ...row(({ sizes: all }) => all[i].testPsnr)],
      ]),
      ...(hasLinear
        ? [
            ["linear Wiener filter", ...row(({ shuffled }) => shuffled?.plain.wiener)],
            ["shuffled pixels, network", ...row(({ shuffled }) => shuffled?.shuffled.network)],
            ["shuffled pixels, Wiener", ...row(({ shuffled }) => shuffled?.shuffled.wiener)],
          ]
        : []),
    ],
  };
}

function basisTable(results: readonly Result[]): DataTable[] {
  const parts = results.flatMap(({ shuffled }) => (shuffled === undefined ? [] : [shuffled]));
  if (parts.length === 0) return [];
  const rows = (["basis", "shuffledBasis"] as const).map((which) => {
    const over = (of: (basis: (typeof parts)[number]["basis"]) => number, digits = 3) =>
      spread(
        parts.map((part) => of(part[which])),
        digits,
      );
    return [
      which === "basis" ? "as they are" : "shuffled pixels",
      over(({ orders }) => orders.reduce((sum, order) => sum + order, 0) / orders.length),
      over(({ effectiveDimension }) => effectiveDimension, 1),
      over(({ asymmetry }) => asymmetry),
      over(({ squaredError }) => 1e4 * squaredError, 2),
      over(({ sure }) => 1e4 * sure, 2),
      over(({ posteriorVariance }) => 1e4 * posteriorVariance, 2),
    ];
  });
  return [
    {
      id: "bases",
      title: "Jacobians at noisy test images",
      caption: `Eigenvectors are of the symmetric part. Squared errors a pixel in units of 1e-4: the truth, its estimate from the noisy image (eq. 7), and sigma^2 tr J (eq. 10). ${spreadNote}`,
      columns: [
        "images",
        "order of gradient energies",
        "tr J",
        "asymmetry",
        "squared error",
        "SURE",
        "sigma^2 tr J",
      ],
      rows,
    },
  ];
}

function slopeTable(results: readonly Result[]): DataTable[] {
  const [first] = results;
  if (first?.slopes === undefined) return [];
  return [
    {
      id: "slopes",
      title: "Slope of the PSNR curve by regularity of the images",
      caption: spreadNote,
      columns: ["alpha", "slope", "alpha / (alpha + 1), as sigma goes to 0"],
      rows: first.slopes.map(({ alpha }, i) => [
        alpha,
        spread(results.map(({ slopes }) => slopes?.[i].slope ?? Number.NaN)),
        optimalSlope(alpha),
      ]),
    },
  ];
}

function picturesOf(
  results: readonly Result[],
  seeds: readonly number[],
  { sizes, basisSigma }: Options,
): Picture[] {
  const [first] = results;
  const sheets = sizes.map((n, i) => ({
    id: `samples-${n}`,
    title: `Samples, N = ${n}, seed ${seeds[0]}`,
    caption:
      "Rows: model A; model B from the same noise; the training image nearest to A's sample; to B's.",
    png: first.sizes[i].sheet,
  }));
  if (first.shuffled === undefined) return sheets;
  const caption = `Largest eigenvalue first, row by row, at one noisy image, sigma = ${basisSigma}; gray is 0.`;
  return [
    ...sheets,
    {
      id: "basis",
      title: `Eigenvectors of the Jacobian, seed ${seeds[0]}`,
      caption,
      png: first.shuffled.basis.sheet,
    },
    {
      id: "basis-shuffled",
      title: "The same of the network on shuffled pixels",
      caption,
      png: first.shuffled.shuffledBasis.sheet,
    },
  ];
}
