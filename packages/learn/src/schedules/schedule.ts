/** A learning rate, or any other setting, as a function of the number of steps done. */

import { array, jit, lift, type Tensor, vmap } from "@etude/tensor";
import { fail } from "../errors.ts";

/**
 * A value for every step, as a function of the number of steps done (0 at the first), traced into
 * the step. The count is a scalar of any dtype; the value is a float scalar.
 *
 * @example
 * const mine: Schedule = (step) => step.add(1).rsqrt().mul(0.1); // step is a float inside optimisers
 */
export type Schedule = (step: Tensor) => Tensor;

/** The count as a float, to calculate with. */
export const floatStep = (step: Tensor): Tensor =>
  step.dtype === "float32" || step.dtype === "float64" ? step : step.astype("float32");

/** How far `step` is on the way from `begin` to `begin + length`: from 0 to 1, and no further. */
export const fraction = (step: Tensor, length: number, begin = 0): Tensor =>
  floatStep(step).sub(begin).div(length).maximum(0).minimum(1);

/** A number of steps that something takes. */
export function checkSteps(schedule: string, name: string, steps: number): void {
  if (Number.isFinite(steps) && steps > 0) return;
  fail(`${schedule}: ${name} must be a positive number of steps, got ${steps}`);
}

const compiled = new WeakMap<Schedule, ReturnType<typeof compile>>();

/**
 * The values of a schedule at the given steps, or at 0 ... count - 1: to plot it, to test it. The
 * schedule is compiled once for each number of steps.
 *
 * @example await scheduleValues(cosineSchedule(0.1, 100), 101) // [0.1, 0.09998, ..., 0]
 */
export async function scheduleValues(
  schedule: Schedule,
  steps: number | readonly number[],
): Promise<number[]> {
  const at = typeof steps === "number" ? Array.from({ length: steps }, (_, i) => i) : steps;
  const wrong = at.find((step) => !Number.isInteger(step) || step < 0);
  if (wrong !== undefined) fail(`scheduleValues: ${wrong} is no number of steps`);
  let values = compiled.get(schedule);
  if (values === undefined) {
    values = compile(schedule);
    compiled.set(schedule, values);
  }
  const { data } = await values(array(Int32Array.from(at)));
  return [...data];
}

/** All at once. A schedule that does not use the step gives one value for all of them. */
const compile = (schedule: Schedule) =>
  jit((steps: Tensor) =>
    vmap((step: Tensor) =>
      lift(schedule(step)).astype("float32").add(step.astype("float32").mul(0)),
    )(steps),
  );
