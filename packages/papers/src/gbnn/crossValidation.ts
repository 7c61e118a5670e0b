/** How the paper chooses settings: a grid, by cross-validation inside each training fold. */
import { gatherRows, kFold, type Split, stratifiedKFold } from "@etude/data";
import type { NDArray } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { fitGbnn } from "./boosting.ts";
import type { GbnnConfig } from "./config.ts";
import type { Task } from "./losses.ts";
import { isBetter, stagedScores } from "./staged.ts";

/** Values to try, by the name of the setting. */
export type Grid = { readonly [K in keyof GbnnConfig]?: readonly GbnnConfig[K][] };

/** The grid of the official code: 80 combinations. */
export const paperGrid: Grid = {
  unitsPerStep: [1, 2, 3, 4],
  subsample: [0.25, 0.5, 0.75, 1],
  learningRate: [0.025, 0.05, 0.1, 0.5, 1],
};

/** All combinations of a grid, the last setting changing fastest. */
export const combinations = (grid: Grid): Partial<GbnnConfig>[] =>
  Object.entries(grid).reduce<Partial<GbnnConfig>[]>(
    (settings, [name, values]) =>
      settings.flatMap((setting) => values.map((value) => ({ ...setting, [name]: value }))),
    [{}],
  );

/** x [n, d] with y [n]. */
export interface Examples {
  readonly x: NDArray;
  readonly y: NDArray;
}

export const selectExamples = ({ x, y }: Examples, rows: Int32Array): Examples => ({
  x: gatherRows(x, rows),
  y: gatherRows(y, rows),
});

/** k shuffled folds, with the classes spread evenly over them where there are classes. */
export const foldsOf = (task: Task, { y }: Examples, k: number, seed: number): Split[] =>
  task === "regression" ? kFold(y.size, k, seed) : stratifiedKFold(y, k, seed);

/**
 * Accuracy or RMSE on held-out examples, a mean over splits.
 *
 * @param onFit called after each split with how many are done
 */
export async function heldOutScore(
  examples: Examples,
  splits: readonly Split[],
  task: Task,
  config: GbnnConfig,
  onFit?: (done: number) => void,
): Promise<number> {
  let sum = 0;
  for (const [i, split] of splits.entries()) {
    const train = selectExamples(examples, split.train);
    const test = selectExamples(examples, split.test);
    const model = await fitGbnn(train.x, train.y, task, config);
    const stages = await stagedScores(model, test.x, test.y);
    sum += stages[stages.length - 1].score;
    onFit?.(i + 1);
  }
  return sum / splits.length;
}

export interface OuterFold {
  /** The combination with the best mean score over the inner folds; of equals the first. */
  readonly chosen: Partial<GbnnConfig>;
  /** Mean score of every combination, in the order of {@link combinations}. */
  readonly inner: readonly number[];
  /** Of the chosen one, trained on the whole training fold: accuracy or RMSE on the test fold. */
  readonly score: number;
}

export interface CvReport {
  readonly task: Task;
  readonly folds: readonly OuterFold[];
  /** Mean and sample standard deviation of the scores over the outer folds. */
  readonly mean: number;
  readonly deviation: number;
}

/**
 * Nested cross-validation as in the paper: `outer` shuffled folds, stratified for classes, and inside
 * each training fold a search over the grid with `inner` folds.
 *
 * @param onFit called after each fit of the search with how many of how many are done
 * @throws UsageError for a setting without values
 * @example await crossValidateGbnn(x, y, "binary", paperGrid, 10, 10, 1);
 */
export async function crossValidateGbnn(
  x: NDArray,
  y: NDArray,
  task: Task,
  grid: Grid,
  outer: number,
  inner: number,
  seed: number,
  onFit?: (done: number, total: number) => void,
): Promise<CvReport> {
  const settings = combinations(grid);
  if (settings.length === 0)
    throw new UsageError("the grid is empty: every setting it names needs at least one value");
  const examples = { x, y };
  const folds: OuterFold[] = [];
  let fits = 0;
  const count = () => onFit?.(++fits, outer * inner * settings.length);
  for (const split of foldsOf(task, examples, outer, seed)) {
    const train = selectExamples(examples, split.train);
    const splits = foldsOf(task, train, inner, seed);
    const scores: number[] = [];
    for (const setting of settings)
      scores.push(await heldOutScore(train, splits, task, { ...setting, seed }, count));
    const best = bestOf(task, scores);
    const chosen = settings[best];
    const score = await heldOutScore(examples, [split], task, { ...chosen, seed });
    folds.push({ chosen, inner: scores, score });
  }
  return { task, folds, ...spread(folds.map(({ score }) => score)) };
}

/** The position of the best score; of equals the first. */
export const bestOf = (task: Task, scores: readonly number[]): number =>
  scores.reduce((best, score, i) => (isBetter(task, score, scores[best]) ? i : best), 0);

function spread(scores: readonly number[]): { mean: number; deviation: number } {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const squares = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (scores.length - 1)) };
}
