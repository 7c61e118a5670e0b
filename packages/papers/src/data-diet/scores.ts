/**
 * Scores of examples by how wrong the network's probabilities are: EL2N (section 2 of the paper) and
 * the other error scores of its code. Nothing here is trained; the network is one a few epochs into
 * training, in inference mode.
 */
import { DataError } from "@etude/data";
import type { NDArray } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

/** Scores computed from probabilities alone. */
export const errorScoreKinds = ["el2n", "l1", "maxMargin", "sumMargin"] as const;
export type ErrorScoreKind = (typeof errorScoreKinds)[number];

/** The error vector p - y of one example, by class, and the label's class. */
type Rule = (probabilities: ArrayLike<number>, label: number) => number;

const rules: Readonly<Record<ErrorScoreKind, Rule>> = {
  el2n: (p, label) => Math.sqrt(sum(p, (value, k) => (value - Number(k === label)) ** 2)),
  l1: (p, label) => sum(p, (value, k) => Math.abs(value - Number(k === label))),
  maxMargin: (p, label) => {
    let most = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < p.length; k++) if (k !== label) most = Math.max(most, p[k]);
    return most - p[label];
  },
  sumMargin: (p, label) => sum(p, (value, k) => (k === label ? 0 : value - p[label])),
};

function sum(p: ArrayLike<number>, of: (value: number, k: number) => number): number {
  let total = 0;
  for (let k = 0; k < p.length; k++) total += of(p[k], k);
  return total;
}

/**
 * Scores of examples from the probabilities p a network gives them, with one-hot labels y:
 *
 *     el2n        |p - y|_2                        from 0 to sqrt 2 (definition 3.2 of the paper)
 *     l1          |p - y|_1 = 2 (1 - p_label)      from 0 to 2
 *     maxMargin   max_{k != label} p_k - p_label   from -1 to 1
 *     sumMargin   sum_{k != label} (p_k - p_label) from 1 - C to 1
 *
 * @param probabilities [N, C], rows that sum to 1
 * @param labels [N], classes from 0
 * @throws DataError when a row does not sum to 1 within 0.001 (logits, perhaps), or a label is no class
 *
 * @example
 * const scores = errorScores("el2n", await probabilities(params, images), labels);
 */
export function errorScores(
  kind: ErrorScoreKind,
  probabilities: NDArray,
  labels: ArrayLike<number>,
): Float64Array {
  const [rows, classes] = probabilities.shape;
  if (probabilities.rank !== 2)
    throw new DataError(
      `${kind}: probabilities are [N, C], got [${probabilities.shape.join(", ")}]`,
    );
  checkLabels(kind, labels, rows, classes);
  const data = Float64Array.from(probabilities.data, Number);
  return Float64Array.from({ length: rows }, (_, i) => {
    const p = data.subarray(i * classes, (i + 1) * classes);
    checkDistribution(kind, p, i);
    return rules[kind](p, labels[i]);
  });
}

/** EL2N, the score of the paper: {@link errorScores} of kind "el2n". */
export const el2nScores = (probabilities: NDArray, labels: ArrayLike<number>): Float64Array =>
  errorScores("el2n", probabilities, labels);

function checkDistribution(kind: string, p: Float64Array, row: number): void {
  const total = sum(p, (value) => value);
  if (Math.abs(total - 1) <= 1e-3 && p.every((value) => value >= 0)) return;
  throw new DataError(
    `${kind}: row ${row} of the probabilities sums to ${total.toPrecision(4)} and has a least entry of ${Math.min(...p).toPrecision(3)}; give probabilities, not logits`,
  );
}

/** @throws DataError unless there is one label a row, each a class from 0 to C - 1 */
export function checkLabels(
  what: string,
  labels: ArrayLike<number>,
  rows: number,
  classes: number,
): void {
  if (labels.length !== rows)
    throw new DataError(`${what}: ${labels.length} labels for ${rows} examples`);
  for (let i = 0; i < rows; i++) {
    if (!(Number.isInteger(labels[i]) && labels[i] >= 0 && labels[i] < classes))
      throw new DataError(
        `${what}: label ${labels[i]} of example ${i} is no class from 0 to ${classes - 1}`,
      );
  }
}

/** Scores of several independent runs, and their mean. */
export interface RunScores {
  readonly mean: Float64Array;
  readonly perRun: readonly Float64Array[];
}

/**
 * The expectation in the definitions of the scores: the plain mean over runs that differ in their
 * start and in the order of the data. Ranks are taken of the mean; they are not averaged.
 *
 * An infinite score of one run (an example never learned) makes the mean infinite.
 *
 * @throws UsageError without a run or with runs of different length, DataError for a score that is NaN
 */
export function meanOverRuns(perRun: readonly Float64Array[]): Float64Array {
  if (perRun.length === 0) throw new UsageError("scores: the mean needs at least one run");
  const mean = new Float64Array(perRun[0].length);
  for (const scores of perRun) {
    if (scores.length !== mean.length)
      throw new UsageError(`scores: runs of ${mean.length} and ${scores.length} examples`);
    scores.forEach((score, i) => {
      if (Number.isNaN(score)) throw new DataError(`scores: that of example ${i} is NaN`);
      mean[i] += score / perRun.length;
    });
  }
  return mean;
}

/**
 * Train several networks and score a data set by each: the whole procedure of the paper.
 *
 * @param trainRun gives the network of a seed, some epochs into training
 * @param score scores every example by a network
 * @param options the seeds, or how many runs (10, which the authors recommend): seeds 0, 1, ...
 *
 * @example
 * const { mean } = await scoreDataset(trainRun, (params) => grandScores(net, params, images, labels));
 * const kept = selectSubset(mean, { kind: "keepMax", size: mean.length / 2 });
 */
export async function scoreDataset<P>(
  trainRun: (seed: number) => Promise<P>,
  score: (trained: P) => Promise<Float64Array>,
  options: { readonly runs?: number; readonly seeds?: readonly number[] } = {},
): Promise<RunScores> {
  const seeds = options.seeds ?? Array.from({ length: options.runs ?? 10 }, (_, run) => run);
  const perRun: Float64Array[] = [];
  for (const seed of seeds) perRun.push(await score(await trainRun(seed)));
  return { mean: meanOverRuns(perRun), perRun };
}
