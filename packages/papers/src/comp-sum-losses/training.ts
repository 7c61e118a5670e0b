/** Training of a classifier on a loss, the way the paper trains: Nesterov momentum and a cosine. */
import {
  applyUpdates,
  type CheckpointStore,
  DivergenceError,
  exponentialMovingAverage,
  globalNorm,
  minibatches,
  type Net,
  sgd,
  train,
} from "@etude/learn";
import {
  array,
  evaluate,
  jit,
  type MapLeaves,
  type NDArray,
  random,
  type Tensor,
  type TensorTree,
  valueAndGrad,
} from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { checkClassNumbers, checkExamples, classCounter, type Examples } from "./examples.ts";
import type { CompSumOptions } from "./losses.ts";
import { onCompSum, onSmoothAdversarial, type TrainingLoss } from "./trainingLosses.ts";

/** What is compiled into a step. */
export interface TrainerOptions {
  /** 0.9, Nesterov's. */
  readonly momentum?: number;
  /** lambda of (16): times the parameters, it joins the gradient. 1e-4. */
  readonly weightDecay?: number;
  /** Decay of the average of the parameters over the steps, which is what comes out; 0 for none. 0. */
  readonly averaging?: number;
}

/** What may differ from fit to fit without compiling again. */
export interface FitOptions {
  /** At the first step; it falls along half a cosine to 0. */
  readonly learningRate: number;
  readonly epochs: number;
  readonly batchSize: number;
  /** Decides the initial parameters, the order of the data and all noise. */
  readonly seed: number;
  readonly signal?: AbortSignal;
  /** Where a long training is kept every minute, to go on from. */
  readonly checkpoint?: CheckpointStore;
}

export interface FitProgress {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
}

export interface Fit<P> {
  /** Null if the training diverged: the loss or a parameter was no longer finite. */
  readonly params: MapLeaves<P, NDArray> | null;
  /** Of the mean loss over a batch, one a step, in order; those that are not finite are left out. */
  readonly gradientNorms: readonly number[];
  readonly loss: number;
}

export type Trainer<P> = (
  examples: Examples,
  options: FitOptions,
) => AsyncGenerator<FitProgress, Fit<P>, void>;

type State = {
  params: TensorTree;
  optimiser: TensorTree;
  average: TensorTree;
  /** [steps done, steps in all, rate at the first step] */
  clock: Tensor;
};

/**
 * A trainer of a network on a loss. One step - scores, attack if there is one, loss, gradient,
 * update - is one compiled call; further fits with batches of the same shape do not compile again.
 * Batches are full: with fewer examples than a batch, all of them are the batch.
 *
 * A training that diverges ends with `params` null instead of an error: for tau < 1 that is part of
 * what the paper is about.
 *
 * @example
 * const fit = trainer(mlp([784, 128, 10]), onCompSum({ tau: 1.5 }));
 * const run = fit(examples, { learningRate: 0.1, epochs: 20, batchSize: 128, seed: 0 });
 * const { params } = await lastOf(run);
 */
export function trainer<P>(
  net: Net<P>,
  loss: TrainingLoss,
  { momentum = 0.9, weightDecay = 1e-4, averaging = 0 }: TrainerOptions = {},
): Trainer<P> {
  const optimiser = (rate: Tensor | number) =>
    sgd(rate, { momentum, nesterov: momentum > 0, weightDecay });
  const ema = averaging > 0 ? exponentialMovingAverage(averaging) : undefined;
  const objective = (params: P, x: Tensor, labels: Tensor, key: Tensor, done: Tensor): Tensor =>
    loss((z) => net(params, z), x, labels, { key, done }).mean();
  const step = jit((state: State, { inputs, labels }: Batch, key: Tensor) => {
    const [time, total, peak] = [0, 1, 2].map((place) => state.clock.slice(place));
    const done = time.div(total);
    const [value, gradient] = valueAndGrad(objective)(
      state.params as never,
      inputs,
      labels,
      key,
      done,
    );
    const rate = done.mul(Math.PI).cos().add(1).mul(peak.div(2));
    const next = optimiser(rate).update(gradient as TensorTree, state.optimiser, state.params);
    const params = applyUpdates(state.params, next.updates);
    return {
      state: {
        params,
        optimiser: next.state,
        average: ema === undefined ? {} : ema.update(state.average as never, params),
        clock: state.clock.add(array([1, 0, 0])),
      },
      loss: value,
      gradientNorm: globalNorm(gradient),
    };
  });
  const averageOf = jit((state: State) =>
    ema === undefined ? state.params : ema.value(state.average as never, state.params),
  );
  const initial = jit((key: Tensor) => net.init(key));
  const classesOf = classCounter(net);

  return async function* (examples, { learningRate, epochs, batchSize, seed, signal, checkpoint }) {
    checkExamples(examples);
    if (!(learningRate > 0 && Number.isFinite(learningRate)))
      throw new UsageError(`the learning rate must be positive, got ${learningRate}`);
    const count = examples.labels.size;
    const size = Math.min(batchSize, count);
    const steps = epochs * Math.floor(count / size);
    const params = (await initial(await evaluate(random.key(seed)))) as MapLeaves<P, NDArray>;
    checkClassNumbers(examples, await classesOf(params, examples));
    const model = {
      params,
      optimiser: optimiser(0).init(params),
      average: ema === undefined ? {} : ema.init(params),
      clock: array([0, steps, learningRate]),
    } as unknown as MapLeaves<State, NDArray>;
    // Norms are part of the state, so that a training that goes on from a checkpoint has them all.
    let norms = array(new Float32Array(steps));
    let last = { step: 0, loss: Number.NaN };
    const run = train({
      step: async (state: Noted, batch: MapLeaves<Batch, NDArray>, key) => {
        const { state: next, loss, gradientNorm } = await step(state.model, batch, key);
        const place = next.clock.data[0] - 1;
        return { state: { model: next, norms: noted(state.norms, place, gradientNorm) }, loss };
      },
      state: { model, norms },
      batches: minibatches(
        { inputs: examples.inputs, labels: examples.labels },
        { batchSize: size },
      ),
      epochs,
      seed,
      signal,
      ...(checkpoint && { checkpoint: { store: afterAMinute(checkpoint), everySeconds: 60 } }),
    });
    const gradientNorms = (): number[] =>
      Array.from(norms.data.subarray(0, last.step), Number).filter((norm) => norm < largestNorm);
    try {
      for (;;) {
        const next = await run.next();
        if (next.done) {
          signal?.throwIfAborted();
          const { state } = next.value;
          norms = state.norms;
          last = { ...last, step: next.value.step };
          const trained = ema === undefined ? state.model.params : await averageOf(state.model);
          const found = trained as MapLeaves<P, NDArray>;
          return { params: found, gradientNorms: gradientNorms(), loss: last.loss };
        }
        if (next.value.kind !== "step") continue;
        last = next.value;
        norms = (next.value.result.state as Noted).norms;
        yield { step: last.step, steps, loss: last.loss };
      }
    } catch (error) {
      if (!(error instanceof DivergenceError)) throw error;
      return { params: null, gradientNorms: gradientNorms(), loss: Number.NaN };
    }
  };
}

/** A training of less than a minute is repeated sooner than kept. */
function afterAMinute({ load, save }: CheckpointStore): CheckpointStore {
  const began = performance.now();
  return {
    load,
    save: async (bytes) => {
      if (performance.now() - began >= 60_000) await save(bytes);
    },
  };
}

type Noted = { model: MapLeaves<State, NDArray>; norms: NDArray };

/** Stands for a norm that is not finite, which would be taken for a parameter that is not. */
const largestNorm = 2 ** 126;

function noted({ data }: NDArray, place: number, norm: NDArray): NDArray {
  const next = Float32Array.from(data);
  const value = norm.item();
  next[place] = value < largestNorm ? value : largestNorm;
  return array(next);
}

type Batch = { inputs: Tensor; labels: Tensor };

/** Train once on a comp-sum loss; see {@link trainer}, which trains again without compiling again. */
export const trainCompSum = <P>(
  net: Net<P>,
  examples: Examples,
  options: FitOptions & TrainerOptions & CompSumOptions,
): AsyncGenerator<FitProgress, Fit<P>, void> =>
  trainer(net, onCompSum(options), options)(examples, options);

/** Train once by ADV-COMP-SUM (16): see `onSmoothAdversarial` for the loss. */
export const trainAdvCompSum = <P>(
  net: Net<P>,
  examples: Examples,
  options: FitOptions & TrainerOptions & Parameters<typeof onSmoothAdversarial>[0],
): AsyncGenerator<FitProgress, Fit<P>, void> =>
  trainer(net, onSmoothAdversarial(options), options)(examples, options);
