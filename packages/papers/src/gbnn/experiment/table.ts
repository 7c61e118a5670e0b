/** Everything one seed measures on one table, in steps of seconds. */
import type { RunContext } from "../../contract/context.ts";
import { log, progress, type Running } from "../../contract/events.ts";
import type { Task } from "../losses.ts";
import {
  type BoostedResult,
  chooseSettings,
  measureBoosted,
  measureValidated,
  partsOf,
  type ValidatedResult,
} from "./boosted.ts";
import { prepare } from "./data.ts";
import type { Options } from "./options.ts";
import { type Baseline, baselineNames, baselines, measureDeep, measureWhole } from "./whole.ts";

export interface LargerResult {
  /** How many times the common size. */
  readonly factor: number;
  readonly boosted: number;
  /** Trained as a whole by L-BFGS. */
  readonly whole: number;
}

/** Scores are accuracies, or root mean squared errors of the standardised target, on the test part. */
export interface TableResult {
  readonly table: string;
  readonly task: Task;
  /** Training examples, and inputs of the networks. */
  readonly rows: number;
  readonly inputs: number;
  readonly boosted: BoostedResult;
  /** Of each baseline with `shares` of its units. */
  readonly whole: Readonly<Record<Baseline, readonly number[]>>;
  /** Of the deep baseline; null if there is none. */
  readonly deep: number | null;
  /** Empty for counter-examples. */
  readonly larger: readonly LargerResult[];
  /** For counter-examples, else null. */
  readonly validated: ValidatedResult | null;
}

/** Units of progress that a table takes: settings, boosting, validation or larger ones, baselines. */
export const unitsOfTable = 4 + baselineNames.length;

/** @param done units of progress before this table, of `total` */
export async function* measureTable(
  table: string,
  options: Options,
  context: RunContext,
  done: number,
  total: number,
): Running<TableResult> {
  const { seed } = context;
  const prepared = prepare(await context.data.table(table), options, seed);
  const isCounterExample = options.counterExamples.includes(table);
  const factors = isCounterExample ? [] : options.overSizing;
  const place = (unit: number, name: string) => ({
    label: `${table}, ${name}`,
    done: done + unit,
    total,
  });

  const settings = yield* chooseSettings(table, prepared, options, context, place(0, "settings"));
  const boosted = yield* context.step(`${table}/boosted`, () =>
    measureBoosted(
      table,
      prepared,
      settings,
      options,
      Math.max(1, ...factors),
      seed,
      place(1, "boosted"),
    ),
  );
  const validated = isCounterExample
    ? yield* context.step(`${table}/validated`, () =>
        measureValidated(prepared, settings, options, seed, place(2, "cut by validation")),
      )
    : null;

  const wholeLarger: number[] = [];
  for (const factor of factors) {
    yield progress(done + 2, total, `${table}, L-BFGS ${factor} times the size`);
    const units = Math.round(factor * options.units);
    const scores = yield* context.step(`${table}/L-BFGS-${units}`, () =>
      measureWhole(prepared, units, "lbfgs", options, seed),
    );
    wholeLarger.push(scores[scores.length - 1]);
  }
  const whole: [Baseline, number[]][] = [];
  for (const [i, name] of baselineNames.entries()) {
    yield progress(done + 3 + i, total, `${table}, ${name}`);
    const scores = yield* context.step(`${table}/${name}`, () =>
      measureWhole(prepared, options.units, baselines[name], options, seed),
    );
    whole.push([name, scores]);
  }
  yield progress(done + unitsOfTable - 1, total, `${table}, deep network`);
  const deep =
    options.deepHidden.length === 0
      ? null
      : yield* context.step(`${table}/deep`, () => measureDeep(prepared, options, seed));

  const seconds = (step: string) => context.seconds(`${table}/${step}`).toFixed(1);
  const baselineSeconds = baselineNames.map((name) => `${name} ${seconds(name)}`);
  yield log(
    `${table}: ${seconds("boosted")} s for ${boosted.trainLoss.length} parts; baselines in seconds: ${baselineSeconds.join(", ")}`,
  );
  return {
    table,
    task: prepared.task,
    rows: prepared.train.x.shape[0],
    inputs: prepared.train.x.shape[1],
    boosted,
    whole: Object.fromEntries(whole) as Record<Baseline, number[]>,
    deep,
    larger: factors.map((factor, i) => ({
      factor,
      boosted: scoreAfter(boosted, partsOf(factor * options.units, settings)),
      whole: wholeLarger[i],
    })),
    validated,
  };
}

/** Boosting may end early, when the training examples are fitted. */
export const scoreAfter = ({ curve }: BoostedResult, parts: number): number =>
  curve[Math.min(parts, curve.length - 1)];
