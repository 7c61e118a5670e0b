/** Schedules that are one formula. */

import { lift } from "@etude/tensor";
import { fail } from "../errors.ts";
import { checkSteps, floatStep, fraction, type Schedule } from "./schedule.ts";

/** The same value at every step: `eta_t = value`. */
export const constantSchedule =
  (value: number): Schedule =>
  (step) =>
    lift(value, floatStep(step).dtype);

/**
 * From one value to another along a power.
 *
 *     eta_t = end + (start - end) (1 - t / steps)^power,  t <= steps;  end from then on
 *
 * @param begin number of steps before it begins
 * @example polynomialSchedule({ start: 0.1, end: 0, power: 2, steps: 1000 })
 */
export function polynomialSchedule(options: {
  start: number;
  end: number;
  power: number;
  steps: number;
  begin?: number;
}): Schedule {
  const { start, end, power, steps, begin } = options;
  checkSteps("polynomialSchedule", "steps", steps);
  return (step) => {
    const left = fraction(step, steps, begin).neg().add(1);
    return left
      .pow(power)
      .mul(start - end)
      .add(end);
  };
}

/**
 * In a straight line from one value to another in so many steps, constant after that.
 *
 *     eta_t = start + (end - start) min(t / steps, 1)
 *
 * @example linearSchedule(0, 0.1, 500) // a warm-up
 */
export const linearSchedule = (start: number, end: number, steps: number, begin = 0): Schedule =>
  polynomialSchedule({ start, end, power: 1, steps, begin });

/**
 * Along half a cosine from `start` to `end` in so many steps, constant after that.
 *
 *     eta_t = end + (start - end) (1 + cos(pi min(t / steps, 1))) / 2
 *
 * Loshchilov, Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017,
 * arXiv:1608.03983, equation 5, without the restarts.
 *
 * @example sgd(cosineSchedule(0.1, epochs * batches), { momentum: 0.9 })
 */
export function cosineSchedule(start: number, steps: number, end = 0): Schedule {
  checkSteps("cosineSchedule", "steps", steps);
  return (step) =>
    fraction(step, steps)
      .mul(Math.PI)
      .cos()
      .add(1)
      .mul((start - end) / 2)
      .add(end);
}

/**
 * A constant factor in so many steps, smoothly.
 *
 *     eta_t = start factor^(t / steps),  not beyond `end` if that is given
 *
 * @example exponentialSchedule(0.1, { factor: 0.5, steps: 1000 }) // halves every 1000 steps
 */
export function exponentialSchedule(
  start: number,
  options: { factor: number; steps: number; end?: number },
): Schedule {
  const { factor, steps, end } = options;
  checkSteps("exponentialSchedule", "steps", steps);
  checkFactor("exponentialSchedule", factor);
  return (step) =>
    bounded(
      lift(factor, floatStep(step).dtype).pow(floatStep(step).div(steps)).mul(start),
      factor,
      end,
    );
}

/**
 * A constant factor at once after every so many steps: a staircase.
 *
 *     eta_t = start factor^floor(t / steps)
 *
 * @example stepSchedule(0.1, { factor: 0.1, steps: 30 * batches }) // a tenth every 30 epochs
 */
export function stepSchedule(
  start: number,
  options: { factor: number; steps: number; end?: number },
): Schedule {
  const { factor, steps, end } = options;
  checkSteps("stepSchedule", "steps", steps);
  checkFactor("stepSchedule", factor);
  return (step) =>
    bounded(
      lift(factor, floatStep(step).dtype).pow(floatStep(step).div(steps).floor()).mul(start),
      factor,
      end,
    );
}

/** The value, kept from passing `end` in the direction it goes. */
const bounded = (value: ReturnType<Schedule>, factor: number, end: number | undefined) => {
  if (end === undefined) return value;
  return factor < 1 ? value.maximum(end) : value.minimum(end);
};

function checkFactor(schedule: string, factor: number): void {
  if (factor > 0) return;
  fail(`${schedule}: the factor must be positive, got ${factor}`);
}

/**
 * A linear warm-up, then the inverse root of the step.
 *
 *     eta_t = peak min(t / warmup, sqrt(warmup / t))
 *
 * Vaswani et al., "Attention Is All You Need", 2017, arXiv:1706.03762, equation 3, by its peak. It
 * does not need to know how long training goes on.
 */
export function inverseSquareRootSchedule(peak: number, warmup: number): Schedule {
  checkSteps("inverseSquareRootSchedule", "warmup", warmup);
  return (step) => {
    const ratio = floatStep(step).div(warmup);
    return ratio.minimum(ratio.maximum(1).rsqrt()).mul(peak);
  };
}
