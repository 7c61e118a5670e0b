/** Whether a generative model would copy the user's images, and what its denoiser does to one. */
import { random } from "@etude/tensor";
import { z } from "zod";
import type { RunContext } from "../contract/context.ts";
import { progress, type Running } from "../contract/events.ts";
import type { Use, UseResult, UserInput } from "../contract/use.ts";
import {
  type DenoiserOptions,
  imageRange,
  type TrainedDenoiser,
  trainDenoiser,
} from "../denoising/index.ts";
import { generalizationReport } from "./generalization.ts";
import { localBasis } from "./localBasis.ts";
import { keyFor, purposes, trainingSeed } from "./material.ts";
import { prepareImages } from "./useImages.ts";
import { useReport } from "./useReport.ts";

const options = z.object({
  size: z.int().min(4).max(512).default(32).describe("Longest side at which images are used"),
  colours: z.enum(["keep", "gray"]).default("keep").describe("Keep colours or make images gray"),
  heldOut: z
    .number()
    .gt(0)
    .max(0.5)
    .default(0.1)
    .describe("Share of the images that no model sees, 256 at most, to compare with"),
  duplicates: z
    .number()
    .gt(0)
    .max(1)
    .default(0.95)
    .describe("Of images that correlate more than this one is left; 1 keeps all"),
  channels: z.int().min(1).max(256).default(16).describe("Channels of the UNet's first level"),
  blocks: z
    .int()
    .min(1)
    .max(5)
    .default(2)
    .describe("Levels of the UNet: 1 for 20 pixels a side, 2 for 40, 3 for 80"),
  updates: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(500)
    .describe("Steps of each training: more learn finer detail, and copy more"),
  batch: z.int().min(1).max(4096).default(32).describe("Images in a batch"),
  learningRate: z.number().positive().default(1e-3).describe("Of Adam; halved three times"),
  samples: z.int().min(2).max(1000).default(24).describe("Samples of each model"),
  beta: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe("1: samples are a function of the first noise; below 1 noise is injected"),
  maxSteps: z.int().min(1).default(1000).describe("Steps after which a sample is given up"),
  basisSigma: z
    .number()
    .positive()
    .max(1)
    .default(0.1)
    .describe("Noise level at which the denoiser's basis is shown"),
});
type Options = z.infer<typeof options>;

export const use: Use<Options> = {
  description:
    "Takes a collection of images, trains a denoiser on each of two halves, samples both from the same noise, and says whether such a model copies your images or learns what they have in common; gives the denoiser as ONNX, a sheet of samples beside their nearest training images, and the basis in which it shrinks noise.",
  options,
  inputs: {
    data: {
      accepts: ["images", "arrays"],
      required: true,
      describe: "A folder of images, or an NPY or NPZ file with images from 0 to 1",
    },
  },
  examples: [
    "--data photos --size 32",
    "--data photos --colours gray --updates 2000",
    "--data digits.npz --blocks 1 --samples 48",
  ],
  run,
};

/** Noise levels of the PSNR curves. */
const sigmas = [0.02, 0.05, 0.1, 0.2, 0.4, 0.8];
/** Eigenvectors that are kept and shown. */
const vectors = 36;

async function* run(
  options: Options,
  inputs: Readonly<Record<string, UserInput>>,
  context: RunContext,
): Running<UseResult> {
  const { seed, signal, step } = context;
  yield progress(0, 4, "reading images");
  const { setA, setB, test, notes } = await prepareImages(inputs.data, options, seed);
  const architecture: DenoiserOptions = {
    architecture: "unet",
    channels: options.channels,
    blocks: options.blocks,
    imageChannels: setA.shape[1],
  };
  const models: TrainedDenoiser[] = [];
  for (const [i, set] of [setA, setB].entries()) {
    const name = `model ${"AB"[i]}`;
    const settings = {
      updates: options.updates,
      batch: options.batch,
      rate: options.learningRate,
      seed: trainingSeed(seed, i),
    };
    const surroundings = {
      signal,
      checkpoint: context.checkpoints(name),
      place: { label: `training ${name} on ${set.shape[0]} images`, done: i, total: 4 },
      metric: `loss, ${name}`,
    };
    models.push(yield* step(name, () => trainDenoiser(architecture, set, settings, surroundings)));
  }
  const [a, b] = models;
  yield progress(2, 4, "samples");
  const key = await keyFor(seed, purposes.samples);
  const { samples: count, beta, maxSteps, basisSigma } = options;
  const { report, samples } = yield* step("samples", () =>
    generalizationReport([a, b], [setA, setB], test, {
      sigmas,
      samples: count,
      beta,
      maxSteps,
      key,
      signal,
    }),
  );
  yield progress(3, 4, "the basis of an image");
  const basis = yield* step("basis", () => {
    const draw = random.generator(seed).fork(purposes.bases);
    return localBasis(a, imageRange(test, 0, 1), basisSigma, vectors, draw);
  });
  return useReport({
    a,
    sets: [setA, setB],
    clean: imageRange(test, 0, 1),
    report,
    samples,
    basis,
    basisSigma,
    updates: options.updates,
    notes,
  });
}
