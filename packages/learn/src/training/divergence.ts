/** Noticing that training has gone wrong. */

import { NDArray, treeFlatten } from "@etude/tensor";
import { LearnError } from "../errors.ts";

/** Training left the numbers, or the limit that was set. */
export class DivergenceError extends LearnError {
  override name = "DivergenceError";
  /** Steps done, the bad one included. */
  readonly step: number;
  readonly epoch: number;
  /** The last losses, oldest first; the bad one is the last. */
  readonly losses: readonly number[];

  constructor(what: string, place: { step: number; epoch: number }, losses: readonly number[]) {
    const tail = losses.slice(-8).map((loss) => Number(loss.toPrecision(4)));
    super(
      `training diverged: ${what} at step ${place.step} (epoch ${place.epoch}); the last losses were ${tail.join(", ")}. ` +
        "Lower the learning rate or warm it up, clip gradients (clipByGlobalNorm), and look for logarithms, roots and quotients near zero",
    );
    this.step = place.step;
    this.epoch = place.epoch;
    this.losses = losses;
  }
}

/** The place of the first float array of a tree that holds NaN or infinity; undefined if none does. */
export function firstNonFinite(tree: unknown): string | undefined {
  const [leaves, { paths }] = treeFlatten(tree);
  const place = leaves.findIndex(
    (leaf) => leaf instanceof NDArray && leaf.dtype.startsWith("float") && !allFinite(leaf.data),
  );
  return place < 0 ? undefined : paths[place] || "the state";
}

/** x - x is 0 for finite x and NaN for the rest: one sum, no branch an entry. */
function allFinite(data: ArrayLike<number>): boolean {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i] - data[i];
  return sum === 0;
}
