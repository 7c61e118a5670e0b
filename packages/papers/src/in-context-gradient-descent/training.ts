/** Training on fresh tasks: many steps of Adam in one compiled loop that also draws the tasks. */
import {
  adam,
  applyUpdates,
  type CheckpointStore,
  chain,
  clipByGlobalNorm,
  DivergenceError,
  decodeState,
  encodeState,
} from "@etude/learn";
import {
  array,
  iota,
  jit,
  type MapLeaves,
  type NDArray,
  random,
  scan,
  type Tensor,
  type TensorTree,
  valueAndGrad,
} from "@etude/tensor";
import { answer, type Regressor } from "./regressors.ts";
import { checkPositive, checkSize, type TaskSampler, type Tasks } from "./tasks.ts";

export interface TrainingOptions {
  readonly steps: number;
  /** Tasks of a step. */
  readonly batch: number;
  /** Of Adam. */
  readonly learningRate: number;
  /** Gradients are scaled down to this global norm. */
  readonly clipNorm: number;
  /** beta_1 and beta_2: 0.9 and 0.98. */
  readonly decays?: readonly [first: number, second: number];
  /** Steps of one compiled call: 50. Losses are means over it. */
  readonly stepsPerCall?: number;
}

/** Parameters as they are between calls. */
export type Held<P> = MapLeaves<P, NDArray>;

/** Where a training is; `loss` is the mean over the steps since the entry before. */
export interface HistoryEntry {
  readonly step: number;
  readonly loss: number;
  /** What `measure` gave, by name; empty between measurements. */
  readonly measured: Readonly<Record<string, number>>;
}

export interface Trained<P> {
  readonly params: Held<P>;
  readonly history: readonly HistoryEntry[];
}

export interface RunOptions<P> {
  /** Of the parameters and of all tasks. */
  readonly key: NDArray;
  /** Parameters to start from; drawn by the regressor otherwise. */
  readonly start?: Held<P>;
  readonly checkpoint?: CheckpointStore;
  /** Measured about this many times in all, and at the end: 0. */
  readonly measurements?: number;
  readonly measure?: (params: Held<P>) => Promise<Readonly<Record<string, number>>>;
}

/** Mean of half the squared error (3). */
export function halfSquaredError(prediction: Tensor, target: Tensor): Tensor {
  const error = prediction.sub(target);
  return error.mul(error).mean().div(2);
}

/** The same function draws parameters and tasks: their keys must differ. */
const purposes = { parameters: 1, tasks: 2 } as const;

/** Seconds between two checkpoints. */
const checkpointEvery = 15;

/**
 * A trainer of a regressor on tasks; compiled once, it may run from several keys.
 *
 * A step draws `batch` fresh tasks from a key of its own, fold(key, step), and follows the
 * clipped gradient of the loss (3) with Adam, without weight decay or schedule. What a step sees
 * depends on the key and its number alone, so a training that goes on from a checkpoint ends as one
 * that was never stopped.
 *
 * Yields where it is after every compiled call.
 *
 * @throws DivergenceError when the loss is not finite
 * @example
 * const fit = trainer(attentionRegressor({ inputSize: 10 }), linearSampler(task), options);
 * const { params } = await lastOf(fit({ key: random.key(0) }));
 */
export function trainer<P>(
  regressor: Regressor<P>,
  sampler: TaskSampler,
  options: TrainingOptions,
): (run: RunOptions<P>) => AsyncGenerator<HistoryEntry, Trained<P>, void> {
  const { steps, batch, learningRate, clipNorm, decays = [0.9, 0.98] } = options;
  const stepsPerCall = Math.min(options.stepsPerCall ?? 50, steps);
  checkSize("steps", steps);
  checkSize("batch", batch);
  checkSize("stepsPerCall", stepsPerCall);
  checkPositive("learningRate", learningRate);
  checkPositive("clipNorm", clipNorm);
  const [firstDecay, secondDecay] = decays;
  const optimiser = chain(
    clipByGlobalNorm(clipNorm),
    adam(learningRate, { firstDecay, secondDecay }),
  );

  type State = { params: TensorTree; optimiser: TensorTree };
  const loop = (length: number) =>
    jit((state: State, whole: Tensor, first: Tensor) => {
      const key = random.foldIn(whole, purposes.tasks);
      const [after, losses] = scan(
        (now: State, place: Tensor): [State, Tensor] => {
          const { tokens, target }: Tasks = sampler(random.foldIn(key, place), batch);
          const objective = (params: TensorTree): Tensor =>
            halfSquaredError(answer(regressor(params as P, tokens)), target);
          const [loss, gradient] = valueAndGrad(objective)(now.params);
          const next = optimiser.update(gradient, now.optimiser, now.params);
          return [{ params: applyUpdates(now.params, next.updates), optimiser: next.state }, loss];
        },
        state,
        iota(length, "uint32").add(first),
      );
      return { state: after, loss: losses.mean() };
    });
  const rest = steps % stepsPerCall;
  const [whole, partial] = [loop(stepsPerCall), loop(Math.max(rest, 1))];
  const initial = jit((key: Tensor) => {
    const params = regressor.init(random.foldIn(key, purposes.parameters)) as TensorTree;
    return { params, optimiser: optimiser.init(params) as TensorTree };
  });
  const optimiserFor = jit((params: TensorTree) => optimiser.init(params) as TensorTree);

  return async function* ({ key, start, checkpoint, measurements = 0, measure }) {
    type Saved = { step: number; state: Held<State>; history: HistoryEntry[] };
    const fresh = async (): Promise<Saved> => ({
      step: 0,
      state:
        start === undefined
          ? await initial(key)
          : {
              params: start as Held<TensorTree>,
              optimiser: await optimiserFor(start as Held<TensorTree>),
            },
      history: [],
    });
    const kept = await checkpoint?.load();
    let { step, state, history } =
      kept === undefined ? await fresh() : (decodeState(kept) as Saved);
    let savedAt = performance.now();
    const between = measurements > 0 ? steps / measurements : Number.POSITIVE_INFINITY;
    while (step < steps) {
      const count = Math.min(stepsPerCall, steps - step);
      const run = count === stepsPerCall ? whole : partial;
      const place = array([step], { shape: [], dtype: "uint32" });
      const { state: next, loss } = await run(state, key, place);
      const before = step;
      step += count;
      state = next;
      const value = loss.item();
      if (!Number.isFinite(value))
        throw new DivergenceError(
          `the loss is ${value}`,
          { step, epoch: 0 },
          history.slice(-16).map((entry) => entry.loss),
        );
      const isDue = Math.floor(step / between) > Math.floor(before / between) || step === steps;
      const measured = measure !== undefined && isDue ? await measure(state.params as Held<P>) : {};
      const entry = { step, loss: value, measured };
      history = [...history, entry];
      if (checkpoint !== undefined && performance.now() - savedAt > 1000 * checkpointEvery) {
        await checkpoint.save(encodeState({ step, state, history }));
        savedAt = performance.now();
      }
      yield entry;
    }
    return { params: state.params as Held<P>, history };
  };
}
