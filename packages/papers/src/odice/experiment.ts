/** The claims, measured: a log that stops where a shortcut begins, and who is drawn into it. */
import type { RunContext } from "../contract/context.ts";
import type { Running } from "../contract/events.ts";
import type { Experiment } from "../contract/experiment.ts";
import { claims } from "./claims.ts";
import { type GridRun, gridRun } from "./gridStudy.ts";
import { type ImitationResult, imitationStudy } from "./imitationStudy.ts";
import { type Options, optionsSchema } from "./options.ts";
import { summarise } from "./summary.ts";
import { tasksOf } from "./tasks.ts";

/** What a seed measures. */
export interface Result {
  /** By the names of the trainings, see `tasks.ts`. */
  readonly runs: Readonly<Record<string, GridRun>>;
  readonly imitation: ImitationResult | null;
}

const quick: Options = {
  episodes: 150,
  steps: 4000,
  batchSize: 256,
  lambda: 0.6,
  eta: 1,
  furtherEtas: [],
  gamma: 0.99,
  rate: 1e-3,
  targetRate: 0.05,
  hidden: [64, 64],
  twin: false,
  slipEpisodes: 100,
  slips: 0.1,
  conjugateWeights: true,
  regimes: ["coordinates", "one-hot", "open"],
  imitationSteps: 0,
};

const smoke: Options = {
  ...quick,
  episodes: 12,
  steps: 120,
  batchSize: 32,
  rate: 0.01,
  hidden: [16],
  slipEpisodes: 5,
  conjugateWeights: false,
  regimes: ["coordinates", "open"],
};

const full: Options = {
  ...quick,
  steps: 40_000,
  targetRate: 0.005,
  twin: true,
  furtherEtas: [0.25, 0.5, 2],
  imitationSteps: 20_000,
};

export const experiment: Experiment<Options, Result> = {
  description:
    "A grid world whose log ends where a shortcut begins, which in truth is final failure. Behaviour cloning, true, semi-, summed and orthogonal gradients with the same networks, minibatches and steps; policies run in the true system. Beside it, settings in which the effect is not expected.",
  options: optionsSchema,
  presets: {
    smoke: { options: smoke, seeds: [0], minutes: 0.1 },
    quick: { options: quick, seeds: [0, 1, 2], minutes: 2 },
    full: { options: full, seeds: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], minutes: 400 },
  },
  data: ({ imitationSteps }) => (imitationSteps > 0 ? ["pendulum-expert"] : []),
  run,
  claims,
  summarise,
};

async function* run(
  options: Options,
  { seed, data, step, checkpoints }: RunContext,
): Running<Result> {
  const tasks = Object.entries(tasksOf(options));
  const { imitationSteps } = options;
  const total = tasks.length + (imitationSteps > 0 ? 1 : 0);
  const runs: Record<string, GridRun> = {};
  for (const [done, [name, task]] of tasks.entries()) {
    const place = { label: name, done, total };
    runs[name] = yield* step(name, () =>
      gridRun(task, options, { seed, place, checkpoint: checkpoints(name) }),
    );
  }
  if (imitationSteps === 0) return { runs, imitation: null };
  const log = await data.transitions("pendulum-expert");
  const place = { label: "imitating the pendulum expert", done: tasks.length, total };
  const imitation = yield* step("imitation", () =>
    imitationStudy(log, { steps: imitationSteps, seed, place }),
  );
  return { runs, imitation };
}
