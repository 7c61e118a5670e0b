/** The cosine with a warm-up before it, and with restarts. */

import { array, constant } from "@etude/tensor";
import { fail } from "../errors.ts";
import { cosineSchedule, linearSchedule } from "./decay.ts";
import { joinSchedules } from "./piecewise.ts";
import { checkSteps, floatStep, type Schedule } from "./schedule.ts";

/**
 * A linear rise to `peak`, then half a cosine down to `end`, in `steps` steps together.
 *
 *     eta_t = start + (peak - start) t / warmup                                       t < warmup
 *     eta_t = end + (peak - end) (1 + cos(pi (t - warmup) / (steps - warmup))) / 2    after that
 *
 * @example adamw(warmupCosineSchedule({ peak: 3e-4, warmup: 200, steps: 10_000 }))
 */
export function warmupCosineSchedule(options: {
  peak: number;
  warmup: number;
  steps: number;
  start?: number;
  end?: number;
}): Schedule {
  const { peak, warmup, steps, start = 0, end = 0 } = options;
  if (warmup === 0) return cosineSchedule(peak, steps, end);
  checkSteps("warmupCosineSchedule", "warmup", warmup);
  checkSteps("warmupCosineSchedule", "steps after the warm-up", steps - warmup);
  return joinSchedules(
    [linearSchedule(start, peak, warmup), cosineSchedule(peak, steps - warmup, end)],
    [warmup],
  );
}

/**
 * Half a cosine from `start` to `end` again and again, each time over `growth` times as many steps.
 *
 *     eta_t = end + (start - end) (1 + cos(pi s / T_i)) / 2
 *
 * with s the steps since the last restart and T_0 = period, T_{i+1} = growth T_i.
 *
 * Loshchilov, Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017,
 * arXiv:1608.03983, equation 5.
 *
 * @example cosineRestartsSchedule(0.1, { period: 100, growth: 2 }) // restarts at 100, 300, 700, ...
 */
export function cosineRestartsSchedule(
  start: number,
  options: { period: number; growth?: number; end?: number },
): Schedule {
  const { period, growth = 1, end = 0 } = options;
  checkSteps("cosineRestartsSchedule", "period", period);
  if (growth < 1) fail(`cosineRestartsSchedule: growth must be at least 1, got ${growth}`);
  if (growth === 1) {
    const once = cosineSchedule(start, period, end);
    return (step) => once(floatStep(step).mod(period));
  }
  // A table of all cycles: the closed form, a floor of a logarithm, is wrong at a boundary now and then.
  const cycles = cyclesUntil(2 ** 24, period, growth);
  return (step) => {
    const t = floatStep(step);
    const begins = constant(
      array(
        cycles.map(({ begin }) => begin),
        { dtype: t.dtype },
      ),
    );
    const lengths = constant(
      array(
        cycles.map(({ length }) => length),
        { dtype: t.dtype },
      ),
    );
    const cycle = t.greaterEqual(begins).sum().sub(1);
    const phase = t.sub(begins.gather(cycle)).div(lengths.gather(cycle)).minimum(1);
    return phase
      .mul(Math.PI)
      .cos()
      .add(1)
      .mul((start - end) / 2)
      .add(end);
  };
}

/** Begin and length of the cycles up to a step, beyond which float32 cannot count. */
function cyclesUntil(last: number, period: number, growth: number) {
  const cycles: { begin: number; length: number }[] = [];
  let length = period;
  for (let begin = 0; begin < last; begin += length, length *= growth)
    cycles.push({ begin, length });
  return cycles;
}
