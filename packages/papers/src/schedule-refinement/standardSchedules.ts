/**
 * The schedules that refined ones are compared with: multipliers with a peak of 1, one a step, for
 * t = 0 ... T-1. A warm-up is a share u of the run: (t + 1) / (u T) for t < u T, then the decay on the
 * steps that are left.
 */
import { UsageError } from "../contract/errors.ts";
import { checkSteps } from "./arguments.ts";

export interface WarmUp {
  /** The share of the run in which the rate rises, in [0, 1): 0. */
  readonly warmup?: number;
}

/** 1 at every step. */
export const flat = (steps: number, options: WarmUp = {}): Float64Array =>
  withWarmUp(steps, options, () => 1);

/** 1 / (t + 1). */
export const inverse = (steps: number, options: WarmUp = {}): Float64Array =>
  withWarmUp(steps, options, (t) => 1 / (t + 1));

/** 1 / sqrt(t + 1). */
export const inverseSqrt = (steps: number, options: WarmUp = {}): Float64Array =>
  withWarmUp(steps, options, (t) => 1 / Math.sqrt(t + 1));

/** (1 + cos(pi t / T)) / 2. */
export const cosine = (steps: number, options: WarmUp = {}): Float64Array =>
  withWarmUp(steps, options, (t, left) => (1 + Math.cos((Math.PI * t) / left)) / 2);

/** 1 - t / T: what the paper advises where no record of norms is there (5). */
export const linearDecay = (steps: number, options: WarmUp = {}): Float64Array =>
  withWarmUp(steps, options, (t, left) => 1 - t / left);

/** (1 - t / T)^power: with a warm-up the family that {@link polynomialFit} fits. */
export const polynomial = (
  steps: number,
  { power, ...options }: WarmUp & { readonly power: number },
): Float64Array => withWarmUp(steps, options, (t, left) => (1 - t / left) ** power);

/**
 * A staircase: `factor` times less at every one of the given shares of the run.
 *
 * @example stepwise(90, { factor: 0.1, at: [1 / 3, 2 / 3] }) // a tenth every 30 epochs
 */
export const stepwise = (
  steps: number,
  {
    factor = 0.1,
    at = [1 / 3, 2 / 3],
    ...options
  }: WarmUp & { readonly factor?: number; readonly at?: readonly number[] } = {},
): Float64Array =>
  withWarmUp(steps, options, (t, left) => factor ** at.filter((share) => t >= share * left).length);

/** A rise, then the decay, which is told its own steps and how many it has. */
function withWarmUp(
  steps: number,
  { warmup = 0 }: WarmUp,
  decay: (t: number, left: number) => number,
): Float64Array {
  checkSteps(steps);
  if (!(warmup >= 0 && warmup < 1))
    throw new UsageError(`a warm-up is a share of the run in [0, 1), got ${warmup}`);
  const rise = warmup * steps;
  return Float64Array.from({ length: steps }, (_, t) =>
    t < rise ? Math.min((t + 1) / rise, 1) : decay(t - rise, steps - rise),
  );
}
