/** How often classes are right. */
import { array, NDArray } from "@etude/tensor";
import { fail } from "../errors.ts";
import { bestOf, labelsOf, type Numbers, scoredRows } from "./arguments.ts";

const isScores = (predictions: Numbers): predictions is NDArray =>
  predictions instanceof NDArray && predictions.rank === 2 && predictions.shape[1] > 1;

/** Predicted classes, from scores [n, classes] by their largest entry. */
function classesOf(metric: string, predictions: Numbers, labels: Numbers): ArrayLike<number> {
  if (isScores(predictions)) {
    const scored = scoredRows(metric, predictions, labels);
    return Int32Array.from({ length: scored.rows }, (_, i) => bestOf(scored, i));
  }
  const predicted = labelsOf(metric, predictions, undefined, "predictions");
  const count = labelsOf(metric, labels).length;
  if (predicted.length !== count)
    fail(`${metric}: ${predicted.length} predictions and ${count} labels`);
  return predicted;
}

/**
 * The share of predictions that are right.
 *
 * @param predictions class indices [n], or scores [n, classes] of which the largest (the first of
 *   equals) counts
 * @param labels class indices [n]
 */
export function accuracy(predictions: Numbers, labels: Numbers): number {
  const predicted = classesOf("accuracy", predictions, labels);
  const actual = labelsOf("accuracy", labels);
  let hits = 0;
  for (let i = 0; i < actual.length; i++) if (predicted[i] === actual[i]) hits++;
  return hits / actual.length;
}

/**
 * The share of rows whose label is among the k largest scores. Scores equal to the label's count
 * before it, except those of later classes.
 *
 * @param scores [n, classes]
 * @param labels class indices [n]
 */
export function topKAccuracy(scores: NDArray, labels: Numbers, k: number): number {
  const scored = scoredRows("topKAccuracy", scores, labels);
  const { classes, rows } = scored;
  if (!Number.isInteger(k) || k < 1 || k > classes)
    fail(`topKAccuracy: k is ${k}, not a whole number from 1 to the ${classes} classes`);
  let hits = 0;
  for (let i = 0; i < rows; i++) {
    const label = scored.labels[i];
    const own = scored.scores[i * classes + label];
    let ahead = 0;
    for (let c = 0; c < classes; c++) {
      const score = scored.scores[i * classes + c];
      if (score > own || (score === own && c < label)) ahead++;
    }
    if (ahead < k) hits++;
  }
  return hits / rows;
}

/**
 * Counts [classes, classes] of labels (rows) that got predictions (columns), int32.
 *
 * @param predictions class indices [n], or scores [n, classes]
 * @param labels class indices [n]
 * @param classes how many there are; by default as many as scores have or as the largest index says
 */
export function confusionMatrix(
  predictions: Numbers,
  labels: Numbers,
  classes = isScores(predictions) ? predictions.shape[1] : undefined,
): NDArray {
  const predicted = classesOf("confusionMatrix", predictions, labels);
  const size =
    classes ?? 1 + Math.max(largest(predicted), largest(labelsOf("confusionMatrix", labels)));
  labelsOf("confusionMatrix", predicted, size, "predictions");
  const actual = labelsOf("confusionMatrix", labels, size);
  const counts = new Int32Array(size * size);
  for (let i = 0; i < actual.length; i++) counts[actual[i] * size + predicted[i]]++;
  return array(counts, { shape: [size, size] });
}

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, value) => Math.max(most, value), 0);

export interface AverageOptions {
  /**
   * "macro" (default): the mean over the classes that occur among labels or predictions, each
   * counting the same. "micro": of all decisions together. "binary": of class 1.
   */
  average?: "macro" | "micro" | "binary";
}

interface Counts {
  readonly hits: number;
  readonly predicted: number;
  readonly actual: number;
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

const scores = {
  precision: ({ hits, predicted }: Counts) => ratio(hits, predicted),
  recall: ({ hits, actual }: Counts) => ratio(hits, actual),
  f1: ({ hits, predicted, actual }: Counts) => ratio(2 * hits, predicted + actual),
} as const;

function countsOf(metric: string, predictions: Numbers, labels: Numbers): Counts[] {
  const predicted = classesOf(metric, predictions, labels);
  const matrix = confusionMatrix(predicted, labels);
  const [size] = matrix.shape;
  return Array.from({ length: size }, (_, c) => {
    let [ofRow, ofColumn] = [0, 0];
    for (let other = 0; other < size; other++) {
      ofRow += matrix.data[c * size + other];
      ofColumn += matrix.data[other * size + c];
    }
    return { hits: matrix.data[c * size + c], predicted: ofColumn, actual: ofRow };
  });
}

function averaged(
  metric: keyof typeof scores,
  predictions: Numbers,
  labels: Numbers,
  { average = "macro" }: AverageOptions = {},
): number {
  const counts = countsOf(metric, predictions, labels);
  const score = scores[metric];
  if (average === "binary") {
    if (counts.length > 2)
      fail(
        `${metric}: class ${counts.length - 1} is not binary; average "macro" or "micro" instead`,
      );
    return score(counts[1] ?? { hits: 0, predicted: 0, actual: 0 });
  }
  if (average === "micro") {
    const total = (of: (c: Counts) => number) => counts.reduce((sum, c) => sum + of(c), 0);
    return score({
      hits: total((c) => c.hits),
      predicted: total((c) => c.predicted),
      actual: total((c) => c.actual),
    });
  }
  const occurring = counts.filter(({ predicted, actual }) => predicted + actual > 0);
  return occurring.reduce((sum, c) => sum + score(c), 0) / occurring.length;
}

/** Of what was predicted to be a class, the share that is; 0 for a class never predicted. */
export const precision = (predictions: Numbers, labels: Numbers, options?: AverageOptions) =>
  averaged("precision", predictions, labels, options);

/** Of what is a class, the share that was predicted to be; 0 for a class that does not occur. */
export const recall = (predictions: Numbers, labels: Numbers, options?: AverageOptions) =>
  averaged("recall", predictions, labels, options);

/** The harmonic mean of {@link precision} and {@link recall}, taken for each class before averaging. */
export const f1 = (predictions: Numbers, labels: Numbers, options?: AverageOptions) =>
  averaged("f1", predictions, labels, options);
