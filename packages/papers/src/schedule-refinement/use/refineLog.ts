/** From the record of a log to a schedule and what is to be said about it. */
import { UsageError } from "../../contract/errors.ts";
import { lastIterateBound } from "../bound.ts";
import { numericalSchedule } from "../numericalBound.ts";
import { type PolynomialFit, polynomialFit } from "../polynomialFit.ts";
import {
  filteredNorms,
  finiteNorms,
  type NormKind,
  refinedWeights,
  refineSchedule,
} from "../refine.ts";
import { resample } from "../resample.ts";
import type { UseOptions } from "./options.ts";

export interface Refined {
  /** Multipliers, one a step of the next run. */
  readonly schedule: Float64Array;
  readonly fit: PolynomialFit;
  /** The norms that were used, and filtered, one a record. */
  readonly norms: Float64Array;
  readonly filtered: Float64Array;
  /** The least bound of the refined weights over that of linear decay. */
  readonly gain: number;
  readonly notes: readonly string[];
}

/**
 * @param norms one a record
 * @param steps of the next run
 * @throws UsageError where the record cannot be refined
 */
export async function refineLog(
  norms: Float64Array,
  norm: NormKind,
  steps: number,
  { smoothing, filter, trim, method }: UseOptions,
  signal: AbortSignal,
): Promise<Refined> {
  if (norms.length - 2 * trim < 2)
    throw new UsageError(
      `--trim ${trim}: of ${norms.length} records none would be left; two or more are needed`,
    );
  const kept = norms.slice(trim, norms.length - trim);
  const notes: string[] = [];
  const options = { norm, smoothing, filter };
  const filtered = filteredNorms(kept, {
    ...options,
    warn: (message) => notes.push(`${message}.`),
  });
  const shape =
    method === "closed"
      ? refineSchedule(kept, options)
      : await byDescent(filtered, norm, signal, notes);
  const schedule = shape.length === steps ? shape : resample(shape, steps);
  const known = finiteNorms(kept);
  return {
    schedule,
    fit: polynomialFit(schedule),
    norms: known,
    filtered,
    gain: gainOf(filtered, norm, refinedWeights(kept, options)),
    notes: [...notes, ...cautions(kept, filtered, norm, options, schedule)],
  };
}

/** The schedule of least bound (7), with its last rate, an artefact, no larger than the one before. */
async function byDescent(
  filtered: Float64Array,
  norm: NormKind,
  signal: AbortSignal,
  notes: string[],
): Promise<Float64Array> {
  // By (6) l1 norms stand for squares.
  const norms = norm === "l2" ? filtered : filtered.map(Math.sqrt);
  const { rates, converged } = await numericalSchedule(norms, 1, { signal });
  if (!converged)
    notes.push("The descent did not reach a minimum; the schedule is the best point.");
  rates[rates.length - 1] = Math.min(rates[rates.length - 1], rates[rates.length - 2]);
  const largest = rates.reduce((most, rate) => Math.max(most, rate));
  return rates.map((rate) => rate / largest);
}

/** Weights may be scaled freely, so bounds are compared at the best scale of each. */
function gainOf(filtered: Float64Array, norm: NormKind, weights: Float64Array): number {
  const norms = norm === "l2" ? filtered : filtered.map(Math.sqrt);
  const least = (w: Float64Array): number => {
    const squares = w.reduce((total, weight, t) => total + (weight * norms[t]) ** 2, 0);
    const scale = 1 / Math.sqrt(squares);
    return lastIterateBound(
      w.map((weight) => weight * scale),
      norms,
      1,
    );
  };
  return least(weights) / least(new Float64Array(norms.length).fill(1));
}

/** A spread of filtered norms beyond this is that of a run that fits its data, not of a phase. */
const wideSpread = 30;
/** A mean so much above the median is of norms that mostly vanish. */
const heavyTail = 2;

function cautions(
  norms: Float64Array,
  filtered: Float64Array,
  norm: NormKind,
  options: Pick<UseOptions, "smoothing" | "filter">,
  schedule: Float64Array,
): string[] {
  const notes: string[] = [];
  const spread = Math.max(...extremes(filtered)) / Math.min(...extremes(filtered));
  const peakAt = (schedule.indexOf(1) + 1) / schedule.length;
  if (spread > wideSpread && peakAt > 0.5)
    notes.push(
      `The filtered norms fall by a factor of ${spread.toPrecision(2)} and the schedule peaks late, at ${Math.round(100 * peakAt)} % of the run: a run that comes to fit its data perfectly looks like this, and refinement is known to degenerate there. Compare with linear decay before relying on it.`,
    );
  if (options.filter === "median" && options.smoothing > 0) {
    const means = filteredNorms(norms, { ...options, norm, filter: "mean" });
    const ratios = means.map((mean, t) => mean / filtered[t]);
    const largest = ratios.reduce((most, ratio) => Math.max(most, ratio));
    if (largest > heavyTail)
      notes.push(
        `Single norms scatter widely: a running ${norm === "l2" ? "root mean square" : "mean"} is up to ${largest.toPrecision(2)} times the running median. The bound is about the mean; --filter mean is the safer choice here.`,
      );
  }
  return notes;
}

function extremes(values: Float64Array): [number, number] {
  return [
    values.reduce((least, value) => Math.min(least, value)),
    values.reduce((most, value) => Math.max(most, value)),
  ];
}
