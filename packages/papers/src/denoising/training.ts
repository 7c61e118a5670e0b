/** Training of a blind denoiser: equally many updates, whatever the size of the set. */
import {
  adam,
  applyUpdates,
  type Batches,
  type CheckpointStore,
  piecewiseSchedule,
  takeRows,
  train,
} from "@etude/learn";
import {
  jit,
  type MapLeaves,
  type NDArray,
  random,
  type Tensor,
  type TensorTree,
  valueAndGrad,
} from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { type Place, progress, type Running } from "../contract/events.ts";
import {
  checkImageShape,
  type DenoiserOptions,
  initDenoiser,
  type TrainedDenoiser,
} from "./denoiser.ts";
import { checkIntensities } from "./images.ts";
import type { DenoiserParams, DenoiserState } from "./layers.ts";
import { denoisingLoss } from "./noise.ts";

export interface TrainOptions {
  /** Adam steps. */
  readonly updates: number;
  /** Images in a batch: 512 in the paper. */
  readonly batch: number;
  /** Learning rate at first: 1e-3. */
  readonly rate?: number;
  /** Shares of the updates after which the rate is halved: 0.6, 0.75 and 0.9. */
  readonly halvings?: readonly number[];
  /**
   * Images of an epoch: a smaller set is repeated to so many before it is shuffled, so that every
   * size of set is seen in the same way. 4096 by default, or all images if there are more.
   */
  readonly epochImages?: number;
  /** Decides start, order, levels and noise. */
  readonly seed: number;
}

/** What a training tells and where it keeps its state. */
export interface TrainSurroundings {
  readonly signal?: AbortSignal;
  readonly checkpoint?: CheckpointStore;
  /** The training as a part of a larger run. */
  readonly place?: Place;
  /** The name under which the smoothed loss is told, if it is. */
  readonly metric?: string;
}

interface TrainState {
  params: DenoiserParams;
  state: DenoiserState;
  optimiser: TensorTree;
}

/** Updates between two events, and seconds between two checkpoints. */
const eventEvery = 5;
const checkpointSeconds = 20;

/**
 * Train a denoiser on images [N, C, H, W] in [0, 1] by Adam on the loss of equation 14.
 *
 * @throws UsageError for intensities outside [0, 1], sides that do not fit the network, NaN, or a
 * rate or count that makes no sense
 * @throws DivergenceError when the loss is not finite
 */
export async function* trainDenoiser(
  options: DenoiserOptions,
  images: NDArray,
  settings: TrainOptions,
  { signal, checkpoint, place, metric }: TrainSurroundings = {},
): Running<TrainedDenoiser> {
  checkIntensities(images);
  checkImageShape(options, images.shape);
  const { updates, batch, rate = 1e-3, halvings = [0.6, 0.75, 0.9], seed } = settings;
  for (const [name, count] of Object.entries({ updates, batch })) {
    if (!Number.isInteger(count) || count < 1)
      throw new UsageError(`${name}: ${count} is no whole number from 1`);
  }
  if (!(rate > 0)) throw new UsageError(`rate: ${rate} is not positive`);
  const [count] = images.shape;
  if (count < 1) throw new UsageError("images: there is none to train on");
  const examples = Math.max(count, batch, settings.epochImages ?? 4096);

  const { start, step } = compileTraining(options, updates, rate, halvings);
  const { label, done, total } = place ?? { label: "training", done: 0, total: 1 };
  const batches: Batches<NDArray> = {
    examples,
    batchSize: batch,
    take: (rows) =>
      takeRows(
        images,
        rows.map((row) => row % count),
      ),
  };
  const running = train({
    step,
    state: await start(random.key(seed)),
    batches,
    steps: updates,
    seed,
    ...(checkpoint && { checkpoint: { store: checkpoint, everySeconds: checkpointSeconds } }),
    ...(signal && { signal }),
  });
  for (;;) {
    const next = await running.next();
    if (next.done) {
      signal?.throwIfAborted();
      const { params, state } = next.value.state;
      return { options, params, state };
    }
    const event = next.value;
    if (event.kind !== "step" || (event.step % eventEvery !== 0 && event.step !== updates))
      continue;
    yield progress(done + event.step / updates, total, label);
    if (metric !== undefined)
      yield { type: "metric", name: metric, step: event.step, value: event.smoothedLoss };
  }
}

/** The start and the step of trainings that differ in their images and seeds only: compiled once. */
const compiled = new Map<string, ReturnType<typeof makeTraining>>();

function compileTraining(
  options: DenoiserOptions,
  updates: number,
  rate: number,
  halvings: readonly number[],
): ReturnType<typeof makeTraining> {
  const key = JSON.stringify([options, updates, rate, halvings]);
  const known = compiled.get(key) ?? makeTraining(options, updates, rate, halvings);
  compiled.set(key, known);
  return known;
}

function makeTraining(
  options: DenoiserOptions,
  updates: number,
  rate: number,
  halvings: readonly number[],
) {
  const optimiser = adam(halvedRate(updates, rate, halvings));
  const asTree = (params: DenoiserParams) => params;
  const start = jit((key: Tensor): TrainState => {
    const { params, state } = initDenoiser(random.foldIn(key, 0), options);
    return { params, state, optimiser: optimiser.init(asTree(params)) };
  });
  const update = jit((before: TrainState, clean: Tensor, key: Tensor) => {
    const lossOf = (params: DenoiserParams): [Tensor, DenoiserState] => {
      const { loss, state } = denoisingLoss(options, params, before.state, clean, key);
      return [loss, state];
    };
    const [[loss, state], gradients] = valueAndGrad(lossOf, { hasAux: true })(before.params);
    const params = asTree(before.params);
    const next = optimiser.update(asTree(gradients), before.optimiser, params);
    const after: TrainState = {
      params: applyUpdates(params, next.updates) as unknown as DenoiserParams,
      state,
      optimiser: next.state,
    };
    return { state: after, loss };
  });
  const step = (state: MapLeaves<TrainState, NDArray>, clean: NDArray, key: NDArray) =>
    update(state, clean, key);
  return { start, step };
}

/** The rate, halved after each of these shares of the updates. */
export function halvedRate(updates: number, rate: number, halvings: readonly number[]) {
  const wrong = halvings.find((share, i) => !(share > (halvings[i - 1] ?? 0) && share < 1));
  if (wrong !== undefined)
    throw new UsageError(
      `halvings: shares must ascend between 0 and 1, got ${halvings.join(", ")}`,
    );
  const pieces = new Map([[0, rate]]);
  halvings.forEach((share, i) => {
    pieces.set(Math.round(share * updates), rate / 2 ** (i + 1));
  });
  return piecewiseSchedule([...pieces]);
}
