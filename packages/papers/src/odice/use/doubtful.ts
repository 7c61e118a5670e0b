/** Next states whose value is far outside what the log itself supports. */
import { meanOf, quantileOf } from "@etude/learn";
import type { NDArray } from "@etude/tensor";
import type { Residuals } from "../inspect.ts";

/** Values between `low` and `high` are not remarkable. */
export interface Fence {
  readonly low: number;
  readonly high: number;
}

/**
 * Tukey's fences, `width` times the distance of the quartiles beyond them. They say nothing of
 * distributions, and a few wild values do not move them.
 *
 * @param least distance of quartiles that counts at least: where values hardly differ, small differences
 * are not remarkable
 */
export function fenceOf(values: ArrayLike<number>, width: number, least = 0): Fence {
  const sorted = Array.from(values);
  const [lower, upper] = [quantileOf(sorted, 0.25), quantileOf(sorted, 0.75)];
  const reach = width * Math.max(upper - lower, least);
  return { low: lower - reach, high: upper + reach };
}

export const doubts = ["value above", "value below", "jump up", "jump down"] as const;
export type Doubt = (typeof doubts)[number];

export interface DoubtfulState {
  /** Number of the transition, from 0. */
  readonly transition: number;
  readonly doubts: readonly Doubt[];
}

export interface Doubtful {
  readonly states: readonly DoubtfulState[];
  /** Of the values of logged states. */
  readonly values: Fence;
  /** Of V(s') - V(s) where the log goes on from s'. */
  readonly jumps: Fence;
}

/** What is known of the logged steps themselves. */
export interface LoggedSteps {
  readonly terminal: NDArray;
  readonly reward: NDArray;
  /** 1 where the log goes on from the next state. */
  readonly goesOn: ArrayLike<number>;
}

/**
 * A next state is doubtful where its value lies outside the fence of the values of logged states, or
 * where the step into it changes the value by more than steps do that the log goes on from. Less than
 * `width` rewards of average size is never far. States after a terminal step have no value to doubt.
 */
export function doubtfulStates(
  { value, nextValue }: Residuals,
  { terminal, reward, goesOn }: LoggedSteps,
  width: number,
): Doubtful {
  const least = meanOf(Array.from(reward.data, (r) => Math.abs(Number(r))));
  const values = fenceOf(value, width, least);
  const jumps = Array.from(value, (v, i) => nextValue[i] - v);
  const ordinary = jumps.filter((_, i) => goesOn[i] === 1);
  const fence = fenceOf(ordinary.length > 0 ? ordinary : jumps, width, least);
  const states: DoubtfulState[] = [];
  jumps.forEach((jump, transition) => {
    if (Number(terminal.data[transition]) !== 0) return;
    const next = nextValue[transition];
    const holds: Readonly<Record<Doubt, boolean>> = {
      "value above": next > values.high,
      "value below": next < values.low,
      "jump up": jump > fence.high,
      "jump down": jump < fence.low,
    };
    const found = doubts.filter((doubt) => holds[doubt]);
    if (found.length > 0) states.push({ transition, doubts: found });
  });
  return { states, values, jumps: fence };
}
