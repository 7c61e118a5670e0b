/** How well scores put what belongs to a class before what does not. */
import { NDArray } from "@etude/tensor";
import { fail } from "../errors.ts";
import { labelsOf, type Numbers, pairsOf, scoredRows } from "./arguments.ts";
import { ascending, averageRanks } from "./ranks.ts";

function binary(
  metric: string,
  scores: Numbers,
  labels: Numbers,
): { values: ArrayLike<number>; isPositive: boolean[]; positives: number } {
  const [values] = pairsOf(metric, ["scores", "labels"], scores, labels);
  const isPositive = Array.from(labelsOf(metric, labels, 2), (label) => label === 1);
  return { values, isPositive, positives: isPositive.filter(Boolean).length };
}

const isMatrix = (scores: Numbers): scores is NDArray =>
  scores instanceof NDArray && scores.rank === 2 && scores.shape[1] > 1;

/**
 * The area under the receiver operating characteristic: the probability that a positive example
 * scores higher than a negative one, where ties count one half (the Mann-Whitney statistic).
 *
 * @param scores [n] for labels 0 and 1, any increasing function of the probability of 1; or [n,
 *   classes] for the mean of every class against the rest
 * @param labels [n]
 * @param options with [n, classes] "macro" (default) counts every class the same, "weighted" by how
 *   often it occurs
 * @throws if a class has no example or nothing else has one: the area is not defined.
 */
export function auroc(
  scores: Numbers,
  labels: Numbers,
  { average = "macro" }: { average?: "macro" | "weighted" } = {},
): number {
  if (isMatrix(scores)) return oneAgainstRest(scores, labels, average);
  const { values, isPositive, positives } = binary("auroc", scores, labels);
  return areaOf(values, isPositive, positives, "1");
}

function areaOf(
  values: ArrayLike<number>,
  isPositive: readonly boolean[],
  positives: number,
  name: string,
): number {
  const negatives = values.length - positives;
  if (positives === 0 || negatives === 0) {
    fail(
      `auroc: ${positives === 0 ? "no" : "every"} label is ${name}; the area needs examples of both sides`,
    );
  }
  const rankSum = averageRanks(values).reduce(
    (sum, rank, i) => (isPositive[i] ? sum + rank : sum),
    0,
  );
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

function oneAgainstRest(scores: NDArray, labels: Numbers, average: "macro" | "weighted"): number {
  const { scores: values, labels: actual, rows, classes } = scoredRows("auroc", scores, labels);
  let [total, weights] = [0, 0];
  for (let c = 0; c < classes; c++) {
    const column = Float64Array.from({ length: rows }, (_, i) => values[i * classes + c]);
    const isPositive = Array.from({ length: rows }, (_, i) => actual[i] === c);
    const count = isPositive.filter(Boolean).length;
    const weight = average === "weighted" ? count : 1;
    total += weight * areaOf(column, isPositive, count, `class ${c}`);
    weights += weight;
  }
  return total / weights;
}

/**
 * Average precision: the precision at every threshold, weighted by the recall it adds,
 * sum_t (R_t - R_{t-1}) P_t. Examples of equal score pass a threshold together.
 *
 * @param scores [n]
 * @param labels [n], 0 or 1
 * @throws if no label is 1.
 */
export function averagePrecision(scores: Numbers, labels: Numbers): number {
  const { values, isPositive, positives } = binary("averagePrecision", scores, labels);
  if (positives === 0) fail("averagePrecision: no label is 1; there is nothing to recall");
  const order = ascending(values).reverse();
  let [hits, total] = [0, 0];
  for (let start = 0; start < order.length; ) {
    let [stop, found] = [start, 0];
    while (stop < order.length && values[order[stop]] === values[order[start]]) {
      if (isPositive[order[stop]]) found++;
      stop++;
    }
    hits += found;
    total += (found / positives) * (hits / stop);
    start = stop;
  }
  return total;
}
