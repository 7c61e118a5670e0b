/** A few synthetic images in place of the user's data set. */
import type { RunContext } from "../../contract/context.ts";
import { UsageError } from "../../contract/errors.ts";
import { progress, type Running } from "../../contract/events.ts";
import type { Use, UseResult, UserInput } from "../../contract/use.ts";
import { dsaOps } from "../augmentation.ts";
import { condensedStep } from "../condensedStep.ts";
import { compileEvaluator, dsaTraining } from "../evaluation.ts";
import { drawImages, keepRows, rowsByClass } from "../labelled.ts";
import { convolutional, type Network, perceptron } from "../networks.ts";
import {
  baselineOf,
  baselines,
  type CondenseOptions,
  completeOptions,
  isAugmented,
  loopsFor,
} from "../settings.ts";
import { type UserImages, userImages } from "./data.ts";
import { optionsSchema, type UseOptions } from "./options.ts";
import { filesOf, reportOf, type ScoredSet } from "./report.ts";

export const use: Use<UseOptions> = {
  description:
    "Takes labelled images, and gives a few synthetic ones per class that networks learn about as much from: by class-wise matching of gradients (DC) and by contrastive matching (DCC), with the accuracy of networks trained on each, on real images drawn at random, and on all of them.",
  options: optionsSchema,
  inputs: {
    data: {
      accepts: ["images", "arrays"],
      required: true,
      describe: "A folder of images with one sub-folder a class, or an NPZ with images and labels",
    },
  },
  examples: [
    "--data photos",
    "--data digits.npz --ipc 10 --methods DSA,DSAC --no-mirror",
    "--data birds --network convolutional --outer-loops 100",
  ],
  run,
};

async function* run(
  options: UseOptions,
  inputs: Readonly<Record<string, UserInput>>,
  context: RunContext,
): Running<UseResult> {
  const { seed, step } = context;
  const settings = settingsOf(options, seed);
  const images = userImages(inputs.data, options, seed);
  checkClasses(images, options);
  const net = networkOf(options, images);
  const ops = settings.augment ?? dsaOps;
  const evaluation = { epochs: options.evalEpochs, rate: options.lrNet };
  const plain = compileEvaluator(net, evaluation);
  const augmented = compileEvaluator(net, {
    ...evaluation,
    epochs: Math.round((options.evalEpochs * 10) / 3),
    augmentation: dsaTraining(ops),
  });
  const total = options.methods.length + 2;

  async function* scored(
    name: string,
    set: Pick<ScoredSet, "images" | "labels">,
    isWithAugmentation: boolean,
  ): Running<Pick<ScoredSet, "accuracies" | "network">> {
    const evaluator = isWithAugmentation ? augmented : plain;
    const labels = Int32Array.from(set.labels);
    const accuracies: number[] = [];
    let network: ScoredSet["network"] | undefined;
    for (let i = 0; i < options.evalNetworks; i++) {
      const { trained, accuracy } = yield* step(`${name}, network ${i + 1}`, async () => {
        const trained = await evaluator.train(set.images, labels, 1000 * seed + i);
        return { trained, accuracy: 100 * (await evaluator.accuracy(trained, images.test)) };
      });
      network ??= trained;
      accuracies.push(accuracy);
    }
    if (network === undefined) throw new Error("there is one network at least");
    return { accuracies, network };
  }

  const rows = drawImages(rowsByClass(images.train), options.ipc, seed);
  const drawn = keepRows(images.train, rows);
  yield progress(0, total, "networks on real images drawn at random");
  const random = { images: drawn.x, labels: Array.from(drawn.y) };
  const sets: ScoredSet[] = [];
  // Beside each method the random images are trained on as its own set is.
  for (const name of baselines.filter((each) => options.methods.map(baselineOf).includes(each))) {
    const scores = yield* scored(name, random, name === "random, augmented");
    sets.push({ name, baseline: name, ...random, ...scores, losses: null });
  }
  for (const [i, method] of options.methods.entries()) {
    const place = { label: method, done: 1 + i, total };
    const kept = yield* condensedStep(
      method,
      images.train,
      net,
      { ...settings, method },
      context,
      place,
      method,
    );
    yield progress(2 + i, total, `networks on the set by ${method}`);
    const scores = yield* scored(method, kept, isAugmented(method));
    const losses = { classwise: kept.classwise, contrastive: kept.contrastive };
    const baseline = baselineOf(method);
    sets.push({
      name: method,
      baseline,
      images: kept.images,
      labels: kept.labels,
      ...scores,
      losses,
    });
  }
  yield progress(total - 1, total, "a network on all training images");
  const everything =
    options.fullEpochs === 0
      ? null
      : yield* step("everything", async () => {
          const whole = compileEvaluator(net, { ...evaluation, epochs: options.fullEpochs });
          const trained = await whole.train(images.train.x, images.train.y, seed);
          return 100 * (await whole.accuracy(trained, images.test));
        });
  return {
    ...reportOf(images, sets, everything, options),
    files: filesOf(images, net, sets, everything, options),
  };
}

/** Of whichever method; checked before anything is computed. */
function settingsOf(options: UseOptions, seed: number): Omit<CondenseOptions, "method"> {
  const { ipc, outerLoops, lrImage, lrNet, batchReal, init, metric, mirror } = options;
  const loops = loopsFor(ipc);
  const { innerLoops = loops?.innerLoops, netEpochs = loops?.netEpochs } = options;
  if (innerLoops === undefined || netEpochs === undefined)
    throw new UsageError(
      `--ipc ${ipc}: loop counts are known for 1, 10, 20, 30, 40 and 50 images per class only; give --inner-loops and --net-epochs`,
    );
  const settings = {
    ipc,
    outerLoops,
    innerLoops,
    netEpochs,
    outerWarmup: options.outerWarmup ?? Math.floor(outerLoops / 4),
    innerWarmup: options.innerWarmup ?? Math.min(10, innerLoops),
    lrImage,
    lrNet,
    batchReal,
    init,
    metric,
    augment: dsaOps.filter((op) => mirror || op !== "flip"),
    seed,
  };
  for (const method of options.methods) completeOptions({ ...settings, method });
  const twice = options.methods.find((method, i) => options.methods.indexOf(method) < i);
  if (twice !== undefined) throw new UsageError(`--methods: ${twice} is there twice`);
  return settings;
}

function checkClasses({ train, classes }: UserImages, { ipc }: UseOptions): void {
  const sizes = rowsByClass(train).map((rows) => rows.length);
  const small = sizes.findIndex((size) => size < ipc);
  if (small >= 0)
    throw new UsageError(
      `--ipc ${ipc}: class "${classes[small]}" has ${sizes[small]} training images; ask for fewer, or hold out less with --test-fraction`,
    );
}

function networkOf({ network, hidden, width, depth }: UseOptions, { train }: UserImages): Network {
  const factory = network === "perceptron" ? perceptron(hidden) : convolutional({ width, depth });
  return factory(train.x.shape.slice(1), train.numClasses);
}
