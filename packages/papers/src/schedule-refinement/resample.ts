/** A schedule for a run of another length. */
import { checkSteps } from "./arguments.ts";

/**
 * The values of a schedule at the same shares t / T of another number of steps, t = 1 ... T, in
 * straight lines between them. The last value stays the last; before the first it is constant.
 *
 * @param length steps of the new run, a whole number from 2
 * @example resample([1, 0.5, 0], 6) // [1, 1, 0.75, 0.5, 0.25, 0]
 */
export function resample(schedule: ArrayLike<number>, length: number): Float64Array {
  checkSteps(length);
  const { length: steps } = schedule;
  return Float64Array.from({ length }, (_, t) => {
    const place = Math.max(((t + 1) * steps) / length - 1, 0);
    const below = Math.min(Math.floor(place), steps - 1);
    const above = Math.min(below + 1, steps - 1);
    return schedule[below] + (place - below) * (schedule[above] - schedule[below]);
  });
}
