/** Sweeps: every schedule at every peak rate, and what comes of a record of norms. */
import { array, type NDArray } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { polynomialFit } from "./polynomialFit.ts";
import { filteredNorms, type RefineOptions, refineSchedule } from "./refine.ts";
import { resample } from "./resample.ts";

/** Final losses by schedule; of each in the order of the peak rates. Not finite: it diverged. */
export type Losses = Readonly<Record<string, readonly number[]>>;

/** A refined schedule, small enough to keep. */
export interface Shape {
  /** 100 multipliers over the run. */
  readonly multipliers: readonly number[];
  /** The share of the run at which the multiplier is largest. */
  readonly peakAt: number;
  /** The first multiplier. */
  readonly start: number;
  /** The nearest polynomial. */
  readonly warmup: number;
  readonly power: number;
  /** Largest over smallest filtered norm: how much there was to refine by. */
  readonly spread: number;
}

/** Schedules times peaks as the columns of one array [steps, schedules * peaks]. */
export function ratesOf(
  schedules: readonly ArrayLike<number>[],
  peaks: readonly number[],
): NDArray {
  const steps = schedules[0].length;
  const runs = schedules.length * peaks.length;
  const rates = new Float32Array(steps * runs);
  schedules.forEach((schedule, i) => {
    peaks.forEach((peak, j) => {
      for (let t = 0; t < steps; t++) rates[t * runs + i * peaks.length + j] = schedule[t] * peak;
    });
  });
  return array(rates, { shape: [steps, runs] });
}

/** The losses of such columns by the names of their schedules. */
export const byName = (losses: NDArray, names: readonly string[]): Losses => {
  const count = losses.size / names.length;
  return Object.fromEntries(
    names.map((name, i) => [name, Array.from(losses.data.slice(i * count, (i + 1) * count))]),
  );
};

/** The place of the least loss; what diverged is never chosen while anything did not. */
export function bestOf(losses: readonly number[]): number {
  const finite = losses.map((loss) => (Number.isFinite(loss) ? loss : Number.POSITIVE_INFINITY));
  return finite.indexOf(Math.min(...finite));
}

/** The schedule of a record; undefined where the run interpolated and there is none. */
export function refinedFrom(
  norms: ArrayLike<number>,
  options: RefineOptions,
): { schedule: Float64Array; shape: Shape } | undefined {
  try {
    const schedule = refineSchedule(norms, options);
    const filtered = filteredNorms(norms, options);
    const { warmup, power } = polynomialFit(schedule);
    const shape: Shape = {
      multipliers: Array.from(resample(schedule, 100)),
      peakAt: (schedule.indexOf(1) + 1) / schedule.length,
      start: schedule[0],
      warmup,
      power,
      spread: filtered.reduce((a, b) => Math.max(a, b)) / filtered.reduce((a, b) => Math.min(a, b)),
    };
    return { schedule, shape };
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
