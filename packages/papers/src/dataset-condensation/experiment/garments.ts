/** The main part: synthetic sets by every method beside the images they began as, and all data. */
import { imageSheet } from "@etude/data";
import { NDArray } from "@etude/tensor";
import { base64 } from "../../contract/base64.ts";
import type { RunContext } from "../../contract/context.ts";
import { progress, type Running } from "../../contract/events.ts";
import { type DsaOp, dsaOps } from "../augmentation.ts";
import { commonSignal } from "../commonSignal.ts";
import { condensedStep, type Kept } from "../condensedStep.ts";
import {
  compileEvaluator,
  dsaTraining,
  type EvaluationOptions,
  type Evaluator,
  evaluateWith,
} from "../evaluation.ts";
import { firstOf, type Labelled, visible } from "../labelled.ts";
import { isAugmented, type Method } from "../settings.ts";
import { compileVelocity } from "../tangentKernel.ts";
import { type Loops, type Material, networkFor, quarterWarm, settingsOf } from "./material.ts";
import type { Options } from "./options.ts";

/** Accuracies in per cent, one a network. */
export interface SetScores {
  /** The images a set began as: random selection. */
  readonly random: readonly number[];
  /** The same, trained on with the augmentation of DSA; only where a method has it. */
  readonly randomAugmented?: readonly number[];
  readonly methods: readonly {
    readonly method: Method;
    readonly accuracies: readonly number[];
    /** Mean accuracies after other numbers of outer loops. */
    readonly earlier: readonly { readonly outer: number; readonly accuracy: number }[];
    /** Equations (2) and (3) over outer loops. */
    readonly classwise: readonly number[];
    readonly contrastive: readonly number[];
  }[];
}

export interface Garments {
  readonly main: SetScores;
  readonly further: SetScores | null;
  /** Per cent, of a network trained on all images. */
  readonly everything: number;
  /** By set: the share of inner products of gradients with the set's own classes, mean over classes. */
  readonly ownShare: readonly { readonly set: string; readonly share: number }[];
  /** v(t), mean over starts. */
  readonly velocities: readonly { readonly set: string; readonly velocity: readonly number[] }[];
  /** A PNG: a row a set, a column an image. */
  readonly sheet: string;
}

/** Units of progress. */
export const unitsOfGarments = ({ methods, furtherIpc, velocityEpochs }: Options): number =>
  1 + methods.length * (furtherIpc > 0 ? 2 : 1) + Number(velocityEpochs > 0);

export async function* measureGarments(
  options: Options,
  material: Material,
  context: RunContext,
  total: number,
): Running<Garments> {
  const { seed, step } = context;
  const { train, test } = material;
  const net = networkFor(options, train);
  const ops = opsFor(options.dataset);
  const plain = compileEvaluator(net, evaluationOf(options));
  const augmented = compileEvaluator(net, {
    ...evaluationOf(options),
    // With augmentation the official evaluation takes 1000 epochs in place of 300.
    epochs: Math.round((options.evalEpochs * 10) / 3),
    augmentation: dsaTraining(ops),
  });
  const evaluatorOf = (method: Method): Evaluator => (isAugmented(method) ? augmented : plain);
  const score = async (evaluator: Evaluator, images: NDArray, labels: readonly number[]) => {
    const { accuracies } = await evaluateWith(evaluator, images, Int32Array.from(labels), test, {
      networks: options.evalNetworks,
      seed,
    });
    return accuracies.map((accuracy) => 100 * accuracy);
  };
  let done = 0;

  async function* sets(
    name: string,
    loops: Loops,
    snapshots: readonly number[],
  ): Running<{ scores: SetScores; kept: Kept[] }> {
    const kept: Kept[] = [];
    const scored: SetScores["methods"][number][] = [];
    for (const method of options.methods) {
      const place = { label: `${name}: ${method}`, done, total };
      const settings = {
        ...settingsOf(options, loops, method, seed),
        augment: ops,
        snapshots,
      };
      const set = yield* condensedStep(
        `${name}/${method}`,
        train,
        net,
        settings,
        context,
        place,
        `${name}, ${method}`,
      );
      const evaluator = evaluatorOf(method);
      const accuracies = yield* step(`${name}/${method}, evaluated`, () =>
        score(evaluator, set.images, set.labels),
      );
      const earlier: { outer: number; accuracy: number }[] = [];
      for (const { outer, images } of set.snapshots) {
        const before = yield* step(`${name}/${method} after ${outer}`, () =>
          score(evaluator, images, set.labels),
        );
        earlier.push({ outer, accuracy: mean(before) });
      }
      const { classwise, contrastive } = set;
      kept.push(set);
      scored.push({ method, accuracies, earlier, classwise, contrastive });
      done++;
    }
    const random = yield* step(`${name}/random`, () =>
      score(plain, kept[0].initial, kept[0].labels),
    );
    if (!options.methods.some(isAugmented)) return { scores: { random, methods: scored }, kept };
    const randomAugmented = yield* step(`${name}/random, augmented`, () =>
      score(augmented, kept[0].initial, kept[0].labels),
    );
    return { scores: { random, randomAugmented, methods: scored }, kept };
  }

  const main = yield* sets(`${options.ipc} a class`, options, options.evaluateAt);
  const further =
    options.furtherIpc === 0
      ? null
      : (yield* sets(`${options.furtherIpc} a class, further`, furtherLoops(options), [])).scores;

  yield progress(done, total, "a network on all images");
  const everything = yield* step("everything", async () => {
    const whole = compileEvaluator(net, { ...evaluationOf(options), epochs: options.fullEpochs });
    return 100 * (await whole.accuracy(await whole.train(train.x, train.y, seed), test));
  });
  done++;

  const first = main.kept[0];
  const named = [
    { set: "random", images: first.initial },
    ...main.kept.map(({ images }, i) => ({ set: options.methods[i] as string, images })),
  ];
  const labels = Int32Array.from(first.labels);
  const ownShare = yield* step("common signal", async () => {
    const found: { set: string; share: number }[] = [];
    for (const { set, images } of named) {
      const data: Labelled = { x: images, y: labels, numClasses: train.numClasses };
      const { shares } = await commonSignal(net, data, train, seed);
      found.push({ set, share: mean(shares.map((row, c) => row[c])) });
    }
    return found;
  });
  const velocities: { set: string; velocity: readonly number[] }[] = [];
  if (options.velocityEpochs > 0) {
    const probe = firstOf(test, options.probe).x;
    const velocityOf = compileVelocity(net, {
      epochs: options.velocityEpochs,
      rate: options.lrNet,
    });
    for (const { set, images } of named) {
      yield progress(done, total, `velocity of the kernel: ${set}`);
      const runs = yield* step(`velocity/${set}`, async () => {
        const all: number[][] = [];
        for (let start = 0; start < options.velocityStarts; start++) {
          const { velocity } = await velocityOf(images, labels, probe, {
            seed: 100 * seed + start,
          });
          all.push(velocity);
        }
        return all;
      });
      velocities.push({ set, velocity: runs[0].map((_, t) => mean(runs.map((run) => run[t]))) });
    }
    done++;
  }
  const sheet = sheetOf(
    named.map(({ images }) => images),
    material,
  );
  return { main: main.scores, further, everything, ownShare, velocities, sheet };
}

const furtherLoops = (options: Options): Loops =>
  quarterWarm({
    ipc: options.furtherIpc,
    outerLoops: options.furtherOuterLoops,
    innerLoops: options.furtherInnerLoops,
    netEpochs: options.furtherNetEpochs,
  });

export const evaluationOf = ({
  evalEpochs,
  lrNet,
}: Options): Omit<EvaluationOptions, "seed" | "networks"> => ({ epochs: evalEpochs, rate: lrNet });

/** Digits must not be mirrored. */
const opsFor = (dataset: string): DsaOp[] =>
  dsaOps.filter(
    (op) => op !== "flip" || !/mnist$|svhn|digits/.test(dataset) || /fashion/.test(dataset),
  );

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** A row a set. */
function sheetOf(sets: readonly NDArray[], { scale }: Material): string {
  const [first] = sets;
  const columns = first.shape[0];
  const all = new Float32Array(sets.length * first.size);
  sets.forEach((images, i) => {
    all.set(visible(images, scale).data, i * first.size);
  });
  const shape = [sets.length * columns, ...first.shape.slice(1)];
  const pixels = new NDArray(all, shape, "float32");
  return base64(imageSheet(pixels, { columns, zoom: 4, gap: 2 }));
}
