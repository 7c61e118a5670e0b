/** The images of the experiment, and what its options mean. */
import { type ArrayDataset, type DataLoader, gatherRows } from "@etude/data";
import { UsageError } from "../../contract/errors.ts";
import {
  type ChannelScale,
  channelScale,
  firstOf,
  type Labelled,
  ofClasses,
  pooled,
  standardise,
} from "../labelled.ts";
import { convolutional, type NetFactory, type Network, perceptron } from "../networks.ts";
import type { CondenseOptions, Method } from "../settings.ts";
import type { Options } from "./options.ts";

export interface Material {
  readonly train: Labelled;
  readonly test: Labelled;
  /** Of the training part, from 0 to 1. */
  readonly scale: ChannelScale;
  readonly classNames: readonly string[];
}

/** Intensities from 0 to 1 with labels, pooled. */
export function pictures(
  { inputs, targets, classes }: ArrayDataset,
  wanted: readonly number[],
  count: number,
  pool: number,
): Labelled {
  const y = Int32Array.from(targets.data, Number);
  const numClasses = classes?.length ?? 1 + y.reduce((most, label) => Math.max(most, label), 0);
  const all = { x: inputs, y, numClasses };
  const unknown = wanted.find((label) => label >= numClasses);
  if (unknown !== undefined)
    throw new UsageError(
      `classes: there is no class ${unknown}; classes are 0 to ${numClasses - 1}`,
    );
  const rows = Int32Array.from(y.keys())
    .filter((i) => wanted.length === 0 || wanted.includes(y[i]))
    .slice(0, count);
  const some = { x: gatherRows(inputs, rows), y: rows.map((i) => y[i]), numClasses };
  const chosen = wanted.length === 0 ? firstOf(all, count) : ofClasses(some, wanted);
  return { ...chosen, x: pooled(chosen.x, pool) };
}

/** Both parts of a data set. */
export interface Source {
  readonly train: ArrayDataset;
  readonly test: ArrayDataset;
}

export const loadSource = async ({ dataset }: Options, data: DataLoader): Promise<Source> => ({
  train: await data.images(dataset, { part: "train" }),
  test: await data.images(dataset, { part: "test" }),
});

/** Standardised by the training images that are used. */
export function materialOf({ train: source, test: held }: Source, options: Options): Material {
  const { classes, pool } = options;
  const train = pictures(source, classes, options.trainExamples, pool);
  const test = pictures(held, classes, options.testExamples, pool);
  const scale = channelScale(train.x);
  const names = source.classes ?? Array.from({ length: train.numClasses }, (_, c) => String(c));
  return {
    train: { ...train, x: standardise(train.x, scale) },
    test: { ...test, x: standardise(test.x, scale) },
    scale,
    classNames: classes.length === 0 ? names : classes.map((label) => names[label]),
  };
}

export const factoryOf = ({ network, hidden, width, depth }: Options): NetFactory =>
  network === "perceptron" ? perceptron(hidden) : convolutional({ width, depth });

export const networkFor = (options: Options, { x, numClasses }: Labelled): Network =>
  factoryOf(options)(x.shape.slice(1), numClasses);

/** Loop counts of a condensation. */
export interface Loops {
  readonly ipc: number;
  readonly outerLoops: number;
  readonly innerLoops: number;
  readonly netEpochs: number;
  readonly outerWarmup: number;
  readonly innerWarmup: number;
}

/** Loops with a quarter of the outer ones as warm-up, without contrast within them. */
export const quarterWarm = (loops: Omit<Loops, "outerWarmup" | "innerWarmup">): Loops => ({
  ...loops,
  outerWarmup: Math.floor(loops.outerLoops / 4),
  innerWarmup: loops.innerLoops,
});

export const settingsOf = (
  { lrImage, lrNet, batchReal }: Options,
  loops: Loops,
  method: Method,
  seed: number,
): CondenseOptions => ({ ...loops, method, lrImage, lrNet, batchReal, seed });
