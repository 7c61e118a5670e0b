/** The training loop. */
import { NDArray, random } from "@etude/tensor";
import { type Batches, batchesPerEpoch, epochOrder } from "./batches.ts";
import type { CheckpointStore } from "./checkpointStore.ts";
import { DivergenceError, firstNonFinite } from "./divergence.ts";
import { type Best, beginning, decodeProgress, encodeProgress, type Progress } from "./progress.ts";

/** Numbers by name. */
export type Metrics = Readonly<Record<string, number>>;

/**
 * One step: a jitted function. The key (uint32 [2]) is for this step's random numbers, a function of
 * the seed and the number of the step; a step that needs none does not take it.
 */
export type TrainStep<S, B> = (state: S, batch: B, key: NDArray) => Promise<StepResult<S>>;

/** The next state, the loss before the step, and whatever else; scalars among that become metrics. */
export type StepResult<S> = { state: S; loss: NDArray } & { [name: string]: unknown };

/** Stop when an evaluation's metric has not improved for so many evaluations. */
export interface EarlyStopping {
  /** Name among the metrics of `evaluate`. */
  metric: string;
  /** Evaluations without improvement after which to stop. */
  patience: number;
  /** Which way is better: "min" by default. */
  mode?: "min" | "max";
  /** Smaller improvements do not count: 0. */
  minimumImprovement?: number;
  /** End with the state of the best evaluation, and not the last: true. */
  restoreBest?: boolean;
}

export interface TrainOptions<S, B> {
  step: TrainStep<NoInfer<S>, NoInfer<B>>;
  /** Parameters, optimiser state and all else that steps carry on: a tree of arrays. */
  state: S;
  batches: Batches<B>;
  /** How long: so many passes through the data, or so many steps. */
  epochs?: number;
  steps?: number;
  /** Decides the order of the data and the keys of the steps: 0. */
  seed?: number;
  evaluate?: (
    state: S,
    place: { step: number; epoch: number },
  ) => Promise<Readonly<Record<string, number | NDArray>>> | Readonly<Record<string, number>>;
  /** Steps between evaluations: an epoch. There is one at the end in any case. */
  evaluateEvery?: number;
  stopping?: EarlyStopping;
  /**
   * Where to keep checkpoints and how often. A run whose store holds one goes on from there. There is
   * one at the end and at an abort in any case.
   */
  checkpoint?: { store: CheckpointStore; everySteps?: number; everySeconds?: number };
  /** A loss above this counts as divergence, as NaN and infinity always do. */
  maximumLoss?: number;
  /** Steps between looks for NaN and infinity in the state: 100. Checkpoints are always looked at. */
  checkEvery?: number;
  /** Decay of the moving average of the loss: 0.98. */
  smoothing?: number;
  /** Ends the run after the step under way, with a checkpoint. */
  signal?: AbortSignal;
}

interface Place {
  /** Steps done, from 1 on. */
  readonly step: number;
  /** The epoch of that step, from 0 on. */
  readonly epoch: number;
}

export type TrainEvent<S> =
  | ({ readonly kind: "resumed" } & Place)
  | ({
      readonly kind: "step";
      /** The step's batch in its epoch, from 0 on. */
      readonly batch: number;
      readonly loss: number;
      /** Moving average of the loss, to show. */
      readonly smoothedLoss: number;
      /** Other scalars that the step returned. */
      readonly metrics: Metrics;
      /** All that the step returned. */
      readonly result: StepResult<S>;
    } & Place)
  | ({
      readonly kind: "evaluation";
      readonly metrics: Metrics;
      /** Whether it is the best so far, if early stopping watches. */
      readonly isBest: boolean;
      readonly state: S;
    } & Place)
  | ({ readonly kind: "checkpoint"; readonly bytes: number } & Place);

export interface TrainResult<S> extends Place {
  /** The last state, or the best one if early stopping restores it. */
  readonly state: S;
  /** "finished" all steps, "stopped" early, "aborted" by the signal. */
  readonly reason: "finished" | "stopped" | "aborted";
  readonly smoothedLoss: number;
  /** The best evaluation, if early stopping watches. */
  readonly best: Best<S> | null;
}

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
 * @throws {Error} if the checkpoint in the store is of another run, or damaged
 *
 * @example
 * const run = train({
 *   step: jit((state: State, batch: Batch) => { ...; return { state: next, loss, accuracy }; }),
 *   state: { params, optimiser: optimiser.init(params) },
 *   batches: minibatches({ images, labels }, { batchSize: 128 }),
 *   epochs: 10,
 *   seed: 1,
 *   checkpoint: { store: fileCheckpoints("checkpoint"), everySeconds: 60 },
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
  const placeOf = (step: number): Place => ({ step, epoch: Math.floor((step - 1) / perEpoch) });
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

  let order = { epoch: -1, examples: new Int32Array() };
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
    throw new TypeError("train: say how long, with either { epochs } or { steps }");
  const total = steps ?? (epochs ?? 0) * perEpoch;
  if (Number.isInteger(total) && total >= 0) return total;
  throw new RangeError(
    `train: ${steps ?? epochs} is no number of ${steps === undefined ? "epochs" : "steps"}`,
  );
}

function checkOptions<S, B>({
  stopping,
  evaluate,
  evaluateEvery,
  checkEvery,
  checkpoint,
}: TrainOptions<S, B>): void {
  if (stopping !== undefined && evaluate === undefined)
    throw new TypeError(
      `train: early stopping watches "${stopping.metric}", but there is no { evaluate }`,
    );
  const counts = {
    evaluateEvery,
    checkEvery,
    everySteps: checkpoint?.everySteps,
    patience: stopping?.patience,
  };
  for (const [name, count] of Object.entries(counts)) {
    if (count !== undefined && !(Number.isInteger(count) && count >= 1))
      throw new RangeError(`train: ${name} must be a whole number >= 1, got ${count}`);
  }
}

function lossOf(result: StepResult<unknown> | undefined): number {
  if (result?.loss instanceof NDArray && result.loss.size === 1 && result.state !== undefined)
    return result.loss.item();
  throw new TypeError("train: the step must return { state, loss } with a scalar loss");
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

/** The progress after an evaluation: the best one so far, or another strike. */
function judged<S>(
  old: Progress<S>,
  metrics: Metrics,
  stopping: EarlyStopping | undefined,
): Progress<S> {
  if (stopping === undefined) return old;
  const { metric, mode = "min", minimumImprovement = 0, patience } = stopping;
  const value = metrics[metric];
  if (value === undefined) {
    throw new RangeError(
      `train: early stopping watches "${metric}", evaluate returned ${Object.keys(metrics).join(", ") || "nothing"}`,
    );
  }
  const gain =
    old.best === null
      ? Number.POSITIVE_INFINITY
      : mode === "min"
        ? old.best.value - value
        : value - old.best.value;
  if (gain > minimumImprovement)
    // not so for NaN
    return { ...old, strikes: 0, best: { step: old.step, value, metrics, state: old.state } };
  return { ...old, strikes: old.strikes + 1, stopped: old.strikes + 1 >= patience };
}

const bestState = <S>(progress: Progress<S>, stopping: EarlyStopping | undefined): S =>
  stopping !== undefined && (stopping.restoreBest ?? true) && progress.best !== null
    ? progress.best.state
    : progress.state;
