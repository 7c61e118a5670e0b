/** Plots over all seeds. */
import type { Figure, Mark } from "../contract/figure.ts";
import { inputPsnr } from "../denoising/index.ts";
import type { Options } from "./options.ts";
import type { Result, SizeResult } from "./result.ts";

/** Means over seeds, entry by entry. */
const averaged = (curves: readonly (readonly number[])[]): number[] =>
  curves[0].map((_, i) => curves.reduce((sum, curve) => sum + curve[i], 0) / curves.length);

const sizesAt = (results: readonly Result[], i: number): SizeResult[] =>
  results.map(({ sizes }) => sizes[i]);

export function psnrFigure(results: readonly Result[], { sizes, sigmas }: Options): Figure {
  const x = sigmas.map(inputPsnr);
  const line = (series: string, curves: readonly (readonly number[])[]): Mark => ({
    type: "line",
    series,
    x,
    y: averaged(curves),
  });
  return {
    id: "psnr",
    title: "Denoising of training and of fresh images",
    caption:
      "A model that memorises is far better on its own images; one that generalises is equally good on both.",
    x: { label: "input PSNR, dB" },
    y: { label: "output PSNR, dB" },
    marks: sizes.flatMap((n, i) => [
      line(
        `N = ${n}, training`,
        sizesAt(results, i).map(({ trainPsnr }) => trainPsnr),
      ),
      line(
        `N = ${n}, test`,
        sizesAt(results, i).map(({ testPsnr }) => testPsnr),
      ),
    ]),
  };
}

export function similarityFigure(results: readonly Result[], { sizes }: Options): Figure {
  const line = (series: string, of: (size: SizeResult) => number): Mark => ({
    type: "line",
    series,
    x: sizes,
    y: sizes.map((_, i) => averaged(sizesAt(results, i).map((size) => [of(size)]))[0]),
  });
  return {
    id: "similarity",
    title: "What samples are like",
    caption:
      "With few images samples are like training images; with many the two models agree with each other instead.",
    x: { label: "training images N", scale: "log" },
    y: { label: "correlation" },
    marks: [
      line("two models", ({ deterministic }) => deterministic.pairCorrelation),
      line("two models, noise injected", ({ stochastic }) => stochastic.pairCorrelation),
      line("nearest training image", ({ deterministic }) => deterministic.nearestTrain),
      line("nearest training image of real images", ({ testNearest }) => testNearest),
    ],
  };
}

const bins = 20;

/** Shares of correlations in bins of a twentieth, from 0 (and below) to 1. */
export function histogram(values: readonly number[]): { x: number[]; y: number[] } {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const bin = Math.floor(value * bins);
    if (Number.isFinite(bin)) counts[Math.min(bins - 1, Math.max(0, bin))]++;
  }
  return {
    x: counts.map((_, i) => (i + 0.5) / bins),
    y: counts.map((count) => count / Math.max(1, values.length)),
  };
}

export function histogramFigure(results: readonly Result[]): Figure {
  const of = (i: number, series: string, pick: (size: SizeResult) => readonly number[]): Mark => ({
    type: "line",
    series,
    ...histogram(sizesAt(results, i).flatMap((size) => [...pick(size)])),
  });
  const { sizes } = results[0];
  const ends = [...new Set([0, sizes.length - 1])];
  return {
    id: "histogram",
    title: "Correlations of deterministic samples, all seeds",
    x: { label: "correlation" },
    y: { label: "share of the samples" },
    marks: ends.flatMap((i) => [
      of(i, `N = ${sizes[i].n}, two models`, ({ deterministic }) => deterministic.pairs),
      of(i, `N = ${sizes[i].n}, nearest`, ({ deterministic }) => deterministic.nearest),
    ]),
  };
}

export function shuffledFigure(results: readonly Result[], { sigmas }: Options): Figure[] {
  const parts = results.flatMap(({ shuffled }) => (shuffled === undefined ? [] : [shuffled]));
  if (parts.length === 0) return [];
  const x = sigmas.map(inputPsnr);
  const line = (series: string, curves: readonly (readonly number[])[]): Mark => ({
    type: "line",
    series,
    x,
    y: averaged(curves),
  });
  return [
    {
      id: "shuffled",
      title: "Shuffled pixels cost the network, not the linear filter",
      x: { label: "input PSNR, dB" },
      y: { label: "output PSNR on test images, dB" },
      marks: [
        line(
          "network",
          parts.map(({ plain }) => plain.network),
        ),
        line(
          "network, shuffled",
          parts.map(({ shuffled }) => shuffled.network),
        ),
        line(
          "Wiener",
          parts.map(({ plain }) => plain.wiener),
        ),
        line(
          "Wiener, shuffled",
          parts.map(({ shuffled }) => shuffled.wiener),
        ),
      ],
    },
  ];
}

export function basisFigures(results: readonly Result[], { basisSigma }: Options): Figure[] {
  const parts = results.flatMap(({ shuffled }) => (shuffled === undefined ? [] : [shuffled]));
  if (parts.length === 0) return [];
  const line = (series: string, y: readonly number[]): Mark => ({
    type: "line",
    series,
    x: y.map((_, k) => k + 1),
    y,
  });
  const [first] = parts;
  return [
    {
      id: "energies",
      title: "Gradient energy of eigenvectors",
      caption: `At sigma = ${basisSigma}, means over test images: on images as they are the basis goes from smooth to fine.`,
      x: { label: "k" },
      y: { label: "||grad e_k||^2" },
      marks: [
        line("as they are", averaged(parts.map(({ basis }) => basis.energies))),
        line("shuffled pixels", averaged(parts.map(({ shuffledBasis }) => shuffledBasis.energies))),
      ],
    },
    {
      id: "shrinkage",
      title: "Shrinkage factors at one image",
      caption:
        "Eigenvalues of the symmetric part of the Jacobian: 1 is kept, 0 is taken for noise.",
      x: { label: "k" },
      y: { label: "lambda_k" },
      marks: [
        line("as they are", first.basis.shrinkage),
        line("shuffled pixels", first.shuffledBasis.shrinkage),
      ],
    },
  ];
}

export function slopeFigure(results: readonly Result[], { sigmas }: Options): Figure[] {
  const [first] = results;
  if (first?.slopes === undefined) return [];
  return [
    {
      id: "slopes",
      title: "PSNR by regularity of the images",
      x: { label: "input PSNR, dB" },
      y: { label: "output PSNR on test images, dB" },
      marks: first.slopes.map(({ alpha }, i) => ({
        type: "line",
        series: `alpha = ${alpha}`,
        x: sigmas.map(inputPsnr),
        y: averaged(
          results.flatMap(({ slopes }) => (slopes === undefined ? [] : [slopes[i].psnr])),
        ),
      })),
    },
  ];
}
