/** Layers of attention trained on a family of tasks, and the gradient descents they are held against. */
import type { CheckpointStore } from "@etude/learn";
import { array, evaluate, jit, type NDArray, random, type Tensor } from "@etude/tensor";
import { type Place, progress, type Running } from "../contract/events.ts";
import type { AttentionLayer } from "./attention.ts";
import { type Contestant, type Contestants, compileJudge, contestant } from "./contestants.ts";
import { gdPlusPlusLayer, gradientDescentLayer } from "./descent.ts";
import { interpolate, type Products } from "./interpolation.ts";
import {
  attentionRegressor,
  type DescentParams,
  descentRegressor,
  type Regressor,
} from "./regressors.ts";
import type { TaskSampler } from "./tasks.ts";
import { type Held, type Trained, type TrainingOptions, trainer } from "./training.ts";
import { watched } from "./watched.ts";

/** What is trained, and on what. */
export interface Study {
  /** d */
  readonly inputSize: number;
  /** N */
  readonly contextLength: number;
  /** K */
  readonly layers: number;
  /** Whether all layers have the same weights. */
  readonly shared: boolean;
  readonly softmax: boolean;
  readonly heads: number;
  /** Tasks to train on. */
  readonly sampler: TaskSampler;
}

export type Layers = Held<readonly AttentionLayer[]>;

/** The two gradient descents of a study; GD++ from two layers on. */
export interface Descents {
  /** eta, chosen by a scan. */
  readonly stepSize: number;
  readonly plusPlus: Held<DescentParams> | null;
}

const sizeOf = ({ inputSize, contextLength, layers }: Study) => ({
  inputSize,
  contextLength,
  steps: layers,
});

/**
 * Learns what a descent leaves open on the tasks of training, from the scanned step: the step sizes and
 * gammas of GD++ (16), or a step size for each input.
 */
export async function* learnDescent(
  study: Study,
  kind: "GD++" | "preconditioned",
  stepSize: number,
  options: Pick<TrainingOptions, "steps" | "batch" | "learningRate">,
  key: NDArray,
  place: Place,
): Running<Held<DescentParams>> {
  const regressor = descentRegressor({
    ...sizeOf(study),
    ...(kind === "GD++"
      ? { shared: study.shared, gamma: stepSize / study.contextLength ** 2 }
      : { preconditioned: true }),
    stepSize,
  });
  const fit = trainer(regressor, study.sampler, {
    ...options,
    clipNorm: 10,
    decays: [0.9, 0.999],
  });
  return (yield* watched(fit({ key }), options.steps, place, kind)).params;
}

/** A gradient descent as a contestant: with what it has learned, if it has, else plain. */
export function descentContestant(
  study: Study,
  stepSize: number,
  learned: Held<DescentParams> | null = null,
): Contestant {
  if (learned === null) {
    const regressor = descentRegressor({ ...sizeOf(study), stepSize });
    return contestant(regressor, { stepSize: array([stepSize]) } as Held<DescentParams>);
  }
  const regressor = descentRegressor({
    ...sizeOf(study),
    shared: study.shared,
    stepSize,
    gamma: 0,
  });
  return contestant(regressor, learned);
}

export const layersRegressor = (study: Study): Regressor<readonly AttentionLayer[]> =>
  attentionRegressor({ ...study, keySize: study.inputSize + 1 });

/** Tasks on which models are compared while one of them is trained, at most. */
const watchedTasks = 2000;

export interface WatchedTraining extends TrainingOptions {
  readonly sampler: TaskSampler;
  readonly key: NDArray;
  /** How often to compare with the reference on the way. */
  readonly measurements: number;
  /** Tasks to compare on, at most 2000 of them, and their key. */
  readonly judged: {
    readonly sampler: TaskSampler;
    readonly key: NDArray;
    readonly tasks?: number;
  };
  readonly checkpoint?: CheckpointStore;
}

/**
 * Trains a regressor, and on the way compares it with another model: loss on other tasks, cosine and
 * distances (18) as metrics and in the history.
 */
export async function* trainBeside<P>(
  regressor: Regressor<P>,
  reference: Contestant,
  { sampler, key, measurements, judged, checkpoint, ...options }: WatchedTraining,
  place: Place,
  name: string,
): Running<Trained<P>> {
  yield progress(place.done, place.total, place.label);
  const initial = jit((drawn: Tensor) => regressor.init(drawn));
  const start = (await initial(key)) as Held<P>;
  const judge = compileJudge({ trained: contestant(regressor, start), reference }, judged.sampler, {
    tasks: Math.min(judged.tasks ?? watchedTasks, watchedTasks),
    pairs: [["trained", "reference"]],
  });
  const training = trainer(
    regressor,
    sampler,
    options,
  )({
    key,
    measurements,
    ...(checkpoint && { checkpoint }),
    measure: async (params) => {
      const { losses, alignments } = await judge(judged.key, {
        trained: contestant(regressor, params),
        reference,
      });
      return { "loss on other tasks": losses.trained, ...alignments[0] };
    },
  });
  return yield* watched(training, options.steps, place, name);
}

/** Whether weights can be compared as products: one linear layer with one head, used by all steps. */
export const hasProducts = ({ softmax, heads, shared, layers }: Study): boolean =>
  !softmax && heads === 1 && (shared || layers === 1);

/** The layer that its descent is: (8), or (14) with what GD++ has learned. */
export async function constructedLayer(
  study: Study,
  { stepSize, plusPlus }: Descents,
): Promise<AttentionLayer<NDArray>> {
  const { inputSize, contextLength } = study;
  const size = { inputSize, contextLength };
  const gamma = plusPlus?.gamma;
  return (await evaluate(
    plusPlus === null || gamma === undefined
      ? gradientDescentLayer({ ...size, stepSize })
      : gdPlusPlusLayer({ ...size, stepSize: plusPlus.stepSize.data[0], gamma: gamma.data[0] }),
  )) as AttentionLayer<NDArray>;
}

/** The trained layers, their descents and, where it exists, the layer half-way between (19). */
export async function contestantsOf(
  study: Study,
  trained: Layers,
  descents: Descents,
): Promise<Contestants> {
  const { stepSize, plusPlus } = descents;
  const regressor = layersRegressor(study);
  const middle = hasProducts(study)
    ? interpolate(trained[0] as AttentionLayer<NDArray>, await constructedLayer(study, descents), {
        inputSize: study.inputSize,
      })
    : undefined;
  return {
    trained: contestant(regressor, trained),
    GD: descentContestant(study, stepSize),
    ...(plusPlus !== null && { "GD++": descentContestant(study, stepSize, plusPlus) }),
    ...(middle !== undefined && {
      interpolated: contestant(regressor, [middle] as unknown as Layers),
    }),
  };
}

/** A matrix as rows of numbers. */
export const rowsOf = ({ data, shape: [rows, columns] }: NDArray): number[][] =>
  Array.from({ length: rows }, (_, i) =>
    Array.from(data.subarray(i * columns, (i + 1) * columns), Number),
  );

/** Products as plain numbers. */
export const plainProducts = ({ KQ, PV }: Products) => ({ KQ: rowsOf(KQ), PV: rowsOf(PV) });

/** The keys of a study, each for a purpose of its own. */
export async function studyKeys(
  seed: number,
): Promise<Record<"training" | "plusPlus" | "scan" | "judge" | "shifts" | "watch", NDArray>> {
  const key = random.key(seed);
  const of = (purpose: number) => random.foldIn(key, purpose);
  return evaluate({
    training: of(10),
    plusPlus: of(11),
    scan: of(12),
    judge: of(13),
    shifts: of(14),
    watch: of(15),
  });
}
