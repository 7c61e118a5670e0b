/** The claims of the paper, measured: memorisation against N, shuffled pixels, slopes, bases. */
import { type NDArray, random } from "@etude/tensor";
import type { RunContext } from "../contract/context.ts";
import { progress, type Running } from "../contract/events.ts";
import type { Experiment } from "../contract/experiment.ts";
import {
  type DenoiserOptions,
  diskImages,
  geometricImages,
  imageRange,
  psnrCurve,
  shufflePixels,
  type TrainedDenoiser,
  trainDenoiser,
} from "../denoising/index.ts";
import { claims } from "./claims.ts";
import { disjointSubsets } from "./generalization.ts";
import { localBasis, wholeJacobian } from "./localBasis.ts";
import { keyFor, type Material, materialFor, purposes, trainingSeed } from "./material.ts";
import { measureBases, measureLinear, measureResidual, measureSize } from "./measure.ts";
import { type Options, optionsSchema, presets } from "./options.ts";
import { psnrSlope } from "./psnrSlope.ts";
import type { DiskResult, Result, ShuffledResult, SizeResult, SlopeResult } from "./result.ts";
import { summarise } from "./summary.ts";

export const experiment: Experiment<Options, Result> = {
  description:
    "Blind bias-free denoisers with the same number of updates for every size N of training set: two models on disjoint sets sample from the same noise; PSNR on training and on fresh images; networks on shuffled pixels and on images of other regularity, beside the linear Wiener filter; eigenbases of Jacobians. All images are drawn anew for every seed.",
  options: optionsSchema,
  presets,
  data: ({ images }) => (images === "geometric" ? [] : [images]),
  run,
  claims,
  summarise,
};

/** Purposes of trainings, so that each has a seed of its own. */
const trainings = { sizes: 0, shuffled: 100, alphas: 200, disks: 300 } as const;

type Train = (name: string, which: number, images: NDArray) => Running<TrainedDenoiser>;

async function* run(options: Options, context: RunContext): Running<Result> {
  const { seed, signal } = context;
  const others = options.alphas.filter((alpha) => alpha !== options.alpha);
  const total =
    3 * options.sizes.length + 2 * Number(options.shuffled) + others.length + Number(options.disks);
  let done = 0;
  yield progress(0, total, "images");
  const material = await materialFor(options, seed, context.data);
  const architecture: DenoiserOptions = {
    architecture: "unet",
    channels: options.channels,
    blocks: options.blocks,
    imageChannels: material.train.shape[1],
  };
  async function* train(name: string, which: number, images: NDArray): Running<TrainedDenoiser> {
    const { updates, batch } = options;
    const settings = { updates, batch, seed: trainingSeed(seed, which) };
    const surroundings = {
      signal,
      checkpoint: context.checkpoints(name),
      place: { label: `training: ${name}`, done, total },
      metric: `loss, ${name}`,
    };
    const trained = yield* context.step(name, () =>
      trainDenoiser(architecture, images, settings, surroundings),
    );
    done++;
    return trained;
  }

  const sizes: SizeResult[] = [];
  let largest: TrainedDenoiser | undefined;
  for (const [i, n] of options.sizes.entries()) {
    const sets = disjointSubsets(material.train, n);
    const a = yield* train(`N = ${n}, A`, trainings.sizes + 2 * i, sets[0]);
    const b = yield* train(`N = ${n}, B`, trainings.sizes + 2 * i + 1, sets[1]);
    yield progress(done, total, `samples, N = ${n}`);
    sizes.push(
      yield* context.step(`measure N = ${n}`, () =>
        measureSize([a, b], sets, material.test, options, seed, signal),
      ),
    );
    done++;
    largest = a;
  }
  if (largest === undefined) throw new Error("there is no size to train");

  const shuffled = options.shuffled
    ? yield* shuffledPart(largest, material, options, context, train)
    : undefined;
  done += Number(options.shuffled);
  const slopes =
    options.alphas.length > 0
      ? yield* slopePart(largest, material, options, context, train)
      : undefined;
  const disks = options.disks ? yield* diskPart(options, context, train) : undefined;
  return {
    sizes,
    ...(shuffled && { shuffled }),
    ...(slopes && { slopes }),
    ...(disks && { disks }),
  };
}

/** Training images of the single networks: as many as the largest models have. */
const largestSet = ({ train }: Material, { sizes }: Options): NDArray =>
  disjointSubsets(train, sizes[sizes.length - 1])[0];

async function* shuffledPart(
  plain: TrainedDenoiser,
  material: Material,
  options: Options,
  { seed, step }: RunContext,
  train: Train,
): Running<ShuffledResult> {
  const images = largestSet(material, options);
  const [, , height, width] = images.shape;
  const permutation = random
    .generator(seed)
    .fork(purposes.permutation)
    .permutation(height * width);
  const [moved, movedTest] = [images, material.test].map((of) => shufflePixels(of, permutation));
  const network = yield* train("shuffled pixels", trainings.shuffled, moved);
  return yield* step("measure shuffled", async (): Promise<ShuffledResult> => {
    const { sigmas, shuffledSigma, basisImages } = options;
    const few = Math.ceil(basisImages / 3);
    const residual =
      height * width * images.shape[1] <= wholeJacobian
        ? await measureResidual(plain, images, material.test, shuffledSigma, few, seed)
        : undefined;
    return {
      plain: await measureLinear(plain, images, material.test, sigmas, seed),
      shuffled: await measureLinear(network, moved, movedTest, sigmas, seed),
      basis: await measureBases(plain, material.test, options, seed),
      shuffledBasis: await measureBases(network, movedTest, options, seed),
      ...(residual && { residual }),
    };
  });
}

/** The slope of the test PSNR for every regularity; that of the main images has its network already. */
async function* slopePart(
  main: TrainedDenoiser,
  material: Material,
  options: Options,
  { seed, step }: RunContext,
  train: Train,
): Running<SlopeResult[]> {
  const { sizes, testImages, size, sigmas, slopeSigmas } = options;
  const n = sizes[sizes.length - 1];
  const slopes: SlopeResult[] = [];
  for (const [i, alpha] of options.alphas.entries()) {
    const isMain = alpha === options.alpha;
    const images = isMain
      ? undefined
      : await geometricImages(await keyFor(seed, purposes.otherImages, i), n + testImages, {
          size,
          alpha,
        });
    const network =
      images === undefined
        ? main
        : yield* train(
            `alpha = ${alpha}`,
            trainings.alphas + i,
            imageRange(images, testImages, n + testImages),
          );
    const test = images === undefined ? material.test : imageRange(images, 0, testImages);
    slopes.push(
      yield* step(`measure alpha = ${alpha}`, async () => {
        const psnr = await psnrCurve(network, test, sigmas, await keyFor(seed, purposes.noise));
        return { alpha, psnr, slope: psnrSlope(sigmas, psnr, slopeSigmas) };
      }),
    );
  }
  return slopes;
}

/** Levels at which the curve of disks is to have the slope of a manifold, and one of its bases. */
const diskSigmas = [0.005, 0.01, 0.02];

async function* diskPart(
  options: Options,
  { seed, step }: RunContext,
  train: Train,
): Running<DiskResult> {
  const { sizes, testImages, size, basisImages, basisSigma, basisVectors } = options;
  const n = sizes[sizes.length - 1];
  const images = await diskImages(await keyFor(seed, purposes.disks), n + testImages, { size });
  const test = imageRange(images, 0, testImages);
  const network = yield* train(
    "disks",
    trainings.disks,
    imageRange(images, testImages, n + testImages),
  );
  return yield* step("measure disks", async (): Promise<DiskResult> => {
    const psnr = await psnrCurve(network, test, diskSigmas, await keyFor(seed, purposes.noise));
    const kept: number[] = [];
    let shrinkage: number[] = [];
    for (let i = 0; i < Math.min(basisImages, testImages); i++) {
      const draw = random.generator(seed).fork(purposes.disks).fork(i);
      const image = imageRange(test, i, i + 1);
      const basis = await localBasis(network, image, basisSigma, basisVectors, draw);
      kept.push(basis.shrinkage.filter((value) => value > 0.2).length);
      if (i === 0) shrinkage = basis.shrinkage;
    }
    return {
      slope: psnrSlope(diskSigmas, psnr),
      kept: kept.reduce((sum, count) => sum + count, 0) / kept.length,
      shrinkage,
    };
  });
}
