/** When to stop before the end, and with what. */
import { fail } from "../errors.ts";
import type { Metrics, Progress } from "./progress.ts";

/** Stop when an evaluation's metric has not improved for so many evaluations. */
export interface EarlyStopping {
  /** Name among the metrics of `evaluate`. */
  metric: string;
  /** Evaluations without improvement after which to stop. */
  patience: number;
  /** Which way is better: "min" by default. */
  mode?: "min" | "max";
  /** Smaller improvements do not count: 0. */
  minimumImprovement?: number;
  /** End with the state of the best evaluation, and not the last: true. */
  restoreBest?: boolean;
}

/** The progress after an evaluation: the best one so far, or another strike. */
export function judged<S>(
  old: Progress<S>,
  metrics: Metrics,
  stopping: EarlyStopping | undefined,
): Progress<S> {
  if (stopping === undefined) return old;
  const { metric, mode = "min", minimumImprovement = 0, patience } = stopping;
  const value = metrics[metric];
  if (value === undefined) {
    fail(
      `train: early stopping watches "${metric}", evaluate returned ${Object.keys(metrics).join(", ") || "nothing"}`,
    );
  }
  const gain =
    old.best === null
      ? Number.POSITIVE_INFINITY
      : mode === "min"
        ? old.best.value - value
        : value - old.best.value;
  if (gain > minimumImprovement)
    // not so for NaN
    return { ...old, strikes: 0, best: { step: old.step, value, metrics, state: old.state } };
  return { ...old, strikes: old.strikes + 1, stopped: old.strikes + 1 >= patience };
}

/** The state to end with. */
export const bestState = <S>(progress: Progress<S>, stopping: EarlyStopping | undefined): S =>
  stopping !== undefined && (stopping.restoreBest ?? true) && progress.best !== null
    ? progress.best.state
    : progress.state;
