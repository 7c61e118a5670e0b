/** Every schedule at its own best peak rate: the one with the least mean over seeds. */
import { bestOf, type Losses } from "./sweep.ts";

export interface Chosen {
  /** The place among the peaks. */
  readonly peak: number;
  /** The loss there, one a seed; NaN where there was no schedule. */
  readonly losses: readonly number[];
  readonly mean: number;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * @param seeds losses of one experiment, a seed each
 * @param schedule its name in them
 */
export function chosen(seeds: readonly Losses[], schedule: string): Chosen {
  const peaks =
    seeds[0]?.[schedule].map((_, i) => mean(seeds.map((one) => one[schedule][i]))) ?? [];
  const peak = Math.max(bestOf(peaks), 0);
  const losses = seeds.map((one) => one[schedule][peak] ?? Number.NaN);
  return { peak, losses, mean: mean(losses) };
}

/** A quantity of the losses of several schedules, one a seed. */
export function perSeed(
  seeds: readonly Losses[],
  schedules: readonly string[],
  quantity: (...losses: number[]) => number,
): number[] {
  const all = schedules.map((schedule) => chosen(seeds, schedule).losses);
  return seeds.map((_, seed) => quantity(...all.map((losses) => losses[seed])));
}
