/** Schedules put together from pieces, and from tables. */

import { array, constant, type Tensor, where } from "@etude/tensor";
import { fail } from "../errors.ts";
import { linearSchedule } from "./decay.ts";
import { checkSteps, floatStep, type Schedule } from "./schedule.ts";

/**
 * One schedule after the other. From step `boundaries[i]` on schedule i + 1 holds, which counts its
 * own steps from there.
 *
 * @example joinSchedules([linearSchedule(0, 0.1, 500), cosineSchedule(0.1, 9500)], [500])
 */
export function joinSchedules(
  schedules: readonly Schedule[],
  boundaries: readonly number[],
): Schedule {
  if (schedules.length === 0 || boundaries.length !== schedules.length - 1) {
    fail(
      `joinSchedules: ${schedules.length} schedules need ${Math.max(0, schedules.length - 1)} boundaries, got ${boundaries.length}`,
    );
  }
  checkRising("joinSchedules", boundaries);
  return (step) => {
    const t = floatStep(step);
    return boundaries.reduce(
      (value, boundary, i) =>
        where(t.greaterEqual(boundary), schedules[i + 1](t.sub(boundary).maximum(0)), value),
      schedules[0](t),
    );
  };
}

/**
 * A linear rise from `start` to the first value of a schedule, then that schedule.
 *
 * @example warmup(cosineSchedule(0.1, 9500), 500)
 */
export function warmup(schedule: Schedule, steps: number, start = 0): Schedule {
  checkSteps("warmup", "steps", steps);
  return (step) => {
    const t = floatStep(step);
    const rise = t.div(steps);
    const peak = schedule(t.mul(0));
    const value = peak.mul(rise).add(rise.neg().add(1).mul(start));
    return where(t.less(steps), value, schedule(t.sub(steps).maximum(0)));
  };
}

/**
 * Constant values, each from its step on; the first step must be 0.
 *
 * @example piecewiseSchedule([[0, 0.1], [1000, 0.01], [2000, 0.001]])
 */
export function piecewiseSchedule(
  pieces: readonly (readonly [from: number, value: number])[],
): Schedule {
  checkPoints("piecewiseSchedule", pieces);
  return (step) => {
    const t = floatStep(step);
    return pieces
      .slice(1)
      .reduce<Tensor>(
        (value, [from, next]) => where(t.greaterEqual(from), next, value),
        t.mul(0).add(pieces[0][1]),
      );
  };
}

/**
 * Straight lines between the given points (step, value), constant after the last; the first step
 * must be 0.
 *
 * @example interpolatedSchedule([[0, 0], [300, 0.4], [1500, 0]]) // a triangle
 */
export function interpolatedSchedule(
  points: readonly (readonly [step: number, value: number])[],
): Schedule {
  checkPoints("interpolatedSchedule", points);
  return (step) => {
    const t = floatStep(step);
    return points.slice(1).reduce<Tensor>((value, [to, next], i) => {
      const [from, last] = points[i];
      return where(t.greaterEqual(from), linearSchedule(last, next, to - from, from)(t), value);
    }, t.mul(0).add(points[0][1]));
  };
}

/**
 * A table of values, one a step; the last holds from then on. For what no formula says, and for
 * values calculated before.
 *
 * @example tabulated(Array.from({ length: 100 }, (_, t) => 0.1 / (1 + t)))
 */
export function tabulated(values: ArrayLike<number>): Schedule {
  if (values.length === 0) fail("tabulated: the table has no values");
  const table = Float64Array.from(values);
  const wrong = table.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) fail(`tabulated: value ${wrong} is ${table[wrong]}`);
  return (step) => {
    const { dtype } = floatStep(step);
    const place = step.astype("int32").minimum(table.length - 1);
    return constant(array(table, { dtype })).gather(place);
  };
}

function checkRising(schedule: string, steps: readonly number[]): void {
  const wrong = steps.findIndex((step, i) => !(step > (i === 0 ? 0 : steps[i - 1])));
  if (wrong >= 0) fail(`${schedule}: steps must rise from above 0, got ${steps.join(", ")}`);
}

function checkPoints(schedule: string, points: readonly (readonly [number, number])[]): void {
  if (points.length === 0 || points[0][0] !== 0) fail(`${schedule}: the first step must be 0`);
  checkRising(
    schedule,
    points.slice(1).map(([step]) => step),
  );
}
