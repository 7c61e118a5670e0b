/** One method on the log of a grid world, from training to what its policy does. */
import type { CheckpointStore } from "@etude/learn";
import { random } from "@etude/tensor";
import { type Place, progress, type Running } from "../contract/events.ts";
import { cellAfter, everyCell, type GridWorld } from "../environments/index.ts";
import { type Cloned, cloneBehaviour } from "./cloning.ts";
import { learningDefaults, type OdiceConfig } from "./config.ts";
import type { WeightRule } from "./conjugate.ts";
import {
  type GridInput,
  type GridPolicyMeasures,
  gridLog,
  meanOver,
  measureActions,
  observationsOf,
} from "./gridData.ts";
import { act, valuesOf } from "./inspect.ts";
import type { Options } from "./options.ts";
import { type OdiceMetrics, type Trained, trainOdice } from "./trainOdice.ts";
import type { GradientRule } from "./valueGradient.ts";

export type GridMethod = "cloning" | GradientRule;

export interface GridTask {
  readonly grid: GridWorld;
  readonly input: GridInput;
  readonly method: GridMethod;
  readonly weights: WeightRule;
  readonly eta: number;
}

export interface CurvePoint {
  readonly step: number;
  readonly meanValue: number;
  readonly cosine: number;
  readonly kept: number;
}

/** What V says; behaviour cloning has none. */
export interface GridValues {
  /** V of each cell. */
  readonly values: readonly number[];
  /** Means over the cells; of the void NaN where there is none. */
  readonly safe: number;
  readonly void: number;
  /** Mean of V(void cell) - V(safe cell) over all moves from one into the other. */
  readonly gap: number;
  /** Correlation with minus the distance to the goal, over the safe cells. */
  readonly correlation: number;
  /** Mean cosine of forward and backward gradient over the training. */
  readonly cosine: number;
  /** Share of logged actions with a positive weight, at the end. */
  readonly kept: number;
  readonly curve: readonly CurvePoint[];
}

export interface GridRun extends GridPolicyMeasures {
  /** The greedy action in each cell. */
  readonly actions: readonly number[];
  readonly values: GridValues | null;
}

export const configOf = (options: Options, task: GridTask): Partial<OdiceConfig> => ({
  ...learningDefaults,
  rule: task.method === "cloning" ? "semi" : task.method,
  weights: task.weights,
  lambda: options.lambda,
  eta: task.eta,
  gamma: options.gamma,
  steps: options.steps,
  batchSize: options.batchSize,
  valueRate: options.rate,
  policyRate: options.rate,
  policyDecay: 0,
  targetRate: options.targetRate,
  valueHidden: options.hidden,
  policyHidden: options.hidden,
  normalise: false,
  twin: options.twin,
});

/**
 * Trains one method on the log of a seed and measures its policy and its values. Log, initial networks
 * and minibatches of a seed are the same for all methods.
 */
export async function* gridRun(
  task: GridTask,
  options: Options,
  { seed, place, checkpoint }: { seed: number; place: Place; checkpoint: CheckpointStore },
): Running<GridRun> {
  const { grid, input, method } = task;
  const data = gridLog(grid, seed, { episodes: options.episodes, input });
  const config = configOf(options, task);
  const key = random.key(seed);
  const cells = observationsOf(everyCell, input);
  const surroundings = { actionCount: 4, name: `log of the ${grid.environment.name}`, checkpoint };
  const measured = async (trained: Cloned): Promise<GridPolicyMeasures & { actions: number[] }> => {
    const actions = Array.from((await act(trained, cells)).data, Number);
    const { slipEpisodes: episodes, slips } = options;
    return { actions, ...(await measureActions(grid, actions, { episodes, slips, seed })) };
  };
  if (method === "cloning") {
    const cloned = yield* told(cloneBehaviour(key, data, config, surroundings), place);
    return { ...(await measured(cloned)), values: null };
  }
  const trained = yield* told(trainOdice(key, data, config, surroundings), place);
  const policy = await measured(trained);
  const values = Array.from(await valuesOf(trained, cells), Number);
  return { ...policy, values: valuesOn(grid, values, trained.history) };
}

/** A training's metrics as events. */
async function* told<R>(
  training: AsyncGenerator<
    { step: number; steps: number; policyLoss: number } | OdiceMetrics,
    R,
    void
  >,
  { label, done, total }: Place,
): Running<R> {
  for (;;) {
    const next = await training.next();
    if (next.done) return next.value;
    const metrics = next.value;
    const { step } = metrics;
    yield progress(done + step / metrics.steps, total, label);
    if (!("cosine" in metrics)) {
      yield { type: "metric", name: `policy loss, ${label}`, step, value: metrics.policyLoss };
      continue;
    }
    yield { type: "metric", name: `mean V, ${label}`, step, value: metrics.meanValue };
    yield { type: "metric", name: `cosine, ${label}`, step, value: metrics.cosine };
    yield { type: "metric", name: `share kept, ${label}`, step, value: metrics.kept };
  }
}

function valuesOn(
  { safeCells, voidCells, distances, isVoid }: GridWorld,
  values: readonly number[],
  history: Trained["history"],
): GridValues {
  const entries = safeCells.flatMap((cell) =>
    [0, 1, 2, 3]
      .map((action) => cellAfter(cell, action))
      .filter(isVoid)
      .map((next) => values[next] - values[cell]),
  );
  const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
  return {
    values,
    safe: meanOver(values, safeCells),
    void: meanOver(values, voidCells),
    gap: mean(entries),
    correlation: correlationOf(
      safeCells.map((cell) => values[cell]),
      safeCells.map((cell) => -distances[cell]),
    ),
    cosine: mean(history.map(({ cosine }) => cosine)),
    kept: history.at(-1)?.kept ?? Number.NaN,
    curve: history.map(({ step, meanValue, cosine, kept }) => ({ step, meanValue, cosine, kept })),
  };
}

function correlationOf(a: readonly number[], b: readonly number[]): number {
  const mean = (numbers: readonly number[]) => numbers.reduce((x, y) => x + y, 0) / numbers.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  const product = mean(a.map((x, i) => (x - meanA) * (b[i] - meanB)));
  const deviation = (x: readonly number[], m: number) =>
    Math.sqrt(mean(x.map((y) => (y - m) ** 2)));
  return product / (deviation(a, meanA) * deviation(b, meanB));
}
