/** From the gradient norms of one run to the learning-rate schedule of the next. */
import { type Schedule, tabulated } from "@etude/learn";
import { UsageError } from "../contract/errors.ts";
import { checkNorms, checkPositive, checkSteps } from "./arguments.ts";
import { scheduleFromWeights } from "./bound.ts";
import { meanFilterReflect } from "./meanFilter.ts";
import { medianFilterReflect } from "./medianFilter.ts";
import { resample } from "./resample.ts";
import { filterWidth } from "./window.ts";

/**
 * Which norm was recorded, which decides the weights:
 * - "l2": of SGD, with or without momentum: w = G^-2 (4);
 * - "l1": of methods that scale every coordinate, such as Adam: |g|^2 becomes
 *   sum_i g_i^2 / sqrt(v_i), which is the l1 norm where v is about g^2, hence w = G^-1 (6).
 */
export const normKinds = ["l2", "l1"] as const;
export type NormKind = (typeof normKinds)[number];

/**
 * What the filter takes of a window:
 * - "median": the paper's choice, which a few outliers do not move;
 * - "mean": what the bound (3) is about, E|g|^2 for l2 norms and E|g| for l1. For batches so small that
 *   most gradients nearly vanish and a few are large: there the median is far below, and the schedule
 *   of it takes long steps where they hurt most. Not in the paper; the README has figures.
 */
export const filterKinds = ["median", "mean"] as const;
export type FilterKind = (typeof filterKinds)[number];

export interface RefineOptions {
  /** Which norm was recorded: "l2" of SGD, "l1" of Adam and its like. */
  readonly norm: NormKind;
  /** tau: the share of the run that the filter sees at once, in [0, 1). 0.1. */
  readonly smoothing?: number;
  /** "median" where nothing is said. */
  readonly filter?: FilterKind;
  /** Steps of the schedule, where it is for a run of another length than the record. */
  readonly length?: number;
  /** Told about what was left out of the record. */
  readonly warn?: (message: string) => void;
}

/**
 * The refined schedule: multipliers between 0 and 1, largest 1 and last 0, one a step.
 *
 *     Ghat = running median of G                        (8)
 *     w_t = Ghat_t^-2  (l2)  or  Ghat_t^-1  (l1)         (9)
 *     eta_t = w_t (w_{t+1} + ... + w_T),  over its maximum   (10)
 *
 * Constant norms give linear decay, norms that are large at first a warm-up, norms that grow at the
 * end early annealing. The peak learning rate of the old run is not the best of the new one: sweep
 * it again. Norms that are NaN or infinite are left out; see {@link finiteNorms}.
 *
 * @param norms of the gradients that the updates of the run used, one a step (or one every so many
 * steps, evenly), of all trainable parameters together and before any clipping
 * @throws UsageError for fewer than two norms, a negative one, a smoothing outside [0, 1), or a
 * filtered norm of 0, which an interpolating run has: its weight would be infinite
 *
 * @example
 * const multipliers = refineSchedule(norms, { norm: "l2" });
 */
export function refineSchedule(norms: ArrayLike<number>, options: RefineOptions): Float64Array {
  const { length = norms.length } = options;
  const schedule = scheduleFromWeights(refinedWeights(norms, options));
  return length === schedule.length ? schedule : resample(schedule, length);
}

/**
 * {@link refineSchedule} as a schedule of an optimiser: the multipliers times the peak rate.
 *
 * @example const optimiser = sgd(refinedSchedule(norms, { norm: "l2", peak: 0.3 }), { momentum: 0.9 });
 */
export function refinedSchedule(
  norms: ArrayLike<number>,
  { peak, ...options }: RefineOptions & { readonly peak: number },
): Schedule {
  if (!(peak > 0 && Number.isFinite(peak)))
    throw new UsageError(`the peak learning rate must be positive, got ${peak}`);
  return tabulated(refineSchedule(norms, options).map((multiplier) => peak * multiplier));
}

/** The weights (9), relative to the largest: their scale does not matter to the schedule. */
export function refinedWeights(norms: ArrayLike<number>, options: RefineOptions): Float64Array {
  const filtered = filteredNorms(norms, options);
  const least = filtered.reduce((low, norm) => Math.min(low, norm));
  const power = options.norm === "l2" ? 2 : 1;
  return filtered.map((norm) => (least / norm) ** power);
}

/** The record as the weights see it (8): complete, filtered, positive. */
export function filteredNorms(
  norms: ArrayLike<number>,
  { norm, smoothing = 0.1, filter = "median", warn, length = norms.length }: RefineOptions,
): Float64Array {
  const width = filterWidth(norms.length, smoothing);
  const finite = finiteNorms(norms, warn);
  checkSteps(length);
  return checkPositive(
    filter === "median"
      ? medianFilterReflect(finite, width)
      : meanFilterReflect(finite, width, norm === "l2" ? 2 : 1),
  );
}

/**
 * The record without what is not finite, as mixed-precision runs log it where they skipped a step. In
 * place of each such value stands one between its neighbours, so that every other value stays at its
 * own step.
 *
 * @throws UsageError for fewer than two finite norms, or a negative one
 */
export function finiteNorms(
  norms: ArrayLike<number>,
  warn?: (message: string) => void,
): Float64Array {
  const values = Float64Array.from(norms);
  const places = Uint32Array.from(values, (_, t) => t).filter((t) => Number.isFinite(values[t]));
  const missing = values.length - places.length;
  if (missing === 0) return checkNorms(values);
  const known = checkNorms(Float64Array.from(places, (t) => values[t]));
  const first = values.findIndex((norm) => !Number.isFinite(norm));
  warn?.(
    `${missing} of ${values.length} gradient norms are not finite and were left out, the first at step ${first}`,
  );
  let next = 0;
  return values.map((_, t) => {
    while (next < places.length && places[next] < t) next++;
    if (next === places.length) return known[known.length - 1];
    if (next === 0 || places[next] === t) return known[next];
    const [from, to] = [places[next - 1], places[next]];
    return known[next - 1] + ((t - from) / (to - from)) * (known[next] - known[next - 1]);
  });
}
