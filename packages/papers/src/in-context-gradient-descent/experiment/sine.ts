/** Sine tasks: attention on learned features against a step of descent on learned features. */
import { array, evaluate, jit, lift, type NDArray, type Tensor } from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import { progress, type Running } from "../../contract/events.ts";
import { type Alignment, modelOf } from "../alignment.ts";
import { compileJudge, contestant } from "../contestants.ts";
import { featureDescentRegressor, featureRegressor, type Regressor } from "../regressors.ts";
import { studyKeys } from "../study.ts";
import { sampleSineTasks, type TaskSampler } from "../tasks.ts";
import { type HistoryEntry, type Trained, trainer } from "../training.ts";
import { watched } from "../watched.ts";
import type { Options } from "./options.ts";

export interface SineResult {
  /** "attention" and "features and GD", on the same tasks. */
  readonly losses: Readonly<Record<string, number>>;
  readonly alignment: Alignment<number>;
  readonly history: Readonly<Record<string, readonly HistoryEntry[]>>;
  /** One task: its context, and what each model says along the axis. */
  readonly example: {
    readonly x: readonly number[];
    readonly predictions: Readonly<Record<string, readonly number[]>>;
    readonly contextX: readonly number[];
    readonly contextY: readonly number[];
  };
}

/** Units of progress: two trainings, and comparing. */
export const unitsOfSine = 3;

/** Entries of a history that are kept. */
const keptEntries = 40;

export async function* measureSine(
  options: Options,
  context: RunContext,
  done: number,
  total: number,
): Running<SineResult> {
  const { contextLength } = options;
  const sampler: TaskSampler = (key, batch) => sampleSineTasks(key, batch, contextLength);
  const keys = await studyKeys(context.seed);
  const attention = featureRegressor({ inputSize: 1 });
  const descent = featureDescentRegressor({ inputSize: 1, contextLength });

  const training = <P>(
    regressor: Regressor<P>,
    name: string,
    learningRate: number,
    unit: number,
  ): Running<Trained<P>> =>
    context.step(`sine/${name}`, () => {
      const { sineSteps: steps, batch } = options;
      const fit = trainer(regressor, sampler, { steps, batch, learningRate, clipNorm: 100 });
      const checkpoint = context.checkpoints(`sine/${name}`);
      const place = { label: `sine: ${name}`, done: done + unit, total };
      return watched(fit({ key: keys.training, checkpoint }), steps, place, `sine, ${name}`);
    });
  const a = yield* training(attention, "attention", 1e-3, 0);
  const b = yield* training(descent, "features and GD", 3e-4, 1);

  yield progress(done + 2, total, "sine: comparing");
  const all = {
    attention: contestant(attention, a.params),
    "features and GD": contestant(descent, b.params),
  };
  const judged = yield* context.step("sine/measures", () =>
    compileJudge(all, sampler, {
      tasks: options.tasks,
      pairs: [["attention", "features and GD"]],
    })(keys.judge),
  );
  const example = yield* context.step("sine/example", async () => {
    const one = await evaluate(sampler(lift(keys.watch), 1));
    return {
      ...contextOf(one.tokens),
      x: gridPoints,
      predictions: {
        attention: await along(attention, a.params, one.tokens),
        "features and GD": await along(descent, b.params, one.tokens),
      },
    };
  });
  return {
    losses: judged.losses,
    alignment: judged.alignments[0],
    history: { attention: thinned(a.history), "features and GD": thinned(b.history) },
    example,
  };
}

/** About as many entries as are kept, evenly spread, the last among them. */
export function thinned(history: readonly HistoryEntry[]): HistoryEntry[] {
  const every = Math.max(1, Math.ceil(history.length / keptEntries));
  return history.filter((_, i) => (history.length - 1 - i) % every === 0);
}

const gridPoints = Array.from({ length: 61 }, (_, i) => -5 + i / 6);

const contextOf = ({ data, shape }: NDArray) => {
  const places = Array.from({ length: shape[1] - 1 }, (_, i) => 2 * i);
  return {
    contextX: places.map((at) => data[at]),
    contextY: places.map((at) => data[at + 1]),
  };
};

/** Predictions of a model with one context at every point of the grid. */
async function along<P>(
  regressor: Regressor<P>,
  params: Trained<P>["params"],
  { data, shape }: NDArray,
): Promise<number[]> {
  const query = shape[1] - 1;
  const tokens = Float32Array.from({ length: gridPoints.length * data.length }, (_, at) => {
    const [which, within] = [Math.floor(at / data.length), at % data.length];
    return within === 2 * query ? gridPoints[which] : data[within];
  });
  const run = jit((p: P, given: Tensor) => modelOf(regressor, p)(given));
  const given = array(tokens, { shape: [gridPoints.length, shape[1], 2] });
  return Array.from((await run(params as never, given as never)).data, Number);
}
