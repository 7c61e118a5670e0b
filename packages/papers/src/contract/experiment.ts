/**
 * A claim, measured. One contract drives the terminal, the site, the queue and the tests: a run is a
 * seed, a verdict is over the results of several, and results are plain data, so that seeds may be
 * run on different machines.
 */
import type { z } from "zod";
import type { Claim } from "./claim.ts";
import type { RunContext } from "./context.ts";
import type { Running } from "./events.ts";
import type { DataTable, Figure, Picture } from "./figure.ts";

/**
 * - smoke: seconds, the whole path, part of the tests; decides nothing.
 * - quick: one to five minutes on two cores; decides the claims.
 * - full: nearer to the paper, for a large machine.
 */
export const presetNames = ["smoke", "quick", "full"] as const;
export type PresetName = (typeof presetNames)[number];

export interface Preset<O> {
  readonly options: O;
  readonly seeds: readonly number[];
  /** What to expect on two cores. */
  readonly minutes: number;
  /** Memory that a seed takes; 2 where it is not said. */
  readonly gigabytes?: number;
}

/** What the results of all seeds look like together. */
export interface Summary {
  readonly tables: readonly DataTable[];
  readonly figures: readonly Figure[];
  readonly pictures?: readonly Picture[];
  /** What else was seen, a sentence each, computed from the results. */
  readonly findings: readonly string[];
}

/**
 * `O`: the options, plain data. `R`: what one seed measured, plain JSON (numbers may be NaN), small
 * enough to send around; it must not contain times, which differ from run to run.
 */
export interface Experiment<O extends object, R> {
  /** A sentence: data, baselines, protocol. */
  readonly description: string;
  /** Every option with a `.describe()`, which help texts and forms show. */
  readonly options: z.ZodType<O>;
  readonly presets: Readonly<Record<PresetName, Preset<O>>>;
  /** Names of the data sets the run will load, so that it can be said before it starts. */
  data(options: O): readonly string[];
  /** One seed. */
  run(options: O, context: RunContext): Running<R>;
  /** The claims that these options decide, stated before the run. */
  claims(options: O): readonly Claim<R>[];
  /** Tables and plots over all seeds; `results[i]` is of `seeds[i]`. */
  summarise(results: readonly R[], seeds: readonly number[], options: O): Summary;
}

/** Any experiment, for those who only run it: options are checked by its schema before they reach it. */
export type AnyExperiment = Experiment<object, unknown>;
