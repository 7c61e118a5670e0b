/** Exponential moving averages of gradients, and the weight they have gathered so far. */

import type { Tensor, TensorTree } from "@etude/tensor";
import { fail } from "../errors.ts";
import { initialScalar, mapTensors, precisionOf, zerosLike } from "./trees.ts";

/**
 * A moving average that starts at zero.
 *
 * `weight` is the sum of the weights given to the values seen: w_t = d w_{t-1} + (1 - d) = 1 - d^t.
 * Dividing by it corrects the bias towards zero. As a recurrence it loses no digits, while 1 - d^t
 * in float32 is off by 1e-5 relatively at d = 0.999, t = 1, and d itself is rounded in both alike.
 */
export type Average = { mean: TensorTree; weight: Tensor };

export const emptyAverage = (like: TensorTree): Average => ({
  mean: zerosLike(like),
  weight: initialScalar(0, precisionOf(like)),
});

/** m <- d m + (1 - d) f(g), w <- d w + (1 - d). */
export const averaged = (
  { mean, weight }: Average,
  values: TensorTree,
  decay: number,
  f: (value: Tensor) => Tensor = (value) => value,
): Average => ({
  mean: mapTensors((m, g) => m.mul(decay).add(f(g).mul(1 - decay)), mean, values),
  weight: weight.mul(decay).add(1 - decay),
});

export const squared = (x: Tensor): Tensor => x.mul(x);

/** The decay of a moving average, 0 <= decay < 1. */
export function checkDecay(optimiser: string, name: string, decay: number): void {
  if (decay >= 0 && decay < 1) return;
  fail(`${optimiser}: ${name} must be in [0, 1), got ${decay}`);
}
