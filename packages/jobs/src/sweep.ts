/** What a person submits, and the jobs it comes to. */
import { loadPaper, type PresetName, planVerify, UsageError, type VerifyPlan } from "@etude/papers";
import { z } from "zod";

export interface Submission {
  readonly paper: string;
  readonly preset: PresetName;
  /** Those of the preset where absent. */
  readonly seeds?: readonly number[];
  /** Options that differ from the preset's, for all jobs. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** Options with the values to try, each with each. */
  readonly grid?: Readonly<Record<string, readonly unknown[]>>;
}

/** One combination of the values of a grid. */
export interface Setting {
  /** What tells it from the others: "units=50, parts=2"; empty where there is only one. */
  readonly name: string;
  /** Options that are not the preset's. */
  readonly set: Readonly<Record<string, unknown>>;
}

export interface Sweep {
  readonly paper: string;
  readonly preset: PresetName;
  readonly seeds: readonly number[];
  readonly settings: readonly Setting[];
}

const settingsSchema = z.array(
  z.object({ name: z.string(), set: z.record(z.string(), z.unknown()) }),
);
const seedsSchema = z.array(z.int());

/** Settings and seeds as they were stored. */
export const settingsOf = (stored: unknown): readonly Setting[] => settingsSchema.parse(stored);
export const seedsOf = (stored: unknown): readonly number[] => seedsSchema.parse(stored);

/** Jobs of a sweep at most. */
export const mostJobs = 2000;

/**
 * Checks a submission and spells it out.
 *
 * @throws UsageError for a paper that cannot be run, an option or a value that does not fit, an option both set
 *   and in the grid, and for too many jobs
 */
export async function planSweep({
  paper,
  preset,
  seeds,
  set = {},
  grid = {},
}: Submission): Promise<Sweep> {
  const { experiment } = await loadPaper(paper);
  const both = Object.keys(grid).find((option) => option in set);
  if (both !== undefined) throw new UsageError(`option "${both}" is set and in the grid as well`);
  const empty = Object.keys(grid).find((option) => grid[option].length === 0);
  if (empty !== undefined) throw new UsageError(`option "${empty}": the grid has no value for it`);
  const count = Object.values(grid).reduce((product, values) => product * values.length, 1);
  if (count > mostJobs) throw new UsageError(`${count} settings; at most ${mostJobs} jobs at once`);
  const settings = combinations(grid).map((values) => ({
    name: Object.entries(values)
      .map(
        ([option, value]) =>
          `${option}=${typeof value === "string" ? value : JSON.stringify(value)}`,
      )
      .join(", "),
    set: { ...set, ...values },
  }));
  const plans = settings.map(({ set }) =>
    planVerify(experiment, { preset, set, ...(seeds && { seeds }) }),
  );
  const jobs = plans.length * plans[0].seeds.length;
  if (jobs > mostJobs) throw new UsageError(`${jobs} jobs; at most ${mostJobs} at once`);
  return { paper, preset, seeds: plans[0].seeds, settings };
}

/** Every choice of one value for each option. */
function combinations(
  grid: Readonly<Record<string, readonly unknown[]>>,
): Readonly<Record<string, unknown>>[] {
  let all: Readonly<Record<string, unknown>>[] = [{}];
  for (const [option, values] of Object.entries(grid))
    all = all.flatMap((chosen) => values.map((value) => ({ ...chosen, [option]: value })));
  return all;
}

/** The plan of one setting, as `verify` would make it. */
export async function planOf(
  { paper, preset, seeds }: Omit<Sweep, "settings">,
  { set }: Setting,
): Promise<VerifyPlan> {
  const { experiment } = await loadPaper(paper);
  return planVerify(experiment, { preset, seeds, set });
}
