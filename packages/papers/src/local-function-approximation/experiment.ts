/** The paper's three experiments: are the methods one, what do they recover, and which perturbations suit which. */
import { gatherRows } from "@etude/data";
import type { RunContext } from "../contract/context.ts";
import type { Running } from "../contract/events.ts";
import type { Experiment } from "../contract/experiment.ts";
import { claims } from "./experiment/claims.ts";
import { prepare, type Task } from "./experiment/data.ts";
import { measureNetwork, type NetworkResult, partsOfNetwork } from "./experiment/network.ts";
import { type Options, optionsSchema } from "./experiment/options.ts";
import { measureRecovery, partsOfRecovery, type Recovered } from "./experiment/recovery.ts";
import { summarise } from "./experiment/summary.ts";

export interface TableResult {
  readonly table: string;
  readonly task: Task;
  /** Rows trained on, rows explained, features, perturbations a point. */
  readonly rows: number;
  readonly points: number;
  readonly features: number;
  readonly networks: readonly NetworkResult[];
  readonly recovered: readonly Recovered[];
}

/** What one seed measured. */
export interface Result {
  readonly tables: readonly TableResult[];
}

const quick: Options = {
  regression: ["diabetes", "who-life-expectancy"],
  classification: ["breast-cancer-diagnostic"],
  mostFeatures: 10,
  depths: [2],
  units: 8,
  training: "adam",
  epochs: 600,
  points: 50,
  samples: 1000,
  wideSamples: 5000,
  grid: "paper",
  fitEpochs: 50,
  sigma: 0.1,
  sigmas: [0.3, 0.2, 0.1, 0.05, 0.01],
  alphas: [0, 0.5, 0.65, 0.8, 0.95],
  draws: 100,
  lossSamples: 1000,
};

/** Seconds, and a table that is there after installation. */
const smoke: Options = {
  ...quick,
  regression: ["diabetes"],
  classification: [],
  epochs: 100,
  points: 4,
  grid: "small",
  samples: 200,
  wideSamples: 200,
  fitEpochs: 10,
  sigmas: [0.1, 0.01],
  alphas: [0, 0.95],
  draws: 10,
  lossSamples: 200,
};

/** The paper's protocol: all eight models, the whole grid. */
const full: Options = {
  ...quick,
  classification: ["pima-diabetes", "german-credit"],
  mostFeatures: 23,
  depths: [2, 4, 7],
  training: "sgd",
  epochs: 300,
  points: 100,
};

export const experiment: Experiment<Options, Result> = {
  description:
    "Small networks on real tables, explained by eight methods in their own formulas and as approximations fitted by Adam; both routes on the same points with the same number of perturbations, then recovery of linear and logistic models, perturbation tests, and the loss of every explanation in every neighbourhood.",
  options: optionsSchema,
  presets: {
    smoke: { options: smoke, seeds: [0], minutes: 0.1 },
    quick: { options: quick, seeds: [0, 1, 2], minutes: 2, gigabytes: 5.5 },
    full: { options: full, seeds: [0, 1, 2, 3, 4], minutes: 240 },
  },
  data: ({ regression, classification }) => [...regression, ...classification],

  async *run(options, context) {
    const { regression, classification } = options;
    const all = [
      ...regression.map((table) => [table, "regression"] as const),
      ...classification.map((table) => [table, "classification"] as const),
    ];
    const tables: TableResult[] = [];
    for (const [i, [table, task]] of all.entries())
      tables.push(yield* measureTable(table, task, options, context, i, all.length));
    return { tables };
  },
  claims,
  summarise,
};

async function* measureTable(
  table: string,
  task: Task,
  options: Options,
  context: RunContext,
  index: number,
  count: number,
): Running<TableResult> {
  const parts = options.depths.length * partsOfNetwork + partsOfRecovery;
  const prepared = prepare(await context.data.table(table), task, options, context.seed);
  const { x } = prepared.test;
  const points = gatherRows(
    x,
    Int32Array.from({ length: Math.min(options.points, x.shape[0]) }, (_, i) => i),
  );
  const networks: NetworkResult[] = [];
  for (const [i, depth] of options.depths.entries()) {
    networks.push(
      yield* measureNetwork(
        `${table}/${depth} layers`,
        prepared,
        points,
        depth,
        options,
        context,
        index * parts + i * partsOfNetwork,
        count * parts,
      ),
    );
  }
  const recovered = yield* measureRecovery(
    table,
    prepared,
    points,
    options,
    context,
    index * parts + options.depths.length * partsOfNetwork,
    count * parts,
  );
  const [rows, features] = prepared.train.x.shape;
  return { table, task, rows, points: points.shape[0], features, networks, recovered };
}
