/** Part B: the top eigenvalues of batches against what the theory says of them. */

import { meanOf, standardError } from "@etude/learn";
import type { ArrayTree } from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import { progress, type Running } from "../../contract/events.ts";
import { batchEigenvalue, batchEigenvalueDirectional, effectiveBatch } from "../batchEigenvalue.ts";
import {
  type Curvature,
  type Examples,
  examplesAt,
  ggnVectorProduct,
  hessianVectorProduct,
  parameterCount,
  rowsOf,
} from "../curvature.ts";
import { atRest, compileHeavyBall, epochOrder } from "../heavyBall.ts";
import { type Eigenpair, largestEigenpair, largestEigenpairs } from "../lanczos.ts";
import { directionalNoise, hessianNoise } from "../noise.ts";
import { dot } from "../product.ts";
import { slq } from "../spectrum.ts";
import { type Images, inPrecision, learningOf, seedOf, stream } from "./data.ts";
import type { Options } from "./options.ts";

export const matrices = ["Hessian", "Gauss-Newton"] as const;
export type MatrixName = (typeof matrices)[number];

export interface BatchEigenvalues {
  readonly batchSize: number;
  readonly effective: number;
  /** Top eigenvalue: mean over batches, and its standard error. */
  readonly mean: number;
  readonly stderr: number;
  /**
   * Mean over batches of the top eigenvalue minus v.H_B v, with v the top eigenvector of all examples.
   * The latter is lambda on average, so this is the excess over lambda without most of its scatter.
   */
  readonly excess: number;
  /** Mean of |<v', v>|^2 with the top eigenvector of all examples. */
  readonly overlap: number;
  /** Predicted from isotropic noise: additive for the Hessian, a factor for Gauss-Newton. */
  readonly isotropic: number;
  /** Predicted from the noise along the top eigenvector. */
  readonly directional: number;
  /** The same with the next eigenvalues where they are instead of at 0. */
  readonly withGaps: number;
}

/** So many eigenvalues after the first are counted by their gaps. */
const neighboursUsed = 20;

export interface Density {
  readonly nodes: readonly number[];
  readonly weights: readonly number[];
}

export interface MatrixResult {
  readonly matrix: MatrixName;
  readonly lambda: number;
  /** The largest but one: perturbation by noise is small only against what is between the two. */
  readonly second: number;
  /** P sigma^2 of a batch of one from random directions, and from the top eigenvector. */
  readonly pSigma2: number;
  readonly directional: number;
  readonly batches: readonly BatchEigenvalues[];
  /** Of all examples, and of one batch of the smallest size. */
  readonly whole: Density;
  readonly batch: Density;
}

export interface SpectrumResult {
  readonly parameters: number;
  readonly examples: number;
  readonly trainLoss: number;
  readonly matrices: readonly MatrixResult[];
}

export const unitsOf = (wanted: readonly MatrixName[]): number => 1 + wanted.length;

/**
 * A network trained on these images, and its matrices.
 *
 * @param name what the steps of the run are called after
 */
export async function* measureSpectrum(
  name: string,
  images: Images,
  wanted: readonly MatrixName[],
  options: Options,
  { seed, step }: RunContext,
  done: number,
  total: number,
): Running<SpectrumResult> {
  const learning = learningOf(options.spectrumNetwork, images, "float64");
  const examples = inPrecision(images, learning.dtype);

  yield progress(done, total, `${name}: a network`);
  const trained = yield* step(`${name}-network`, async () => {
    const ball = compileHeavyBall(learning.model, learning.loss);
    const { spectrumTrainingBatch: batchSize, spectrumRate: learningRate } = options;
    const orderSeed = seedOf(seed, "spectrumTraining");
    let moving = atRest(await learning.start(seed));
    for (let epoch = 0; epoch < options.spectrumEpochs; epoch++) {
      const order = epochOrder(examples, batchSize, orderSeed, epoch);
      const coefficients = { learningRate, momentum: 0 };
      moving = await ball.advance(moving, examples, order, batchSize, coefficients);
    }
    const { trainLoss } = await ball.quality(moving.params, examples, examples);
    return { params: moving.params, trainLoss };
  });

  const found: MatrixResult[] = [];
  for (const matrix of wanted) {
    yield progress(done + 1 + found.length, total, `${name}: ${matrix} of batches`);
    const curvature =
      matrix === "Hessian"
        ? hessianVectorProduct(learning.loss)
        : ggnVectorProduct(learning.model, learning.lossOnOutputs);
    found.push(
      yield* step(`${name}-${matrix}`, () =>
        measureMatrix(matrix, curvature, trained.params, examples, options, seed),
      ),
    );
  }
  return {
    parameters: parameterCount(trained.params),
    examples: rowsOf(examples),
    trainLoss: trained.trainLoss,
    matrices: found,
  };
}

async function measureMatrix(
  matrix: MatrixName,
  curvature: Curvature,
  params: ArrayTree,
  examples: Examples,
  options: Options,
  seed: number,
): Promise<MatrixResult> {
  const size = parameterCount(params);
  const whole = curvature.of(params, examples);
  const probes = stream(seed, "probes");
  const [top, ...next] = await largestEigenpairs(whole, 1 + neighboursUsed, {
    generator: probes.fork(0),
    steps: options.topSteps,
  });

  const noise = { batchSize: options.noiseBatchSize, generator: stream(seed, "noise") };
  const { pSigma2 } = await hessianNoise(curvature, params, examples, {
    ...noise,
    probes: options.noiseProbes,
    size,
  });
  const { orthogonal, neighbours } = await directionalNoise(
    curvature,
    params,
    examples,
    top.vector,
    { ...noise, neighbours: next.map(({ vector }) => vector) },
  );

  const density = { steps: options.densitySteps, probes: options.densityProbes };
  const all = await slq(whole, { ...density, generator: probes.fork(1) });
  const draws = stream(seed, "spectrumBatches");
  const [least] = options.spectrumBatchSizes;
  const one = examplesAt(examples, draws.fork(least).sample(rowsOf(examples), least));
  const batch = await slq(curvature.of(params, one), { ...density, generator: probes.fork(1) });

  const rest = { lambda: top.value, pSigma2, bulk: all.trace((value) => value) / size };
  const batches: BatchEigenvalues[] = [];
  for (const batchSize of options.spectrumBatchSizes) {
    const tops = await topsOfBatches(
      curvature,
      params,
      examples,
      top.vector,
      batchSize,
      options,
      draws,
    );
    const effective = effectiveBatch(batchSize, rowsOf(examples));
    const values = tops.map(({ value }) => value);
    batches.push({
      batchSize,
      effective,
      mean: meanOf(values),
      stderr: standardError(values),
      excess: meanOf(tops.map(({ value, along }) => value - along)),
      overlap: meanOf(tops.map(({ vector }) => dot(vector, top.vector) ** 2)),
      isotropic: isotropicPrediction(matrix, rest, size, effective),
      directional: batchEigenvalueDirectional({
        lambda: top.value,
        noiseSq: orthogonal / effective,
      }),
      withGaps: batchEigenvalueDirectional({
        lambda: top.value,
        noiseSq: orthogonal / effective,
        neighbours: next.map(({ value }, j) => ({
          lambda: value,
          noiseSq: neighbours[j] / effective,
        })),
      }),
    });
  }
  const asLists = ({
    nodes,
    weights,
  }: {
    nodes: Float64Array;
    weights: Float64Array;
  }): Density => ({
    nodes: [...nodes],
    weights: [...weights],
  });
  return {
    matrix,
    lambda: top.value,
    second: next[0]?.value ?? Number.NaN,
    pSigma2,
    directional: orthogonal,
    batches,
    whole: asLists(all),
    batch: asLists(batch),
  };
}

/** For Gauss-Newton the level of the bulk is the mean eigenvalue, and P sigma^2 its sum, the trace. */
function isotropicPrediction(
  matrix: MatrixName,
  { lambda, pSigma2, bulk }: { lambda: number; pSigma2: number; bulk: number },
  size: number,
  b: number,
): number {
  return matrix === "Hessian"
    ? batchEigenvalue({ lambda, pSigma2, b, model: "wigner" })
    : batchEigenvalue({ lambda, pSigma2: size * bulk, b, model: "ggn", bulk });
}

/** Batches drawn without replacement, as the effective batch size assumes. */
async function topsOfBatches(
  curvature: Curvature,
  params: ArrayTree,
  examples: Examples,
  direction: Float64Array,
  batchSize: number,
  { spectrumBatches }: Options,
  draws: ReturnType<typeof stream>,
): Promise<(Eigenpair & { readonly along: number })[]> {
  const rows = rowsOf(examples);
  const found: (Eigenpair & { readonly along: number })[] = [];
  for (let i = 0; i < spectrumBatches; i++) {
    const generator = draws.fork(batchSize).fork(i);
    const batch = examplesAt(examples, generator.sample(rows, Math.min(batchSize, rows)));
    const product = curvature.of(params, batch);
    const along = dot(direction, await product.apply(direction));
    found.push({ ...(await largestEigenpair(product, { generator })), along });
  }
  return found;
}
