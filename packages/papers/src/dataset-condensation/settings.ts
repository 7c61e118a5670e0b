/** What a condensation is told, completed by the official code's numbers and checked. */
import { UsageError } from "../contract/errors.ts";
import { type DsaOp, dsaOps } from "./augmentation.ts";
import { type GradMetric, gradMetrics } from "./gradientDistance.ts";

/**
 * - DC: class-wise matching, equation (2); DCC: contrastive matching, equation (3), after a warm-up;
 * - DSA, DSAC: the same with siamese augmentation.
 */
export const methods = ["DC", "DCC", "DSA", "DSAC"] as const;
export type Method = (typeof methods)[number];

export const isContrastive = (method: Method): boolean => method === "DCC" || method === "DSAC";
export const isAugmented = (method: Method): boolean => method === "DSA" || method === "DSAC";

/** Real images drawn at random, trained on as the sets of a method are: with augmentation or without. */
export const baselines = ["random", "random, augmented"] as const;
export type Baseline = (typeof baselines)[number];

/** What the sets of a method are to be compared with. */
export const baselineOf = (method: Method): Baseline =>
  isAugmented(method) ? "random, augmented" : "random";

export interface CondenseOptions {
  readonly method: Method;
  /** Synthetic images per class. */
  readonly ipc: number;
  /** Fresh networks, one after the other; 1000 by default. */
  readonly outerLoops?: number;
  /** Matching steps with each network; by ipc where it is not given, see {@link loopsFor}. */
  readonly innerLoops?: number;
  /** Epochs of training on the synthetic images between two matching steps; likewise. */
  readonly netEpochs?: number;
  /** 0.1 by default. */
  readonly lrImage?: number;
  /** 0.5 by default. */
  readonly momentumImage?: number;
  /** 0.01 by default. */
  readonly lrNet?: number;
  /** Real images of a class in a matching step; 256 by default. */
  readonly batchReal?: number;
  /** Synthetic images in a step of the network's training; 256 by default. */
  readonly batchTrain?: number;
  /** Outer loops before matching is contrastive from the first inner step on; 250 by default. */
  readonly outerWarmup?: number;
  /** Inner steps of those loops that are class-wise; 10 by default. */
  readonly innerWarmup?: number;
  /** Begin with real images, as DCC does and by default, or with noise N(0, 1), as DC first did. */
  readonly init?: "real" | "noise";
  /** Equation (1) by default. */
  readonly metric?: GradMetric;
  /** Operations of the siamese augmentation; all by default. Digits want no flip. */
  readonly augment?: readonly DsaOp[];
  readonly seed: number;
  /** Outer loops after which a copy of the images is kept. */
  readonly snapshots?: readonly number[];
}

export type Settings = Required<CondenseOptions>;

/**
 * Inner loops and epochs of training between them, by images per class, as the authors chose them.
 *
 * @returns undefined where they chose none
 */
export function loopsFor(
  ipc: number,
): { readonly innerLoops: number; readonly netEpochs: number } | undefined {
  const found = table.find(([images]) => images === ipc);
  return found && { innerLoops: found[1], netEpochs: found[2] };
}

const table = [
  [1, 10, 5],
  [10, 10, 50],
  [20, 20, 25],
  [30, 30, 20],
  [40, 40, 15],
  [50, 50, 10],
] as const;

/** @throws UsageError for what is out of range or contradicts itself, in one line */
export function completeOptions(options: CondenseOptions): Settings {
  const { ipc, method } = options;
  atLeast(1, { ipc });
  const loops = loopsFor(ipc);
  const { innerLoops = loops?.innerLoops, netEpochs = loops?.netEpochs } = options;
  if (innerLoops === undefined || netEpochs === undefined)
    throw new UsageError(
      `there are no loop counts for ${ipc} images per class (only for ${table.map(([images]) => images).join(", ")}): give innerLoops and netEpochs`,
    );
  const settings: Settings = {
    method,
    ipc,
    innerLoops,
    netEpochs,
    outerLoops: options.outerLoops ?? 1000,
    lrImage: options.lrImage ?? 0.1,
    momentumImage: options.momentumImage ?? 0.5,
    lrNet: options.lrNet ?? 0.01,
    batchReal: options.batchReal ?? 256,
    batchTrain: options.batchTrain ?? 256,
    outerWarmup: options.outerWarmup ?? 250,
    innerWarmup: options.innerWarmup ?? 10,
    init: options.init ?? "real",
    metric: options.metric ?? "layerwiseCosine",
    augment: options.augment ?? dsaOps,
    seed: options.seed,
    snapshots: options.snapshots ?? [],
  };
  check(settings);
  return settings;
}

function check(settings: Settings): void {
  const { method, metric, init, augment, outerLoops, innerLoops, outerWarmup, innerWarmup } =
    settings;
  oneOf("method", method, methods);
  oneOf("metric", metric, gradMetrics);
  oneOf("init", init, ["real", "noise"]);
  for (const op of augment) oneOf("augment", op, dsaOps);
  if (isAugmented(method) && augment.length === 0)
    throw new UsageError(`${method} needs at least one operation to augment with`);
  const { batchReal, batchTrain, netEpochs, lrImage, momentumImage, lrNet } = settings;
  atLeast(1, { outerLoops, innerLoops, batchReal, batchTrain });
  atLeast(0, { netEpochs, outerWarmup, innerWarmup });
  for (const [name, rate] of Object.entries({ lrImage, lrNet }))
    if (!(rate > 0)) throw new UsageError(`${name} must be above 0, got ${rate}`);
  if (!(momentumImage >= 0 && momentumImage < 1))
    throw new UsageError(`momentumImage must be in [0, 1), got ${momentumImage}`);
  if (!isContrastive(method)) return;
  if (outerWarmup > outerLoops)
    throw new UsageError(
      `outerWarmup ${outerWarmup} is more than the ${outerLoops} outer loops: the warm-up would never end`,
    );
  if (innerWarmup > innerLoops)
    throw new UsageError(
      `innerWarmup ${innerWarmup} is more than the ${innerLoops} inner loops; give at most as many`,
    );
}

function atLeast(least: number, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values))
    if (!Number.isInteger(value) || value < least)
      throw new UsageError(`${name} must be a whole number from ${least}, got ${value}`);
}

function oneOf(name: string, value: string, all: readonly string[]): void {
  if (!all.includes(value))
    throw new UsageError(`${name} "${value}" is unknown; there are ${all.join(", ")}`);
}

/**
 * Whether inner step i of outer loop o matches the sum over classes: never in DC and DSA; in DCC and
 * DSAC after `outerWarmup` loops, and before that from step `innerWarmup` on (the bi-level warm-up).
 */
export const contrastsAt = (
  { method, outerWarmup, innerWarmup }: Pick<Settings, "method" | "outerWarmup" | "innerWarmup">,
  o: number,
  i: number,
): boolean => isContrastive(method) && (o >= outerWarmup || i >= innerWarmup);
