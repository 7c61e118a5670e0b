/** Trainings from beginning to end: the method, imitation, and behaviour cloning to compare with. */
import {
  type CheckpointStore,
  DivergenceError,
  decodeState,
  encodeState,
  LearnError,
} from "@etude/learn";
import { array, jit, type MapLeaves, NDArray, type Tensor, zeros } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { checkConfig, imitationDefaults, learningDefaults, type OdiceConfig } from "./config.ts";
import {
  type PolicyActions,
  type PolicyParams,
  policyNetwork,
  type ValueParams,
  valueNetwork,
} from "./networks.ts";
import {
  gradientAt,
  initialState,
  type Networks,
  type OdiceState,
  odiceSteps,
  type StepMeasure,
  stepMeasures,
  type TransitionTensors,
} from "./training.ts";
import { checkTransitions, type Transitions } from "./transitions.ts";

/** What a training tells after each stretch of steps; means over that stretch. */
export type OdiceMetrics = Readonly<Record<StepMeasure, number>> & {
  /** Steps done, and how many there will be. */
  readonly step: number;
  readonly steps: number;
  /** Of the angle between forward and backward gradient, at the end of the stretch. */
  readonly cosine: number;
  /** c of eq. 9 there. */
  readonly conflict: number;
  /** What `evaluate` gave, if the stretch ended with an evaluation. */
  readonly evaluation?: number;
  /** Something the user should know. */
  readonly warning?: string;
};

export type PolicyArrays = MapLeaves<PolicyParams, NDArray>;
export type ValueArrays = MapLeaves<ValueParams, NDArray>;

/** Networks with their parameters. */
export interface Trained {
  readonly networks: Networks;
  readonly value: ValueArrays;
  readonly policy: PolicyArrays;
  /** One entry a stretch, from the first. */
  readonly history: readonly OdiceMetrics[];
}

export interface TrainingSurroundings {
  /** How many different actions a choice has; by default one more than the greatest logged number. */
  readonly actionCount?: number;
  /** Steps of one compiled call, and of one stretch of metrics: 100. */
  readonly stretch?: number;
  /** Where a long training keeps its state, to go on from. */
  readonly checkpoint?: CheckpointStore;
  /** Seconds between checkpoints: 60. A shorter training is repeated sooner than kept. */
  readonly checkpointSeconds?: number;
  /** Measures the policy every so many steps, such as its return in an environment. */
  readonly evaluate?: {
    readonly every: number;
    measure(networks: Networks, policy: PolicyArrays): Promise<number>;
  };
  /** What messages call the data. */
  readonly name?: string;
}

/** Rows on which the angle between the gradients is measured. */
const angleRows = 1024;

/** The networks a config asks for. */
export function networksFor(
  data: Transitions,
  config: OdiceConfig,
  actionCount?: number,
): Networks {
  const inputs = data.observation.shape[1];
  const actions = actionsOf(data, config.squash, actionCount);
  return {
    value: valueNetwork({
      inputs,
      hidden: config.valueHidden,
      normalise: config.normalise,
      twin: config.twin,
    }),
    policy: policyNetwork({ inputs, hidden: config.policyHidden, actions }),
  };
}

function actionsOf({ action }: Transitions, squash: boolean, count?: number): PolicyActions {
  if (action.dtype !== "int32")
    return { kind: "continuous", size: action.size / action.shape[0], squash };
  const logged = Array.from(action.data, Number).reduce((a, b) => Math.max(a, b), 0) + 1;
  if (count !== undefined && count < logged) {
    throw new UsageError(`the log has action ${logged - 1}, which is none of ${count} actions`);
  }
  return { kind: "discrete", count: count ?? Math.max(2, logged) };
}

export const arraysOf = (data: Transitions): MapLeaves<TransitionTensors, NDArray> => {
  const { observation, action, reward, nextObservation, terminal } = data;
  return { observation, action, reward, nextObservation, terminal };
};

/**
 * Trains a policy and a value on logged transitions. Nothing but the log is needed.
 *
 * Minibatches are drawn with replacement from all transitions; step t sees the same one whatever the
 * stretch. The same key gives the same numbers, also when a run goes on from a checkpoint.
 *
 * @param key uint32 [2], such as `random.key(0)`
 * @param config what differs from {@link learningDefaults}
 * @throws UsageError for a setting outside its range, DataError for bad data, DivergenceError when the
 * parameters leave the numbers
 * @example
 * const training = trainOdice(random.key(0), data, { lambda: 0.6, steps: 20_000 });
 * for (;;) {
 *   const next = await training.next();
 *   if (next.done) return next.value.policy;
 *   console.log(next.value.step, next.value.kept);
 * }
 */
export async function* trainOdice(
  key: NDArray,
  data: Transitions,
  changes: Partial<OdiceConfig> = {},
  surroundings: TrainingSurroundings = {},
): AsyncGenerator<OdiceMetrics, Trained, void> {
  const config: OdiceConfig = { ...learningDefaults, ...changes };
  const { stretch = 100, checkpoint, checkpointSeconds = 60 } = surroundings;
  const { evaluate, name, actionCount } = surroundings;
  checkConfig(config);
  checkTransitions(data, { squash: config.squash, ...(name !== undefined && { name }) });
  const networks = networksFor(data, config, actionCount);
  const initial = jit((key: Tensor) => initialState(networks, config, key));
  const run = jit((state: OdiceState, data: TransitionTensors, key: Tensor, steps: Tensor) =>
    odiceSteps(networks, config, state, data, key, steps),
  );
  const angle = jit((state: OdiceState, batch: TransitionTensors) => {
    const { cosine, conflict } = gradientAt(networks, config, state, batch);
    return [cosine, conflict];
  });
  const arrays = arraysOf(data);
  const sample = firstRows(data, angleRows);

  const course = `odice ${JSON.stringify(config)} ${stretch} ${data.observation.shape} ${key.data}`;
  const saved = await loadState(checkpoint, course);
  let state = saved?.state ?? (await initial(key));
  let step = saved?.step ?? 0;
  const history: OdiceMetrics[] = [...(saved?.history ?? [])];
  let savedAt = performance.now();
  // So many steps see as many rows as the log has.
  const pass = Math.ceil(data.reward.size / config.batchSize);
  let silent = saved?.silent ?? 0;

  while (step < config.steps) {
    const count = Math.min(stretch, config.steps - step);
    const numbers = Int32Array.from({ length: count }, (_, i) => step + i);
    const [next, means] = await run(state, arrays, key, array(numbers, { dtype: "int32" }));
    state = next;
    step += count;
    const measures = measuresOf(means);
    checkNumbers(measures, step, history);
    const before = silent;
    silent = measures.kept === 0 ? silent + count : 0;
    const [cosine, conflict] = await angle(state, sample);
    const isDue =
      evaluate !== undefined &&
      (step === config.steps ||
        Math.floor(step / evaluate.every) > Math.floor((step - count) / evaluate.every));
    const metrics: OdiceMetrics = {
      step,
      steps: config.steps,
      ...measures,
      cosine: cosine.item(),
      conflict: conflict.item(),
      ...(isDue && { evaluation: await evaluate.measure(networks, state.policy) }),
      ...(before < pass && silent >= pass && { warning: silentWarning(config) }),
    };
    history.push(metrics);
    if (checkpoint !== undefined && performance.now() - savedAt >= 1000 * checkpointSeconds) {
      await checkpoint.save(encodeState({ course, step, state, history, silent }));
      savedAt = performance.now();
    }
    yield metrics;
  }
  return { networks, value: state.value, policy: state.policy, history };
}

const silentWarning = ({ lambda }: OdiceConfig): string =>
  `no logged action had a positive weight for a whole pass through the log: lambda ${lambda} is too large for relu weights, so the policy does not learn; lower lambda or use conjugate weights`;

const measuresOf = ({ data }: NDArray): Record<StepMeasure, number> => ({
  objective: Number(data[stepMeasures.indexOf("objective")]),
  meanValue: Number(data[stepMeasures.indexOf("meanValue")]),
  kept: Number(data[stepMeasures.indexOf("kept")]),
  meanWeight: Number(data[stepMeasures.indexOf("meanWeight")]),
  policyLoss: Number(data[stepMeasures.indexOf("policyLoss")]),
});

function checkNumbers(
  measures: Record<StepMeasure, number>,
  step: number,
  history: readonly OdiceMetrics[],
): void {
  const bad = stepMeasures.find((name) => !Number.isFinite(measures[name]));
  if (bad === undefined) return;
  const losses = [...history.map(({ objective }) => objective), measures.objective];
  throw new DivergenceError(`${bad} is ${measures[bad]}`, { step, epoch: 0 }, losses);
}

interface Saved {
  readonly course: string;
  readonly step: number;
  readonly state: MapLeaves<OdiceState, NDArray>;
  readonly history: readonly OdiceMetrics[];
  readonly silent: number;
}

async function loadState(
  checkpoint: CheckpointStore | undefined,
  course: string,
): Promise<Saved | undefined> {
  const bytes = await checkpoint?.load();
  if (bytes === undefined) return undefined;
  const saved = decodeState(bytes) as Saved;
  if (saved.course === course) return saved;
  throw new LearnError("trainOdice: the checkpoint is of a training with other data or settings");
}

function firstRows(data: Transitions, most: number): MapLeaves<TransitionTensors, NDArray> {
  const n = data.reward.size;
  const count = Math.min(n, most);
  // Spread over the whole log, whose order is that of time.
  const rows = Int32Array.from({ length: count }, (_, i) => Math.floor((i * n) / count));
  const take = ({ data: values, shape, dtype }: NDArray): NDArray => {
    const width = values.length / n;
    const taken = values.slice(0, count * width);
    rows.forEach((row, i) => {
      taken.set(values.subarray(row * width, (row + 1) * width), i * width);
    });
    return new NDArray(taken, [count, ...shape.slice(1)], dtype);
  };
  const { observation, action, reward, nextObservation, terminal } = data;
  return {
    observation: take(observation),
    action: take(action),
    reward: take(reward),
    nextObservation: take(nextObservation),
    terminal: take(terminal),
  };
}

/**
 * Imitation of an expert from transitions alone: rewards are taken as 0, lambda is 0.4, and the mean of
 * a Gaussian policy goes through tanh. Observations should be standardised and actions lie in [-1, 1].
 */
export function imitate(
  key: NDArray,
  expert: Transitions,
  changes: Partial<OdiceConfig> = {},
  surroundings: TrainingSurroundings = {},
): AsyncGenerator<OdiceMetrics, Trained, void> {
  const silent = { ...expert, reward: zeros([expert.reward.size]) };
  return trainOdice(key, silent, { ...imitationDefaults, ...changes }, surroundings);
}
