/** What the paper says, with the bars that decide it. */
import type { Claim } from "../contract/claim.ts";
import { optimalSlope } from "../denoising/index.ts";
import type { Options } from "./options.ts";
import type { Result, ShuffledResult, SizeResult, SlopeResult } from "./result.ts";

const smallest = ({ sizes }: Result): SizeResult => sizes[0];
const largest = ({ sizes }: Result): SizeResult => sizes[sizes.length - 1];

/** @throws when a part that was not run is asked for */
function part<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("this part was not run");
  return value;
}

export function claims(options: Options): Claim<Result>[] {
  return [
    ...sizeClaims(options),
    ...(options.shuffled ? shuffledClaims(options) : []),
    ...(options.alphas.length > 0 ? slopeClaims(options) : []),
    ...(options.disks ? diskClaims() : []),
  ];
}

const each =
  (of: (result: Result) => number): Claim<Result>["measure"] =>
  (results) =>
    results.map(of);

function sizeClaims({ sizes }: Options): Claim<Result>[] {
  const [few, many] = [sizes[0], sizes[sizes.length - 1]];
  const copies = "UNet, faces at 80x80: with N up to 100 samples are copies of training images";
  const density =
    "UNet, faces at 80x80: with N = 1e5 two models draw nearly the same images, unlike any they were trained on, and training and test errors are equal";
  return [
    {
      id: "small-gap",
      statement: `N = ${few}: PSNR on training images less PSNR on fresh ones, mean over noise levels, dB`,
      paper: "a large gap at N = 1 and 10; figures are not given in numbers",
      bar: { atLeast: 5 },
      measure: each((result) => smallest(result).psnrGap),
    },
    {
      id: "small-pairs",
      statement: `N = ${few}: correlation of what two models draw from the same noise, deterministic`,
      paper: copies,
      bar: { atMost: 0.55 },
      measure: each((result) => smallest(result).deterministic.pairCorrelation),
    },
    {
      id: "small-copies",
      statement: `N = ${few}: correlation of samples with the nearest training image, less that of the two models`,
      paper: copies,
      bar: { atLeast: 0.2 },
      measure: each((result) => {
        const { nearestTrain, pairCorrelation } = smallest(result).deterministic;
        return nearestTrain - pairCorrelation;
      }),
    },
    {
      id: "large-gap",
      statement: `N = ${many}: absolute difference of training and test PSNR, mean over noise levels, dB`,
      paper: density,
      bar: { atMost: 0.5 },
      measure: each((result) => Math.abs(largest(result).psnrGap)),
    },
    {
      id: "large-pairs",
      statement: `N = ${many}: correlation of what two models draw from the same noise, deterministic`,
      paper: density,
      bar: { atLeast: 0.88 },
      measure: each((result) => largest(result).deterministic.pairCorrelation),
    },
    {
      id: "large-pairs-nearest",
      statement: `N = ${many}: correlation of the two models, less that of samples with the nearest training image`,
      paper: density,
      bar: { atLeast: 0.08 },
      measure: each((result) => {
        const { nearestTrain, pairCorrelation } = largest(result).deterministic;
        return pairCorrelation - nearestTrain;
      }),
    },
    {
      id: "large-novel",
      statement: `N = ${many}: correlation with the nearest training image, of samples less that of fresh real images`,
      paper: density,
      bar: { atMost: 0.03 },
      measure: each((result) => {
        const { deterministic, testNearest } = largest(result);
        return deterministic.nearestTrain - testNearest;
      }),
    },
  ];
}

function shuffledClaims({ sigmas, shuffledSigma, basisSigma, basisVectors, nearOptimal }: Options) {
  const level = sigmas.indexOf(shuffledSigma);
  const of = (measure: (shuffled: ShuffledResult) => number) =>
    each(({ shuffled }) => measure(part(shuffled)));
  const orders = ({ orders: all }: ShuffledResult["basis"]) =>
    all.reduce((sum, order) => sum + order, 0) / all.length;
  const harmonic = "eigenvectors oscillate, more so the smaller their eigenvalue (figures)";
  const list: Claim<Result>[] = [
    {
      id: "shuffled-loss",
      statement: `Test PSNR at sigma = ${shuffledSigma}, of the network less that of one on shuffled pixels, dB`,
      paper: "much lower PSNR and slope on shuffled faces; not given in numbers",
      bar: { atLeast: 2 },
      measure: of(({ plain, shuffled }) => plain.network[level] - shuffled.network[level]),
    },
    {
      id: "shuffled-wiener",
      statement: `The same of the linear Wiener filter, absolute, dB`,
      paper: "the best possible PSNR does not change when pixels are shuffled",
      bar: { atMost: 0.1 },
      measure: of(({ plain, shuffled }) => Math.abs(plain.wiener[level] - shuffled.wiener[level])),
    },
    {
      id: "harmonic-order",
      statement: `Rank correlation of k and the gradient energy of eigenvector k, first ${basisVectors} at sigma = ${basisSigma}`,
      paper: harmonic,
      bar: { atLeast: 0.8 },
      measure: of(({ basis }) => orders(basis)),
    },
    {
      id: "harmonic-order-shuffled",
      statement: "The same of the network on shuffled pixels",
      paper: "not reported; without geometry there is nothing to be harmonic about",
      bar: { atMost: 0.6 },
      measure: of(({ shuffledBasis }) => orders(shuffledBasis)),
    },
  ];
  if (nearOptimal) {
    list.push({
      id: "beats-wiener",
      statement:
        "Test PSNR of the network less that of the Wiener filter, least over noise levels up to 0.2, dB",
      paper: "close to the best possible error at all levels",
      bar: { atLeast: 1 },
      measure: of(({ plain }) =>
        Math.min(
          ...sigmas.flatMap((sigma, i) =>
            sigma <= 0.2 ? [plain.network[i] - plain.wiener[i]] : [],
          ),
        ),
      ),
    });
  }
  return list;
}

function slopeClaims({ alphas, slopeSigmas, nearOptimal }: Options): Claim<Result>[] {
  const of = (measure: (slopes: readonly SlopeResult[]) => number) =>
    each(({ slopes }) => measure(part(slopes)));
  const paper =
    "slopes 0.46, 0.61, 0.75 and 0.83 for alpha = 1, 2, 3 and 5 at 80x80 and N = 1e5 (theory 0.50, 0.67, 0.75, 0.83)";
  const list: Claim<Result>[] = [
    {
      id: "slope-order",
      statement: `Slope of the PSNR curve over sigma ${slopeSigmas.join(", ")}: least increase from one to the next of alpha = ${alphas.join(", ")}`,
      paper,
      bar: { atLeast: 0 },
      measure: of((slopes) =>
        Math.min(...slopes.slice(1).map(({ slope }, i) => slope - slopes[i].slope)),
      ),
    },
  ];
  if (nearOptimal) {
    list.push({
      id: "slope-theory",
      statement: "Largest distance of a slope from alpha / (alpha + 1)",
      paper,
      bar: { atMost: 0.06 },
      measure: of((slopes) =>
        Math.max(...slopes.map(({ alpha, slope }) => Math.abs(slope - optimalSlope(alpha)))),
      ),
    });
  }
  return list;
}

function diskClaims(): Claim<Result>[] {
  return [
    {
      id: "disk-slope",
      statement:
        "Disks: slope of the PSNR curve over sigma 0.005, 0.01, 0.02 (1 is best for a manifold)",
      paper: "below 1 at small noise, where the best possible slope is 1",
      bar: { atMost: 0.95 },
      measure: each(({ disks }) => part(disks).slope),
    },
    {
      id: "disk-dimension",
      statement: "Disks: eigenvalues above 0.2 at an image, mean (the manifold has 5 dimensions)",
      paper: "further harmonic vectors with eigenvalues 0.67, 0.55, 0.39 beyond the tangent space",
      bar: { atLeast: 5.5 },
      measure: each(({ disks }) => part(disks).kept),
    },
  ];
}
