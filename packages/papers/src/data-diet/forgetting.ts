/**
 * Forgetting scores: how often an example that was right became wrong during training (Toneva et al.
 * 2019, "An empirical study of example forgetting during deep neural network learning",
 * arXiv:1812.05159; counted as the official code of the data diet does).
 */
import { UsageError } from "../contract/errors.ts";

/** What was seen of every example so far. */
export interface Forgetting {
  /** Whether it was right when it was last in a batch; 0 before. */
  readonly previous: Uint8Array;
  /** How often a right example was wrong the next time. */
  readonly forgotten: Int32Array;
  /** Whether it was ever right. */
  readonly learned: Uint8Array;
}

export const noForgetting = (examples: number): Forgetting => ({
  previous: new Uint8Array(examples),
  forgotten: new Int32Array(examples),
  learned: new Uint8Array(examples),
});

/**
 * Count a minibatch, in place: what the forward pass of the training step, before its update, got
 * right. Batches must come in the order in which they were trained on.
 *
 * @param examples whose they are
 * @param correct 1 where the prediction was the label, as many as examples
 * @throws UsageError when the two differ in length or an example does not exist
 */
export function observeBatch(
  { previous, forgotten, learned }: Forgetting,
  examples: ArrayLike<number>,
  correct: ArrayLike<number>,
): void {
  if (examples.length !== correct.length)
    throw new UsageError(
      `forgetting: ${examples.length} examples and ${correct.length} predictions`,
    );
  for (let place = 0; place < examples.length; place++) {
    const i = examples[place];
    if (!(i >= 0 && i < previous.length))
      throw new UsageError(
        `forgetting: there is no example ${i}; they are 0 to ${previous.length - 1}`,
      );
    const right = correct[place] ? 1 : 0;
    if (previous[i] > right) forgotten[i]++;
    previous[i] = right;
    if (right) learned[i] = 1;
  }
}

/** The scores so far; infinite for an example that was never right. */
export const forgettingScores = ({ forgotten, learned }: Forgetting): Float64Array =>
  Float64Array.from(forgotten, (count, i) => (learned[i] ? count : Number.POSITIVE_INFINITY));
