/** What the user keeps and sees. */
import { writeNpz } from "@etude/data";
import { array, exportOnnx, type NDArray, type Tensor } from "@etude/tensor";
import { base64 } from "../contract/base64.ts";
import type { DataTable, Figure, Picture } from "../contract/figure.ts";
import type { OutputFile, UseResult } from "../contract/use.ts";
import { denoise, inputPsnr, parameterCount, type TrainedDenoiser } from "../denoising/index.ts";
import { histogram } from "./figures.ts";
import type { ComparedSamples, GeneralizationReport } from "./generalization.ts";
import type { LocalBasis } from "./localBasis.ts";
import { basisSheet, sampleSheet } from "./sheets.ts";
import { type Judgement, judgeModels } from "./verdict.ts";

export interface Used {
  /** The model that is exported. */
  readonly a: TrainedDenoiser;
  readonly sets: readonly [NDArray, NDArray];
  /** The held-out image whose basis is shown. */
  readonly clean: NDArray;
  readonly report: GeneralizationReport;
  readonly samples: ComparedSamples;
  readonly basis: LocalBasis;
  readonly basisSigma: number;
  readonly updates: number;
  readonly notes: readonly string[];
}

/** Columns of the sheet of samples, and vectors of the sheet of the basis. */
const shownSamples = 16;
const shownVectors = 24;

export function useReport(used: Used): UseResult {
  const { sets, samples, basis, basisSigma } = used;
  const judgement = judgeModels(used.report);
  const sheets = {
    samples: sampleSheet(samples, sets, shownSamples),
    basis: basisSheet(basis.leading, shownVectors),
  };
  const pictures: Picture[] = [
    {
      id: "samples",
      title: "Samples",
      caption:
        "Rows: model A; model B from the same noise; the training image nearest to A's sample; to B's.",
      png: base64(sheets.samples),
    },
    {
      id: "basis",
      title: "Eigenvectors of the denoiser's Jacobian at a held-out image",
      caption: `sigma = ${basisSigma}, the largest eigenvalue first; gray is 0.`,
      png: base64(sheets.basis),
    },
  ];
  return {
    tables: [verdictTable(judgement), psnrTable(used.report), basisTable(used)],
    figures: [psnrFigure(used.report), histogramFigure(used.report), shrinkageFigure(used)],
    pictures,
    findings: findingsOf(used, judgement),
    files: [...filesOf(used, judgement), ...pictureFiles(sheets)],
  };
}

function verdictTable({ verdict, generalises, copies }: Judgement): DataTable {
  const rows = (of: string, conditions: Judgement["copies"]) =>
    conditions.map(({ name, value, wanted, met }) => [of, name, value, wanted, met ? "yes" : "no"]);
  return {
    id: "verdict",
    title: `Verdict: ${verdict}`,
    caption: "All lines of a kind must be met for it; else it is in between.",
    columns: ["for", "measured", "value", "must be", "met"],
    rows: [...rows("generalises", generalises), ...rows("copies", copies)],
  };
}

const psnrTable = ({ sigmas, trainPsnr, testPsnr }: GeneralizationReport): DataTable => ({
  id: "psnr",
  title: "Output PSNR, dB, by noise level; means of both models",
  columns: ["images", ...sigmas.map((sigma) => `sigma ${sigma}`)],
  rows: [
    ["going in", ...sigmas.map(inputPsnr)],
    ["training", ...trainPsnr],
    ["held out", ...testPsnr],
  ],
});

function basisTable({ basis, basisSigma, clean }: Used): DataTable {
  const d = clean.size;
  return {
    id: "basis",
    title: `The denoiser at one held-out image, sigma = ${basisSigma}`,
    columns: ["quantity", "value"],
    rows: [
      ["numbers in an image", d],
      ["directions kept, tr J", basis.effectiveDimension],
      ["eigenvalues above 0.5", basis.shrinkage.filter((value) => value > 0.5).length],
      [
        "asymmetry of J (0 for the best denoiser)",
        Number.isFinite(basis.asymmetry) ? basis.asymmetry : null,
      ],
      ["squared error a number", basis.squaredError / d],
      ["the same, estimated from the noisy image alone (SURE)", basis.sure / d],
      ["sigma^2 tr J a number", basis.posteriorVariance / d],
    ],
  };
}

const psnrFigure = ({ sigmas, trainPsnr, testPsnr }: GeneralizationReport): Figure => {
  const x = sigmas.map(inputPsnr);
  return {
    id: "psnr",
    title: "Denoising of training and of held-out images",
    x: { label: "input PSNR, dB" },
    y: { label: "output PSNR, dB" },
    marks: [
      { type: "line", series: "training", x, y: trainPsnr },
      { type: "line", series: "held out", x, y: testPsnr },
    ],
  };
};

const histogramFigure = ({ comparison, testNearest }: GeneralizationReport): Figure => ({
  id: "histogram",
  title: "What samples are like",
  caption:
    "The upright line: how like its nearest training image a real image is that no model has seen.",
  x: { label: "correlation" },
  y: { label: "share of the samples" },
  marks: [
    { type: "line", series: "two models", ...histogram(comparison.pairs) },
    {
      type: "line",
      series: "nearest training image",
      ...histogram([...comparison.nearestA, ...comparison.nearestB]),
    },
    { type: "rule", x: testNearest },
  ],
});

const shrinkageFigure = ({ basis }: Used): Figure => ({
  id: "shrinkage",
  title: "Shrinkage factors at one held-out image",
  caption: "1 is kept, 0 is taken for noise.",
  x: { label: "k" },
  y: { label: "lambda_k" },
  marks: [
    {
      type: "line",
      series: "lambda_k",
      x: basis.shrinkage.map((_, k) => k + 1),
      y: basis.shrinkage,
    },
  ],
});

function findingsOf({ report, updates, a, sets, notes }: Used, judgement: Judgement): string[] {
  const { comparison, testNearest, psnrGap } = report;
  const { pairCorrelation, nearestTrain, unconverged, pairs } = comparison;
  const digits = (value: number) => value.toFixed(3);
  const said = {
    copies:
      "Samples are more like training images than two models' samples are like each other: the model copies",
    "in between":
      "In between: neither the signs of copying nor those of generalising are all there",
    generalises:
      "Two models that saw no image in common draw the same images: the model generalises",
  }[judgement.verdict];
  return [
    `${said}. Correlation of the two models ${digits(pairCorrelation)}, with the nearest training image ${digits(nearestTrain)} (real held-out images: ${digits(testNearest)}), training less held-out PSNR ${psnrGap.toFixed(2)} dB.`,
    `This is of ${parameterCount(a)} parameters after ${updates} updates on ${sets[0].shape[0]} images: a larger network, or a longer training, copies sooner. Raise --updates and see whether the verdict stays.`,
    ...(unconverged > 0
      ? [
          `${unconverged} of ${unconverged + pairs.length} samples did not converge and are left out of all means.`,
        ]
      : []),
    ...notes,
  ];
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function filesOf(used: Used, judgement: Judgement): OutputFile[] {
  const { a, clean, report, samples, basis } = used;
  const { options, params, state } = a;
  const { comparison } = report;
  const onnx = exportOnnx((noisy: Tensor) => denoise(options, params, state, noisy), [clean], {
    inputNames: ["noisy"],
    outputNames: ["denoised"],
    dynamicBatch: true,
    parameters: { params, state },
    metadata: { description: "Blind bias-free denoiser, images [n, C, H, W] from 0 to 1" },
  });
  const verdict = {
    verdict: judgement.verdict,
    pairCorrelation: comparison.pairCorrelation,
    nearestTrain: comparison.nearestTrain,
    testNearest: report.testNearest,
    psnrGap: report.psnrGap,
    unconverged: comparison.unconverged,
    sigmas: report.sigmas,
    trainPsnr: report.trainPsnr,
    testPsnr: report.testPsnr,
  };
  const converged = samples.a.converged.map((sound, i) => Number(sound && samples.b.converged[i]));
  const places = (nearest: ComparedSamples["nearestA"]) =>
    array(Int32Array.from(nearest, ({ index }) => index));
  return [
    {
      name: "denoiser.onnx",
      describe: "model A: noisy images [n, C, H, W] in noise of any level to their estimate",
      bytes: onnx,
    },
    {
      name: "verdict.json",
      describe: "the verdict with its numbers",
      bytes: encode(`${JSON.stringify(verdict, undefined, 2)}\n`),
    },
    {
      name: "samples.npz",
      describe:
        "samples a and b from the same noise, whether both converged, training images nearest_a and nearest_b (-1: none)",
      bytes: writeNpz({
        a: samples.a.images,
        b: samples.b.images,
        converged: array(Int32Array.from(converged)),
        nearest_a: places(samples.nearestA),
        nearest_b: places(samples.nearestB),
      }),
    },
    {
      name: "basis.csv",
      describe: "shrinkage lambda_k and gradient energy of eigenvectors at one held-out image",
      bytes: encode(
        [
          "k,shrinkage,gradient_energy",
          ...basis.shrinkage.map((value, k) =>
            [k + 1, Number(value.toPrecision(7)), basis.energies[k]?.toPrecision(7) ?? ""].join(
              ",",
            ),
          ),
          "",
        ].join("\n"),
      ),
    },
    {
      name: "basis.npz",
      describe: "its first eigenvectors [k, C, H, W], and the clean image",
      bytes: writeNpz({ basis: basis.leading.astype("float32"), clean }),
    },
  ];
}

const pictureFiles = (sheets: {
  readonly samples: Uint8Array;
  readonly basis: Uint8Array;
}): OutputFile[] => [
  {
    name: "samples.png",
    describe: "rows: model A, model B, nearest training image of A's sample, of B's",
    bytes: sheets.samples,
  },
  { name: "basis.png", describe: "eigenvectors of the Jacobian", bytes: sheets.basis },
];
