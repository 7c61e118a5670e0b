/** The experiment of a paper over seeds, ending in a report with verdicts. */
import type { DataLoader } from "@etude/data";
import type { z } from "zod";
import { judge } from "../contract/claim.ts";
import { UsageError } from "../contract/errors.ts";
import { progress, type Running } from "../contract/events.ts";
import type { AnyExperiment, PresetName } from "../contract/experiment.ts";
import type { Paper } from "../contract/paper.ts";
import {
  asJson,
  optionsAsJson,
  type RunEnvironment,
  type VerifyReport,
} from "../contract/report.ts";
import { type StepStore, type StepTiming, steppedRun, stoppable } from "./steps.ts";
import { together } from "./together.ts";

/** What to run, as a person or a program asks for it. */
export interface VerifyRequest {
  readonly preset: PresetName;
  /** Those of the preset where absent. */
  readonly seeds?: readonly number[];
  /** Options that differ from the preset's. */
  readonly set?: Readonly<Record<string, unknown>>;
}

/** What is run: every option and seed said, checked. */
export interface VerifyPlan {
  readonly preset: PresetName;
  readonly changed: boolean;
  readonly seeds: readonly number[];
  readonly options: object;
}

/** What a run is given from outside, the same for every seed. */
export interface Surroundings {
  readonly data: DataLoader;
  readonly store: StepStore;
  readonly signal: AbortSignal;
  readonly environment: RunEnvironment;
}

/** What one seed gave. */
export interface SeedOutcome {
  readonly seed: number;
  readonly result: unknown;
  readonly timings: readonly StepTiming[];
}

/**
 * Checks a request against a paper's experiment.
 *
 * @throws UsageError with the option, its value and what is expected
 */
export function planVerify(experiment: AnyExperiment, request: VerifyRequest): VerifyPlan {
  const preset = experiment.presets[request.preset];
  const set = request.set ?? {};
  const options = parseOptions(experiment.options, { ...preset.options, ...set });
  for (const name of Object.keys(set)) {
    if (!(name in options)) {
      throw new UsageError(
        `unknown option "${name}"; there are ${Object.keys(options).join(", ")}`,
      );
    }
  }
  const seeds = request.seeds ?? preset.seeds;
  if (seeds.length === 0 || new Set(seeds).size < seeds.length)
    throw new UsageError(`seeds ${seeds.join(",") || "(none)"}: give at least one, each once`);
  const changed =
    Object.keys(set).length > 0 || JSON.stringify(seeds) !== JSON.stringify(preset.seeds);
  return { preset: request.preset, changed, seeds, options };
}

/** The schema's object of these options, or one line that says what is wrong. */
export function parseOptions<O>(schema: z.ZodType<O>, options: object): O {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = issue.path.join(".");
  throw new UsageError(name === "" ? issue.message : `option "${name}": ${issue.message}`);
}

/** One seed: the unit that a queue hands to a machine. Its steps are kept in the store. */
export async function* runSeed(
  experiment: AnyExperiment,
  plan: VerifyPlan,
  seed: number,
  { data, store, signal }: Surroundings,
): Running<SeedOutcome> {
  const run = steppedRun(`seed-${seed}`, store, { seed, data, signal });
  const running = experiment.run(plan.options, run.context);
  const result = yield* stoppable(running, signal);
  return { seed, result, timings: run.timings };
}

/** The verdicts over the outcomes of all seeds of a plan, in the order of its seeds. */
export function conclude(
  paper: Paper,
  plan: VerifyPlan,
  outcomes: readonly SeedOutcome[],
  environment: RunEnvironment,
): VerifyReport {
  const { experiment } = paper;
  const results = plan.seeds.map((seed) => {
    const outcome = outcomes.find((outcome) => outcome.seed === seed);
    if (outcome === undefined) throw new Error(`no outcome for seed ${seed}`);
    return outcome.result;
  });
  const summary = experiment.summarise(results, plan.seeds, plan.options);
  return {
    kind: "verify",
    schema: 1,
    paper: paper.card.slug,
    preset: plan.preset,
    changed: plan.changed,
    seeds: [...plan.seeds],
    options: optionsAsJson(plan.options),
    claims: experiment.claims(plan.options).map((claim) => judge(claim, results)),
    tables: summary.tables,
    figures: summary.figures,
    pictures: summary.pictures ?? [],
    findings: summary.findings,
    results: results.map(asJson),
    environment,
    finished: new Date().toISOString(),
    timings: outcomes.flatMap(({ seed, timings }) =>
      timings.map(({ step, seconds }) => ({ step: `seed-${seed}/${step}`, seconds })),
    ),
  };
}

/** How the seeds of a run are computed. */
export interface Seeding {
  /** Seeds at a time. */
  readonly atOnce: number;
  /** Computes one of them, elsewhere; until the signal is aborted. */
  readonly run: (seed: number, signal: AbortSignal) => Running<SeedOutcome>;
}

/** All seeds and the verdicts; one seed after the other, in this process, unless something else is said. */
export async function* verify(
  paper: Paper,
  plan: VerifyPlan,
  surroundings: Surroundings,
  seeding?: Seeding,
): Running<VerifyReport> {
  const { seeds } = plan;
  const { atOnce, run } = seeding ?? {
    atOnce: 1,
    run: (seed) => runSeed(paper.experiment, plan, seed, surroundings),
  };
  const running = together(
    seeds.map((seed) => (signal) => run(seed, signal)),
    atOnce,
  );
  const done = new Map<number, number>();
  for (;;) {
    const next = await running.next();
    if (next.done) {
      yield progress(seeds.length, seeds.length, "verdicts");
      return conclude(paper, plan, next.value, surroundings.environment);
    }
    const { index, event } = next.value;
    const seed = seeds[index];
    if (event === undefined) done.set(index, 1);
    else if (event.type === "progress") {
      done.set(index, event.total > 0 ? event.done / event.total : 0);
      const all = [...done.values()].reduce((sum, part) => sum + part, 0);
      yield progress(all, seeds.length, `seed ${seed}: ${event.label}`);
    } else if (event.type === "metric" && atOnce > 1) {
      // They come in turn, each at a step of its own.
      yield { ...event, name: `seed ${seed}: ${event.name}` };
    } else yield event;
  }
}
