/** Models of different kinds, with their parameters, side by side on the same tasks. */
import {
  array,
  concat,
  evaluate,
  jit,
  type MapLeaves,
  type NDArray,
  random,
  scan,
  type Tensor,
  type TensorTree,
} from "@etude/tensor";
import { type Alignment, alignment, lossOf, modelOf } from "./alignment.ts";
import type { Regressor } from "./regressors.ts";
import { checkPositive, checkSize, type TaskSampler } from "./tasks.ts";
import type { Held } from "./training.ts";

/** A regressor with its parameters. */
export interface Contestant {
  readonly regressor: Regressor<TensorTree>;
  readonly params: MapLeaves<TensorTree, NDArray>;
}

export const contestant = <P>(regressor: Regressor<P>, params: Held<P>): Contestant => ({
  // Parameters only ever go to the regressor they came with.
  regressor: regressor as Regressor<unknown> as Regressor<TensorTree>,
  params: params as MapLeaves<TensorTree, NDArray>,
});

/** Contestants by name. */
export type Contestants = Readonly<Record<string, Contestant>>;

const paramsOf = (all: Contestants): Record<string, MapLeaves<TensorTree, NDArray>> =>
  Object.fromEntries(Object.entries(all).map(([name, { params }]) => [name, params]));

const modelsOf = (all: Contestants, params: Readonly<Record<string, TensorTree>>) =>
  Object.fromEntries(
    Object.entries(all).map(([name, { regressor }]) => [name, modelOf(regressor, params[name])]),
  );

/** Loss of every contestant on the same tasks, and how alike some pairs of them are. */
export interface Judged {
  readonly losses: Readonly<Record<string, number>>;
  readonly alignments: readonly Alignment<number>[];
}

/**
 * A judge of contestants: draws tasks, always the same for a key, and measures loss (3) and alignment
 * (18). Compiled once, it may judge other parameters of the same contestants.
 *
 * @param pairs names of those to be compared
 */
export function compileJudge(
  all: Contestants,
  sampler: TaskSampler,
  { tasks, pairs }: { tasks: number; pairs: readonly (readonly [string, string])[] },
): (key: NDArray, contestants?: Contestants) => Promise<Judged> {
  checkSize("tasks", tasks);
  const run = jit((params: Record<string, TensorTree>, key: Tensor) => {
    const { tokens, target } = sampler(key, tasks);
    const models = modelsOf(all, params);
    return {
      losses: Object.fromEntries(
        Object.entries(models).map(([name, model]) => [name, lossOf(model, tokens, target)]),
      ),
      alignments: pairs.map(([a, b]) => alignment(models[a], models[b], tokens)),
    };
  });
  return async (key, contestants = all) => {
    const { losses, alignments } = await run(paramsOf(contestants), key);
    return {
      losses: Object.fromEntries(Object.entries(losses).map(([name, loss]) => [name, loss.item()])),
      alignments: alignments.map(({ cosine, modelDifference, predictionDifference }) => ({
        cosine: cosine.item(),
        modelDifference: modelDifference.item(),
        predictionDifference: predictionDifference.item(),
      })),
    };
  };
}

/** What is scaled outside of what training saw: inputs (targets follow), or the hidden weights. */
export type Shift = "inputs" | "weights";

/** Losses at each factor, by contestant. */
export type Curves = Readonly<Record<string, readonly number[]>>;

/**
 * Losses out of distribution (20): the same linear tasks with inputs, or hidden weights, times each of
 * `factors`.
 *
 * @throws UsageError for a factor that is not positive
 */
export async function shiftedLosses(
  all: Contestants,
  sampler: TaskSampler,
  options: {
    readonly key: NDArray;
    readonly tasks: number;
    readonly shift: Shift;
    readonly factors: readonly number[];
  },
): Promise<Curves> {
  const { key, tasks, shift, factors } = options;
  for (const factor of factors) checkPositive("the scale of a shift", factor);
  const names = Object.keys(all);
  const run = jit((params: Record<string, TensorTree>, drawn: Tensor, scales: Tensor) => {
    const { tokens, target } = sampler(drawn, tasks);
    const models = modelsOf(all, params);
    const [, losses] = scan(
      (none: readonly never[], scale: Tensor): [readonly never[], Tensor[]] => {
        const moved = shift === "inputs" ? tokens.mul(scale) : scaledTargets(tokens, scale);
        return [none, names.map((name) => lossOf(models[name], moved, target.mul(scale)))];
      },
      [] as readonly never[],
      scales,
    );
    return losses;
  });
  const losses = await run(paramsOf(all), key, array(factors));
  return Object.fromEntries(names.map((name, i) => [name, Array.from(losses[i].data)]));
}

/** Tokens whose last entry alone is scaled; inputs scale with targets, which are linear in them. */
function scaledTargets(tokens: Tensor, scale: Tensor): Tensor {
  const width = tokens.shape[2];
  const [x, y] = [
    tokens.slice(null, null, [0, width - 1]),
    tokens.slice(null, null, [width - 1, width]),
  ];
  return concat([x, y.mul(scale)], -1);
}

/** A key for a purpose of its own. */
export const keyFor = async (key: NDArray, purpose: number): Promise<NDArray> =>
  evaluate(random.foldIn(key, purpose));
