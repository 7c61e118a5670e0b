/** A network for the user's data, with its weights at several moments of training. */
import { type ArrayTree, evaluate, random } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import { progress, type Running } from "../../contract/events.ts";
import type { Examples } from "../curvature.ts";
import { rowsOf } from "../curvature.ts";
import { curvatureSchedule } from "../curvatureSchedule.ts";
import { seedOf, stream } from "../experiment/data.ts";
import { atRest, compileHeavyBall, epochOrder } from "../heavyBall.ts";
import { namedNetwork } from "../networks.ts";
import type { UseOptions } from "./options.ts";
import { type Labelled, lossFor, lossOf, type Problem } from "./problem.ts";

export interface Epoch {
  readonly epoch: number;
  readonly learningRate: number;
  readonly momentum: number;
  readonly loss: number;
  /** Of the curvature, where it decides the rate. */
  readonly greatest: number | null;
  readonly least: number | null;
  readonly floor: number | null;
}

export interface Moment {
  /** Epochs done. */
  readonly epoch: number;
  readonly params: ArrayTree;
}

export interface Training {
  readonly epochs: readonly Epoch[];
  readonly moments: readonly Moment[];
}

/** The network to train and its loss, and a start. */
export async function freshProblem(
  { examples, classes }: Labelled,
  { network: name }: UseOptions,
  seed: number,
): Promise<{ problem: Problem; start: ArrayTree }> {
  const [, ...inputs] = examples.inputs.shape;
  const width = examples.targets.rank > 1 ? examples.targets.shape[1] : 1;
  const outputs = classes ?? width;
  const network = namedNetwork(name, { inputs, outputs }, "float64");
  const { lossOnOutputs, lossName } = lossFor(classes, [1, outputs]);
  return {
    problem: {
      examples: { ...examples, inputs: examples.inputs.astype(network.dtype) },
      model: network.model,
      loss: lossOf(network.model, lossOnOutputs),
      lossOnOutputs,
      lossName,
    },
    start: (await evaluate(network.init(random.key(seed)))) as ArrayTree,
  };
}

/** Epochs after which the curvature is measured: the start, the end, and evenly between. */
export function momentsOf({ epochs, points }: UseOptions): number[] {
  if (points === 1) return [epochs];
  const at = Array.from({ length: points }, (_, i) => Math.round((i * epochs) / (points - 1)));
  return [...new Set(at)];
}

export async function* train(
  { model, loss, examples }: Problem,
  start: ArrayTree,
  options: UseOptions,
  seed: number,
  total: number,
): Running<Training> {
  const { trainingRate } = options;
  const batchSize = Math.min(options.trainingBatch, rowsOf(examples));
  const ball = compileHeavyBall(model, loss);
  const schedule = curvatureSchedule(loss, { batchSize });
  const generator = stream(seed, "learnerBatches");
  const wanted = new Set(momentsOf(options));
  const epochs: Epoch[] = [];
  const moments: Moment[] = wanted.has(0) ? [{ epoch: 0, params: start }] : [];
  let state = schedule.start;
  let moving = atRest(start);
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    yield progress(epoch / options.epochs, total, "training");
    const fixed = { learningRate: trainingRate ?? 0, momentum: 0 };
    const seen = { greatest: null, least: null, floor: null };
    let chosen: Omit<Epoch, "epoch" | "loss"> = { ...fixed, ...seen };
    if (trainingRate === undefined) {
      const next = await schedule.next(state, moving.params, examples, generator.fork(epoch));
      state = next.state;
      const { learningRate, momentum, greatest, least, floor } = next.coefficients;
      chosen = { learningRate, momentum, greatest, least, floor };
    }
    const order = epochOrder(examples, batchSize, seedOf(seed, "learnerOrder"), epoch);
    const after = await ball.advance(moving, examples as Examples, order, batchSize, chosen);
    if (!Number.isFinite(after.loss)) {
      throw new UsageError(
        `training diverged in epoch ${epoch + 1} at a learning rate of ${chosen.learningRate.toPrecision(3)}; give a smaller --training-rate`,
      );
    }
    moving = { params: after.params, velocity: after.velocity };
    epochs.push({ epoch: epoch + 1, ...chosen, loss: after.loss });
    if (wanted.has(epoch + 1)) moments.push({ epoch: epoch + 1, params: after.params });
  }
  return { epochs, moments };
}
