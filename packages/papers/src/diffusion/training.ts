/** Training of denoisers: label dropout, an average of the parameters, many steps in one compiled call. */
import {
  adam,
  applyUpdates,
  type CheckpointStore,
  chain,
  clipByGlobalNorm,
  cosineSchedule,
  exponentialMovingAverage,
  train,
} from "@etude/learn";
import {
  type ArrayTree,
  jit,
  lift,
  type NDArray,
  random,
  scan,
  type Tensor,
  type TensorTree,
  valueAndGrad,
  where,
} from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { type Place, progress, type Running } from "../contract/events.ts";
import type { ConditionalNet } from "./conditionalNet.ts";
import { perSample } from "./model.ts";
import type { NoisePath } from "./noisePaths.ts";
import { type PredictionKind, predictionOf } from "./predictions.ts";

export interface DenoiserTraining {
  readonly path: NoisePath;
  /** What the network learns to predict. */
  readonly kind: PredictionKind;
  readonly steps: number;
  readonly batchSize: number;
  /** At first; falls to 0 along half a cosine. */
  readonly learningRate: number;
  /** Share of the labels replaced by the empty condition. */
  readonly dropLabels: number;
  /** Of the moving average of the parameters. */
  readonly averageDecay: number;
  /** Largest norm of a gradient; none by default. */
  readonly clip?: number;
  readonly seed: number;
}

/** What training carries from step to step. */
interface State {
  params: TensorTree;
  optimiser: TensorTree;
  average: TensorTree;
}

/** x float32 [N, ...], labels int32 [N]. */
export interface LabelledSamples {
  readonly x: NDArray;
  readonly labels: NDArray;
}

/** At most so many steps in one call: the work of about a second, so that it can be watched. */
const mostAtOnce = 50;

/** The largest number of steps a call that leaves none over. */
export function stepsAtOnce(steps: number, most = mostAtOnce): number {
  for (let size = Math.min(steps, most); size > 1; size--) if (steps % size === 0) return size;
  return 1;
}

/**
 * Trains a network to predict `kind` on a path:
 *
 *     minimise E |net(a x_0 + b e, t, c) - prediction(x_0, e, t)|^2,    t from the path, e normal,
 *
 * with examples drawn with replacement, the label c replaced by the empty one with probability
 * `dropLabels` (Ho and Salimans 2022, algorithm 1), Adam, and the exponential moving average of the
 * parameters as the result. The same seed gives the same bits; with a store it goes on where it stopped.
 *
 * @param metric the name of the loss in the events
 * @returns the averaged parameters, and the loss averaged over the last steps
 */
export async function* trainDenoiser(
  net: ConditionalNet,
  { x, labels }: LabelledSamples,
  training: DenoiserTraining,
  place: Place,
  { metric, checkpoint }: { metric?: string; checkpoint?: CheckpointStore } = {},
): Running<{ params: ArrayTree; loss: number }> {
  const { path, kind, steps, batchSize, dropLabels, averageDecay, seed } = training;
  if (!Number.isInteger(steps) || steps < 1)
    throw new UsageError(`training steps must be a whole number from 1, got ${steps}`);
  if (!(dropLabels >= 0 && dropLabels < 1))
    throw new UsageError(`dropLabels must lie in [0, 1), got ${dropLabels}`);
  const [count] = x.shape;
  const average = exponentialMovingAverage(averageDecay);
  const rate = adam(cosineSchedule(training.learningRate, steps));
  const optimiser =
    training.clip === undefined ? rate : chain(clipByGlobalNorm(training.clip), rate);

  const start = jit((key: Tensor): State => {
    const params = net.init(key);
    return {
      params,
      optimiser: optimiser.init(params) as unknown as TensorTree,
      average: average.init(params) as unknown as TensorTree,
    };
  });
  const size = stepsAtOnce(steps);
  const advance = jit((state: State, data: { x: Tensor; labels: Tensor }, key: Tensor) => {
    const one = (held: State, stepKey: Tensor): [State, Tensor] => {
      const [rowKey, timeKey, noiseKey, dropKey] = random.split(stepKey, 4);
      const rows = random.randint(rowKey, [batchSize], 0, count);
      const sample = data.x.gather(rows);
      const dropped = random.bernoulli(dropKey, dropLabels, [batchSize]);
      const kept = where(dropped, lift(net.classes, "int32"), data.labels.gather(rows));
      const t = path.draw(timeKey, batchSize);
      const levels = path.levels(t);
      const noise = random.normal(noiseKey, sample.shape);
      const noisy = sample
        .mul(perSample(levels.signal, sample))
        .add(noise.mul(perSample(levels.noise, sample)));
      const target = predictionOf(kind, sample, noise, levels);
      const [loss, gradients] = valueAndGrad((params: TensorTree) => {
        const apart = net.apply(params, noisy, t, kept).sub(target);
        return apart.mul(apart).mean();
      })(held.params);
      const { updates, state: next } = optimiser.update(gradients, held.optimiser, held.params);
      const params = applyUpdates(held.params, updates);
      const averaged = average.update(held.average as never, params) as unknown as TensorTree;
      return [{ params, optimiser: next, average: averaged }, loss];
    };
    const [next, losses] = scan(one as never, state, random.splitKeys(key, size)) as unknown as [
      State,
      Tensor,
    ];
    return { state: next, loss: losses.mean() };
  });
  const averaged = jit((state: State) => average.value(state.average as never, state.params));

  const calls = steps / size;
  const run = train({
    step: advance as never,
    state: (await start(random.key(seed))) as unknown as ArrayTree,
    // The step draws its own examples: an epoch is one call over all of them.
    batches: { examples: 1, batchSize: 1, take: () => ({ x, labels }) },
    steps: calls,
    seed,
    checkEvery: Math.max(1, Math.min(10, calls)),
    checkpoint: checkpoint === undefined ? undefined : { store: checkpoint, everySeconds: 20 },
  });
  for (;;) {
    const next = await run.next();
    if (next.done) {
      const params = (await averaged(next.value.state as never)) as unknown as ArrayTree;
      return { params, loss: next.value.smoothedLoss };
    }
    const event = next.value;
    if (event.kind !== "step") continue;
    if (metric !== undefined)
      yield { type: "metric", name: metric, step: event.step * size, value: event.loss };
    const label = `${place.label}, step ${event.step * size} of ${steps}`;
    yield progress(place.done + event.step / calls, place.total, label);
  }
}
