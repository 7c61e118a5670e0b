/** Everything the method measures at given weights. */
import { meanOf, standardError } from "@etude/learn";
import type { ArrayTree, random } from "@etude/tensor";
import { adamDiagonal, compileGradientMoments, type GradientMoments } from "../adamCurvature.ts";
import {
  batchEigenvalue,
  batchEigenvalueDirectional,
  effectiveBatch,
  type Neighbour,
} from "../batchEigenvalue.ts";
import {
  type Curvature,
  type Examples,
  examplesAt,
  ggnVectorProduct,
  hessianVectorProduct,
  parameterCount,
  rowsOf,
} from "../curvature.ts";
import { stream } from "../experiment/data.ts";
import { largestEigenpair, largestEigenpairs } from "../lanczos.ts";
import { stableAdamRate, stableRate } from "../learningRates.ts";
import { directionalNoise, hessianNoise } from "../noise.ts";
import { preconditioned } from "../product.ts";
import { slq } from "../spectrum.ts";
import type { UseOptions } from "./options.ts";
import type { Problem } from "./problem.ts";

export interface Spread {
  readonly mean: number;
  readonly stderr: number;
}

/** The eigenvalues that limit the learning rate with batches of one size. */
export interface AtBatchSize {
  readonly batchSize: number;
  readonly effective: number;
  /** Top eigenvalue of the Hessian, measured over batches, and predicted from measured noise. */
  readonly hessian: Spread;
  readonly directional: number;
  /** The directional prediction with the next eigenvalues where they are instead of at 0. */
  readonly withGaps: number;
  readonly isotropic: number;
  /** The same of the Gauss-Newton matrix. */
  readonly gaussNewton: Spread;
  readonly gaussNewtonDirectional: number;
  readonly gaussNewtonIsotropic: number;
  /** Top eigenvalue of the Hessian divided by Adam's denominator. */
  readonly preconditioned: Spread;
  /** 2 over the measured eigenvalue; null where it is not positive. */
  readonly sgdRate: number | null;
  readonly sgdPredicted: number | null;
  readonly adamRate: number | null;
}

export interface Noise {
  readonly pSigma2: number;
  readonly pSigma2Stderr: number;
  readonly orthogonal: number;
  readonly along: number;
  readonly shrinkage: number;
  /** Of the next eigenvectors: eigenvalue, and the noise that mixes it with the top one. */
  readonly neighbours: readonly Neighbour[];
}

/** So many eigenvalues after the first are counted by their gaps. */
const neighboursUsed = 10;

export interface MatrixAt {
  readonly lambda: number;
  readonly trace: number;
  readonly noise: Noise;
}

export interface Measured {
  readonly parameters: number;
  readonly hessian: MatrixAt;
  readonly gaussNewton: MatrixAt;
  readonly batches: readonly AtBatchSize[];
}

/** Compiled once for a problem, used at several weights. */
export interface Instruments {
  readonly hessian: Curvature;
  readonly gaussNewton: Curvature;
  moments(params: ArrayTree, examples: Examples): Promise<GradientMoments>;
}

export const instrumentsFor = ({ loss, model, lossOnOutputs }: Problem): Instruments => ({
  hessian: hessianVectorProduct(loss),
  gaussNewton: ggnVectorProduct(model, lossOnOutputs),
  moments: compileGradientMoments(loss),
});

export async function measureAt(
  instruments: Instruments,
  params: ArrayTree,
  examples: Examples,
  batchSizes: readonly number[],
  options: UseOptions,
  seed: number,
): Promise<Measured> {
  const { hessian, gaussNewton } = instruments;
  const h = await matrixAt(hessian, params, examples, options, seed);
  const g = await matrixAt(gaussNewton, params, examples, options, seed);
  const moments = await instruments.moments(params, examples);
  const size = parameterCount(params);
  const draws = stream(seed, "spectrumBatches");
  const rows = rowsOf(examples);
  const batches: AtBatchSize[] = [];
  for (const batchSize of batchSizes) {
    const b = effectiveBatch(batchSize, rows);
    const diagonal = adamDiagonal(moments, b);
    const tops: Record<"hessian" | "gaussNewton" | "adam", number[]> = {
      hessian: [],
      gaussNewton: [],
      adam: [],
    };
    for (let i = 0; i < options.batches; i++) {
      const generator = draws.fork(batchSize).fork(i);
      const batch = examplesAt(examples, generator.sample(rows, batchSize));
      const product = hessian.of(params, batch);
      tops.hessian.push(await topOf(product, generator));
      tops.gaussNewton.push(await topOf(gaussNewton.of(params, batch), generator));
      tops.adam.push(await topOf(preconditioned(product, diagonal), generator));
    }
    const measured = spread(tops.hessian);
    const adam = spread(tops.adam);
    const directional = directionalPrediction(h, b);
    batches.push({
      batchSize,
      effective: b,
      hessian: measured,
      directional,
      withGaps: directionalPrediction(h, b, true),
      isotropic: batchEigenvalue({
        lambda: h.lambda,
        pSigma2: h.noise.pSigma2,
        b,
        model: "wigner",
      }),
      gaussNewton: spread(tops.gaussNewton),
      gaussNewtonDirectional: directionalPrediction(g, b),
      gaussNewtonIsotropic: batchEigenvalue({
        lambda: Math.max(0, g.lambda),
        pSigma2: Math.max(0, g.trace),
        b,
        model: "ggn",
        bulk: Math.max(0, g.trace) / size,
      }),
      preconditioned: adam,
      sgdRate: rateOrNull(measured.mean, stableRate),
      sgdPredicted: rateOrNull(directional, stableRate),
      adamRate: rateOrNull(adam.mean, (value) => stableAdamRate(value)),
    });
  }
  return { parameters: size, hessian: h, gaussNewton: g, batches };
}

async function matrixAt(
  curvature: Curvature,
  params: ArrayTree,
  examples: Examples,
  { noiseProbes, noiseBatches, probes, steps }: UseOptions,
  seed: number,
): Promise<MatrixAt> {
  const whole = curvature.of(params, examples);
  const generator = stream(seed, "probes");
  const [top, ...next] = await largestEigenpairs(whole, 1 + neighboursUsed, {
    generator: generator.fork(0),
    steps,
  });
  const noise = { batches: noiseBatches, generator: stream(seed, "noise") };
  const isotropic = await hessianNoise(curvature, params, examples, {
    ...noise,
    probes: noiseProbes,
    size: whole.size,
  });
  const along = await directionalNoise(curvature, params, examples, top.vector, {
    ...noise,
    neighbours: next.map(({ vector }) => vector),
  });
  const { trace } = await slq(whole, { steps: Math.min(steps, 20), probes, generator });
  return {
    lambda: top.value,
    trace: trace((value) => value),
    noise: {
      pSigma2: isotropic.pSigma2,
      pSigma2Stderr: isotropic.stderr,
      orthogonal: along.orthogonal,
      along: along.along,
      shrinkage: along.shrinkage,
      neighbours: next.map(({ value }, j) => ({ lambda: value, noiseSq: along.neighbours[j] })),
    },
  };
}

const topOf = async (
  product: ReturnType<Curvature["of"]>,
  generator: random.Generator,
): Promise<number> => (await largestEigenpair(product, { generator, tolerance: 1e-3 })).value;

const directionalPrediction = ({ lambda, noise }: MatrixAt, b: number, gaps = false): number =>
  lambda > 0
    ? batchEigenvalueDirectional({
        lambda,
        noiseSq: noise.orthogonal / b,
        neighbours: gaps
          ? noise.neighbours.map((each) => ({ ...each, noiseSq: each.noiseSq / b }))
          : [],
      })
    : Number.NaN;

const spread = (values: readonly number[]): Spread => ({
  mean: meanOf(values),
  stderr: standardError(values),
});

const rateOrNull = (eigenvalue: number, rate: (eigenvalue: number) => number): number | null =>
  eigenvalue > 0 ? rate(eigenvalue) : null;

/** Nodes and weights of a spectrum, of all examples or of a batch. */
export interface SpectrumOf {
  readonly matrix: "hessian" | "gauss-newton";
  /** "all", or the number of examples. */
  readonly examples: "all" | number;
  readonly nodes: readonly number[];
  readonly weights: readonly number[];
}

/** Densities of all examples and of one batch of each of the given sizes. */
export async function spectraAt(
  { hessian, gaussNewton }: Instruments,
  params: ArrayTree,
  examples: Examples,
  batchSizes: readonly number[],
  { steps, probes }: UseOptions,
  seed: number,
): Promise<SpectrumOf[]> {
  const rows = rowsOf(examples);
  const draws = stream(seed, "spectrumBatches");
  const found: SpectrumOf[] = [];
  for (const [matrix, curvature] of [
    ["hessian", hessian],
    ["gauss-newton", gaussNewton],
  ] as const) {
    for (const size of ["all", ...batchSizes] as const) {
      const chosen =
        size === "all" ? examples : examplesAt(examples, draws.fork(size).sample(rows, size));
      const generator = stream(seed, "probes").fork(1);
      const { nodes, weights } = await slq(curvature.of(params, chosen), {
        steps,
        probes,
        generator,
      });
      found.push({ matrix, examples: size, nodes: [...nodes], weights: [...weights] });
    }
  }
  return found;
}
