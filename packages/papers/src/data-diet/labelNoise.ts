/** Wrong labels, planted on purpose, and how well scores find them. */
import { auroc } from "@etude/learn";
import { random } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { ascendingOrder } from "./subsets.ts";

export interface NoisyLabels {
  readonly labels: Int32Array<ArrayBuffer>;
  /** Examples that were chosen, in random order. Some keep their label by chance. */
  readonly touched: Int32Array<ArrayBuffer>;
  /** 1 for examples whose label differs from before: what a detector can be asked to find. */
  readonly changed: Uint8Array<ArrayBuffer>;
}

/**
 * Permute the labels of a share of the examples among themselves, as the official code does: the
 * number of examples of each class stays, and some examples get a label equal to their own.
 *
 * @param fraction of the examples, from 0 to 1, rounded down to a number of examples
 * @throws UsageError for another fraction
 */
export function permuteLabels(
  labels: ArrayLike<number>,
  fraction: number,
  seed: number,
): NoisyLabels {
  const { touched, generator } = choose(labels, fraction, seed);
  const order = generator.permutation(touched.length);
  return replaced(labels, touched, (place) => labels[touched[order[place]]]);
}

/**
 * Give a share of the examples a label drawn evenly from all classes; one in C of them keeps its own.
 *
 * @throws UsageError for a fraction outside 0 to 1
 */
export function redrawLabels(
  labels: ArrayLike<number>,
  classes: number,
  fraction: number,
  seed: number,
): NoisyLabels {
  const { touched, generator } = choose(labels, fraction, seed);
  return replaced(labels, touched, () => generator.integer(classes));
}

function choose(labels: ArrayLike<number>, fraction: number, seed: number) {
  if (!(fraction >= 0 && fraction <= 1))
    throw new UsageError(`label noise: the fraction must lie in [0, 1], got ${fraction}`);
  const generator = random.generator(seed);
  const touched = generator.sample(labels.length, Math.floor(fraction * labels.length));
  return { touched, generator };
}

function replaced(
  before: ArrayLike<number>,
  touched: Int32Array<ArrayBuffer>,
  labelAt: (place: number) => number,
): NoisyLabels {
  const labels = Int32Array.from(before);
  touched.forEach((example, place) => {
    labels[example] = labelAt(place);
  });
  const changed = Uint8Array.from(labels, (label, i) => Number(label !== before[i]));
  return { labels, touched, changed };
}

export interface NoiseDetection {
  /** The probability that a changed example scores higher than another. */
  readonly auroc: number;
  /** The share of changed ones among the k highest scores. */
  readonly precisionAtK: number;
}

/**
 * How well scores tell the examples with wrong labels from the others.
 *
 * @param isNoisy 1 where the label is wrong (not merely touched)
 * @param k how many of the highest scores to look at; as many as are wrong where it is not given
 */
export function noiseDetection(
  scores: ArrayLike<number>,
  isNoisy: Uint8Array,
  k = isNoisy.reduce((sum, each) => sum + each, 0),
): NoiseDetection {
  const top = ascendingOrder(scores).slice(scores.length - k);
  const found = top.reduce((sum, example) => sum + isNoisy[example], 0);
  return { auroc: auroc(scores, isNoisy), precisionAtK: found / k };
}
