/** Layers of attention on linear tasks, against gradient descent of the same depth. */
import { evaluate, jit, type NDArray, type Tensor } from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import { progress, type Running } from "../../contract/events.ts";
import type { Alignment } from "../alignment.ts";
import { type AttentionLayer, predict } from "../attention.ts";
import { type Curves, compileJudge, shiftedLosses } from "../contestants.ts";
import { gradientDescentLayer } from "../descent.ts";
import { largestOffDiagonal, normalisedProducts } from "../interpolation.ts";
import { chooseStart, type Start, startKey } from "../starts.ts";
import { scanStepSize } from "../stepSize.ts";
import {
  contestantsOf,
  type Descents,
  descentContestant,
  hasProducts,
  type Layers,
  layersRegressor,
  learnDescent,
  plainProducts,
  type Study,
  studyKeys,
  trainBeside,
} from "../study.ts";
import { type LinearTask, linearSampler, sampleShiftedTasks } from "../tasks.ts";
import { type HistoryEntry, halfSquaredError } from "../training.ts";
import { architectureOf, type LinearPart, type Options, scheduleOf } from "./options.ts";

/** What one seed measured of one trained model. */
export interface LinearResult {
  readonly part: LinearPart;
  /** Chosen for gradient descent. */
  readonly stepSize: number;
  /** The starts that were tried, by their losses, and which was trained on. */
  readonly start: Start;
  /** Learned for GD++, for each step or for all; null for one layer, where inputs are never read again. */
  readonly plusPlus: {
    readonly stepSizes: readonly number[];
    readonly gammas: readonly number[];
  } | null;
  /** On the same tasks: "trained", "GD", and as far as they exist "GD++" and "interpolated". */
  readonly losses: Readonly<Record<string, number>>;
  readonly withDescent: Alignment<number>;
  readonly withPlusPlus: Alignment<number> | null;
  /** During training; measured: loss and alignment with GD++ or GD on the same 2000 tasks. */
  readonly history: readonly HistoryEntry[];
  /** Of the trained layer, normalised; null for softmax and for layers of their own. */
  readonly products: {
    readonly KQ: readonly (readonly number[])[];
    readonly PV: readonly (readonly number[])[];
    readonly offDiagonal: number;
  } | null;
  readonly ranges: Curves;
  readonly scales: Curves;
  /** Inputs of other distributions, at norms of the context. */
  readonly otherInputs: Curves;
  /** Losses after 1, 2, ... damped applications; for one linear layer, else null. */
  readonly iterated: Curves | null;
}

/** 0.5, 0.53, ... 2: ranges of inputs over those of training. */
export const rangeFactors = Array.from({ length: 51 }, (_, i) => 0.5 + 0.03 * i);
/** 0.5, 0.6, ... 5: scales of weights over those of training. */
export const scaleFactors = Array.from({ length: 46 }, (_, i) => 0.5 + 0.1 * i);
/** Norms of a context of other distributions. */
export const otherNorms = Array.from({ length: 10 }, (_, i) => 0.5 + 0.5 * i);

/** Units of progress of a part: a step, GD++, starts, training, comparing. */
export const unitsOfLinear = 5;

export const taskOf = (options: Options): LinearTask => ({
  inputSize: options.inputSize,
  contextLength: options.contextLength,
  inputRange: options.inputRange,
  weightScale: options.weightScale,
});

export async function* measureLinear(
  part: LinearPart,
  options: Options,
  context: RunContext,
  done: number,
  total: number,
): Running<LinearResult> {
  const task = taskOf(options);
  const sampler = linearSampler(task);
  const study: Study = { ...task, ...architectureOf(part), sampler };
  const keys = await studyKeys(context.seed);
  const place = (unit: number, label: string) => ({
    label: `${part}: ${label}`,
    done: done + unit,
    total,
  });
  const say = (unit: number, label: string) => progress(done + unit, total, `${part}: ${label}`);

  yield say(0, "the step of gradient descent");
  const { stepSize } = yield* context.step(`${part}/step`, () =>
    scanStepSize(sampler, { key: keys.scan, tasks: options.scanTasks, steps: study.layers }),
  );
  const plusPlus =
    study.layers === 1
      ? null
      : yield* context.step(`${part}/GD++`, () => {
          const { plusSteps: steps, batch, plusRate: learningRate } = options;
          const training = { steps, batch, learningRate };
          return learnDescent(study, "GD++", stepSize, training, keys.plusPlus, place(1, "GD++"));
        });
  const descents: Descents = { stepSize, plusPlus };
  const regressor = layersRegressor(study);
  const schedule = { ...scheduleOf(part, options), sampler, batch: options.batch };
  const start = yield* context.step(`${part}/starts`, () => {
    const { starts, startSteps } = options;
    const tried = { ...schedule, starts, startSteps, key: keys.training };
    return chooseStart(regressor, tried, place(2, "starts"));
  });
  const key = await startKey(keys.training, start.chosen);
  const trained = yield* context.step(`${part}/training`, () =>
    trainBeside(
      regressor,
      descentContestant(study, stepSize, plusPlus),
      {
        ...schedule,
        key,
        measurements: options.measurements,
        judged: { sampler, key: keys.watch },
        checkpoint: context.checkpoints(`${part}/training`),
      },
      place(3, "training"),
      part,
    ),
  );
  yield say(4, "comparing");
  const measured = yield* context.step(`${part}/measures`, () =>
    compare(study, task, trained.params, descents, options, keys),
  );
  return {
    part,
    stepSize,
    start,
    plusPlus: plusPlus && {
      stepSizes: Array.from(plusPlus.stepSize.data, Number),
      gammas: Array.from(plusPlus.gamma?.data ?? [], Number),
    },
    history: trained.history.filter((_, i, all) => isKept(i, all)),
    ...measured,
  };
}

/** Entries with measurements, and the last. */
const isKept = (i: number, all: readonly HistoryEntry[]): boolean =>
  i === all.length - 1 || Object.keys(all[i].measured).length > 0;

async function compare(
  study: Study,
  task: LinearTask,
  trained: Layers,
  descents: Descents,
  options: Options,
  keys: Awaited<ReturnType<typeof studyKeys>>,
) {
  const all = await contestantsOf(study, trained, descents);
  const sampler = linearSampler(task);
  const hasPlus = descents.plusPlus !== null;
  const judge = compileJudge(all, sampler, {
    tasks: options.tasks,
    pairs: [["trained", "GD"], ...(hasPlus ? ([["trained", "GD++"]] as const) : [])],
  });
  const { losses, alignments } = await judge(keys.judge);
  const shifted = { key: keys.shifts, tasks: options.shiftTasks };
  const ranges = await shiftedLosses(all, sampler, {
    ...shifted,
    shift: "inputs",
    factors: rangeFactors,
  });
  const scales = await shiftedLosses(all, sampler, {
    ...shifted,
    shift: "weights",
    factors: scaleFactors,
  });
  // With contexts of norm 1 the factors are the norms.
  const otherInputs = await shiftedLosses(
    all,
    (key, batch) => sampleShiftedTasks(key, batch, { ...task, inputRange: 1 }),
    { ...shifted, shift: "inputs", factors: otherNorms },
  );
  const isIterated = study.layers === 1 && hasProducts(study);
  const layer = trained[0] as AttentionLayer<NDArray>;
  const products = hasProducts(study)
    ? normalisedProducts(layer, { inputSize: study.inputSize })
    : null;
  return {
    losses,
    withDescent: alignments[0],
    withPlusPlus: alignments[1] ?? null,
    products: products && {
      ...plainProducts(products),
      offDiagonal: largestOffDiagonal(products, study.inputSize),
    },
    ranges,
    scales,
    otherInputs,
    iterated: isIterated
      ? await iterate(study, layer, descents.stepSize, options, keys.shifts)
      : null,
  };
}

/** lambda of (21). */
const damping = 0.75;

/** Depth extrapolation (21): the trained layer over and over, against as many shorter steps. */
async function iterate(
  study: Study,
  trained: AttentionLayer<NDArray>,
  stepSize: number,
  { iterations, shiftTasks }: Options,
  key: NDArray,
): Promise<Curves> {
  const { inputSize, contextLength, sampler } = study;
  const run = jit((layer: AttentionLayer, drawn: Tensor) => {
    const { tokens, target } = sampler(drawn, Math.min(shiftTasks, 5000));
    const options = { depth: iterations, yUpdateOnly: true, dampening: damping };
    return predict([layer], tokens, options).map((p) => halfSquaredError(p.squeeze(-1), target));
  });
  const descent = (await evaluate(
    gradientDescentLayer({ inputSize, contextLength, stepSize }),
  )) as AttentionLayer<NDArray>;
  const lossesOf = async (layer: AttentionLayer<NDArray>): Promise<number[]> =>
    (await run(layer, key)).map((loss) => loss.item());
  return { trained: await lossesOf(trained), GD: await lossesOf(descent) };
}
