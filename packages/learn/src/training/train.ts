/** The training loop. */

import { NDArray, random } from "@etude/tensor";
import { fail } from "../errors.ts";
import { batchesPerEpoch, epochOrder } from "./batches.ts";
import { DivergenceError, firstNonFinite } from "./divergence.ts";
import { bestState, judged } from "./earlyStopping.ts";
import {
  beginning,
  decodeProgress,
  encodeProgress,
  type Metrics,
  type Progress,
} from "./progress.ts";
import type { Place, StepResult, TrainEvent, TrainOptions, TrainResult } from "./run.ts";

/** Losses kept for the message of a {@link DivergenceError}. */
const tailLength = 16;

/** A purpose that no epoch has. */
const stepKeys = 2 ** 32 - 1;

/**
 * Train: an asynchronous generator of events, which does a step when it is asked for the next one.
 *
 * What a step sees is a function of the seed and its number alone: in epoch e the examples come in
 * the order `random.generator(seed).fork(e).permutation(n)`. So a run that was killed and started
 * again with the same store ends with the same bits as one that was not.
 *
 * Leaving the loop early (`break`) ends the run without a checkpoint; an abort makes one.
 *
 * @throws {DivergenceError} if the loss or the state is not finite, or the loss above `maximumLoss`
 * @throws {LearnError} if the checkpoint in the store is of another run, or damaged
 *
 * @example
 * const run = train({
 *   step: jit((state: State, batch: Batch) => { ...; return { state: next, loss, accuracy }; }),
 *   state: { params, optimiser: optimiser.init(params) },
 *   batches: minibatches({ images, labels }, { batchSize: 128 }),
 *   epochs: 10,
 *   seed: 1,
 *   checkpoint: { store: fileCheckpoint("checkpoint"), everySeconds: 60 },
 * });
 * for await (const event of run) if (event.kind === "step") show(event.step, event.smoothedLoss);
 * // or, for the result: const { state } = await lastOf(run, (event) => ...);
 */
export async function* train<S, B>(
  options: TrainOptions<S, B>,
): AsyncGenerator<TrainEvent<S>, TrainResult<S>, void> {
  const { step: takeStep, batches, seed = 0, checkpoint, stopping, signal } = options;
  const { smoothing = 0.98, checkEvery = 100 } = options;
  const perEpoch = batchesPerEpoch(batches);
  const total = totalSteps(options, perEpoch);
  const evaluateEvery = options.evaluateEvery ?? perEpoch;
  checkOptions(options);
  const keys = random.generator(seed).fork(stepKeys);

  let progress = beginning(options.state);
  const placeOf = (step: number): Place => ({
    step,
    epoch: Math.max(0, Math.floor((step - 1) / perEpoch)),
  });
  const found = await checkpoint?.store.load();
  if (found !== undefined) {
    progress = decodeProgress(found, options.state, seed, batches);
    if (progress.step > 0) yield { kind: "resumed", ...placeOf(progress.step) };
  }
  let saved = found === undefined ? -1 : progress.step;
  let savedAt = performance.now();

  const save = async function* (): AsyncGenerator<TrainEvent<S>, void, void> {
    if (checkpoint === undefined || saved === progress.step) return;
    requireFinite(progress, placeOf(progress.step));
    const bytes = encodeProgress(progress, seed, batches);
    await checkpoint.store.save(bytes);
    [saved, savedAt] = [progress.step, performance.now()];
    yield { kind: "checkpoint", bytes: bytes.length, ...placeOf(progress.step) };
  };
  const isDue = () =>
    checkpoint !== undefined &&
    (progress.step % (checkpoint.everySteps ?? Number.POSITIVE_INFINITY) === 0 ||
      performance.now() - savedAt >= 1000 * (checkpoint.everySeconds ?? Number.POSITIVE_INFINITY));

  let order: { epoch: number; examples: Int32Array } = { epoch: -1, examples: new Int32Array() };
  while (progress.step < total && !progress.stopped && !signal?.aborted) {
    const place = placeOf(progress.step + 1);
    const batch = progress.step % perEpoch;
    if (order.epoch !== place.epoch)
      order = { epoch: place.epoch, examples: epochOrder(batches, seed, place.epoch) };
    const from = batch * batches.batchSize;
    const data = await batches.take(order.examples.slice(from, from + batches.batchSize));
    const key = new NDArray(Uint32Array.from(keys.fork(place.step).state().key), [2], "uint32");
    const result = await takeStep(progress.state, data, key);
    const loss = lossOf(result);

    progress = { ...advanced(progress, result.state, loss, smoothing), step: place.step };
    if (!Number.isFinite(loss) || loss > (options.maximumLoss ?? Number.POSITIVE_INFINITY))
      throw new DivergenceError(`the loss is ${loss}`, place, progress.losses);
    if (place.step % checkEvery === 0 || place.step === total) requireFinite(progress, place);
    const { state: _, loss: __, ...others } = result;
    const smoothedLoss = progress.average.sum / progress.average.weight;
    yield { kind: "step", ...place, batch, loss, smoothedLoss, metrics: scalars(others), result };

    if (options.evaluate && (place.step % evaluateEvery === 0 || place.step === total)) {
      const metrics = scalars(await options.evaluate(progress.state, place));
      progress = judged(progress, metrics, stopping);
      const isBest = progress.best?.step === place.step;
      yield { kind: "evaluation", ...place, metrics, isBest, state: progress.state };
    }
    if (isDue()) yield* save();
  }
  yield* save();

  const done = progress.step >= total;
  const restored = done || progress.stopped ? bestState(progress, stopping) : progress.state;
  const { sum, weight } = progress.average;
  return {
    state: restored,
    ...placeOf(progress.step),
    reason: progress.stopped ? "stopped" : done ? "finished" : "aborted",
    smoothedLoss: sum / weight,
    best: progress.best,
  };
}

/** Run to the end for the result; `onEvent` sees every event. */
export async function lastOf<E, R>(
  run: AsyncGenerator<E, R, void>,
  onEvent?: (event: E) => void,
): Promise<R> {
  for (;;) {
    const next = await run.next();
    if (next.done) return next.value;
    onEvent?.(next.value);
  }
}

function totalSteps<S, B>({ epochs, steps }: TrainOptions<S, B>, perEpoch: number): number {
  if ((epochs === undefined) === (steps === undefined))
    fail("train: say how long, with either { epochs } or { steps }");
  const total = steps ?? (epochs ?? 0) * perEpoch;
  if (Number.isInteger(total) && total >= 0) return total;
  fail(`train: ${steps ?? epochs} is no number of ${steps === undefined ? "epochs" : "steps"}`);
}

function checkOptions<S, B>({
  stopping,
  evaluate,
  evaluateEvery,
  checkEvery,
  checkpoint,
}: TrainOptions<S, B>): void {
  if (stopping !== undefined && evaluate === undefined)
    fail(`train: early stopping watches "${stopping.metric}", but there is no { evaluate }`);
  const counts = {
    evaluateEvery,
    checkEvery,
    everySteps: checkpoint?.everySteps,
    patience: stopping?.patience,
  };
  for (const [name, count] of Object.entries(counts)) {
    if (count !== undefined && !(Number.isInteger(count) && count >= 1))
      fail(`train: ${name} must be a whole number >= 1, got ${count}`);
  }
}

function lossOf(result: StepResult<unknown> | undefined): number {
  if (result?.loss instanceof NDArray && result.loss.size === 1 && result.state !== undefined)
    return result.loss.item();
  fail("train: the step must return { state, loss } with a scalar loss");
}

function advanced<S>(old: Progress<S>, state: S, loss: number, decay: number): Progress<S> {
  const { sum, weight } = old.average;
  return {
    ...old,
    state,
    average: { sum: decay * sum + (1 - decay) * loss, weight: decay * weight + (1 - decay) },
    losses: [...old.losses, loss].slice(-tailLength),
  };
}

function requireFinite<S>({ state, losses }: Progress<S>, place: Place): void {
  const where = firstNonFinite(state);
  if (where !== undefined) throw new DivergenceError(`${where} is not finite`, place, losses);
}

/** Numbers and arrays with one element, by name. */
function scalars(values: Readonly<Record<string, unknown>>): Metrics {
  const entries = Object.entries(values).flatMap(([name, value]): [string, number][] => {
    if (typeof value === "number") return [[name, value]];
    return value instanceof NDArray && value.size === 1 ? [[name, value.item()]] : [];
  });
  return Object.fromEntries(entries);
}
