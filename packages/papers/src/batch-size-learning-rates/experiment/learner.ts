/** Part C: rates and momenta from curvature, against a grid of fixed ones. */
import type { ArrayTree } from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import { progress, type Running } from "../../contract/events.ts";
import type { Examples } from "../curvature.ts";
import {
  type CurvatureScheduleOptions,
  curvatureSchedule,
  type Refresh,
} from "../curvatureSchedule.ts";
import {
  atRest,
  compileHeavyBall,
  epochOrder,
  type HeavyBall,
  type Quality,
} from "../heavyBall.ts";
import type { Coefficients } from "../polyak.ts";
import { divided, type Images, type Learning, learningOf, seedOf, stream } from "./data.ts";
import type { Options } from "./options.ts";

export const modes = ["heavy-ball", "rayleigh"] as const;

export interface LearnerRun extends Quality {
  readonly mode: (typeof modes)[number];
  /** Of every epoch, and the mean loss of its steps. */
  readonly epochs: readonly (Refresh & { readonly loss: number | null })[];
}

export interface GridPoint extends Coefficients, Quality {}

export interface LearnerResult {
  readonly batchSize: number;
  readonly startLoss: number;
  readonly learners: readonly LearnerRun[];
  readonly grid: readonly GridPoint[];
}

export const unitsOfLearner = ({ learnerBatchSizes }: Options): number => learnerBatchSizes.length;

export async function* measureLearner(
  images: Images,
  options: Options,
  { seed, step }: RunContext,
  done: number,
  total: number,
): Running<LearnerResult[]> {
  const learning = learningOf(options.learnerNetwork, images);
  const { train, test } = divided(images, options.testExamples, seed);
  const ball = compileHeavyBall(learning.model, learning.loss);
  const start = await learning.start(seed);
  const results: LearnerResult[] = [];
  for (const batchSize of options.learnerBatchSizes) {
    yield progress(done + results.length, total, `learner, batches of ${batchSize}`);
    const setting = { ball, learning, start, train, test, batchSize, seed, options };
    results.push(yield* step(`learner-${batchSize}`, () => measureBatchSize(setting)));
  }
  return results;
}

interface Setting {
  readonly ball: HeavyBall;
  readonly learning: Learning;
  readonly start: ArrayTree;
  readonly train: Examples;
  readonly test: Examples;
  readonly batchSize: number;
  readonly seed: number;
  readonly options: Options;
}

async function measureBatchSize(setting: Setting): Promise<LearnerResult> {
  const { ball, start, train, test, batchSize, seed, options } = setting;
  const orders = Array.from({ length: options.learnerEpochs }, (_, epoch) =>
    epochOrder(train, batchSize, seedOf(seed, "learnerOrder"), epoch),
  );
  const { trainLoss: startLoss } = await ball.quality(start, train, test);
  const learners: LearnerRun[] = [];
  for (const mode of modes) learners.push(await learned(setting, mode, orders));

  const points = options.gridMomenta.flatMap((momentum) =>
    options.gridRates.map((learningRate): Coefficients => ({ learningRate, momentum })),
  );
  const all = Int32Array.from(orders.flatMap((order) => [...order]));
  const { networksAtOnce } = options;
  const grid: GridPoint[] = [];
  for (let from = 0; from < points.length; from += networksAtOnce) {
    const some = points.slice(from, from + networksAtOnce);
    const qualities = await ball.grid(start, train, all, batchSize, some, test);
    some.forEach((point, i) => {
      grid.push({ ...point, ...qualities[i] });
    });
  }
  return { batchSize, startLoss, learners, grid };
}

async function learned(
  { ball, learning, start, train, test, batchSize, seed, options }: Setting,
  mode: LearnerRun["mode"],
  orders: readonly Int32Array[],
): Promise<LearnerRun> {
  const { lanczosSteps, reps, memory, safety } = options;
  const settings: CurvatureScheduleOptions = {
    batchSize,
    lanczosSteps,
    reps,
    memory,
    safety,
    mode,
  };
  const schedule = curvatureSchedule(learning.loss, settings);
  const batches = stream(seed, "learnerBatches");
  const epochs: LearnerRun["epochs"][number][] = [];
  let state = schedule.start;
  let moving = atRest(start);
  for (const [epoch, order] of orders.entries()) {
    const next = await schedule.next(state, moving.params, train, batches.fork(epoch));
    state = next.state;
    const after = await ball.advance(moving, train, order, batchSize, next.coefficients);
    epochs.push({ ...next.coefficients, loss: Number.isFinite(after.loss) ? after.loss : null });
    moving = { params: after.params, velocity: after.velocity };
    // What has diverged has no curvature to go on with.
    if (!Number.isFinite(after.loss)) break;
  }
  return { mode, ...(await ball.quality(moving.params, train, test)), epochs };
}
