/** The paper's claims on tables: one network trained in parts, and the same one trained as a whole. */
import type { Experiment } from "../contract/experiment.ts";
import { claims } from "./experiment/claims.ts";
import { type HeadResult, measureHead, unitsOfHead } from "./experiment/head.ts";
import { type Options, optionsSchema } from "./experiment/options.ts";
import { summarise } from "./experiment/summary.ts";
import { measureTable, type TableResult, unitsOfTable } from "./experiment/table.ts";

/** What one seed measured. */
export interface Result {
  readonly tables: readonly TableResult[];
  /** The boosted head of a deep network; null if it was not asked for. */
  readonly head: HeadResult | null;
}

const quick: Options = {
  tables: ["australian", "vehicle", "energy-heating", "concrete"],
  counterExamples: ["concrete"],
  units: 200,
  unitsPerStep: [1],
  unitsPerStepMulticlass: [2],
  subsamples: [0.5],
  learningRates: [0.025, 0.1, 0.5],
  outerFolds: 0,
  testFraction: 0.3,
  innerFolds: 0,
  validationFraction: 0.25,
  maxIter: 200,
  deepHidden: [],
  overSizing: [2],
  headImages: 0,
  headEpochs: 1,
};

/** Seconds, and tables that are there after installation. */
const smoke: Options = {
  ...quick,
  tables: ["iris", "diabetes"],
  counterExamples: ["diabetes"],
  units: 12,
  learningRates: [0.1, 0.5],
  maxIter: 20,
  deepHidden: [6, 6, 6],
};

/** The paper's protocol: the whole grid in ten folds inside of ten folds. A seed is an outer fold. */
const full: Options = {
  ...quick,
  tables: [
    "australian",
    "breast-cancer-diagnostic",
    "german-credit",
    "ionosphere",
    "pima-diabetes",
    "segment",
    "sonar",
    "spambase",
    "vehicle",
    "vowel",
    "waveform",
    "concrete",
    "energy-heating",
    "wine-quality-red",
  ],
  unitsPerStep: [1, 2, 3, 4],
  unitsPerStepMulticlass: [1, 2, 3, 4],
  subsamples: [0.25, 0.5, 0.75, 1],
  learningRates: [0.025, 0.05, 0.1, 0.5, 1],
  outerFolds: 10,
  innerFolds: 10,
  deepHidden: [100, 100, 100],
  overSizing: [2, 4],
  headImages: 60_000,
  headEpochs: 5,
};

export const experiment: Experiment<Options, Result> = {
  description:
    "The same hidden layer trained part by part (GBNN) and as a whole by Adam, L-BFGS and SGD, on the same rows of real tables; each network at full size and with the last of its units switched off.",
  options: optionsSchema,
  presets: {
    smoke: { options: smoke, seeds: [0], minutes: 0.1 },
    quick: { options: quick, seeds: [0, 1, 2], minutes: 2 },
    full: { options: full, seeds: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], minutes: 10_000 },
  },
  data: ({ tables, headImages }) => [...tables, ...(headImages > 0 ? ["fashion-mnist"] : [])],

  async *run(options, context) {
    const withHead = options.headImages > 0;
    const total = options.tables.length * unitsOfTable + (withHead ? unitsOfHead : 0);
    const tables: TableResult[] = [];
    for (const table of options.tables) {
      const done = tables.length * unitsOfTable;
      tables.push(yield* measureTable(table, options, context, done, total));
    }
    const done = tables.length * unitsOfTable;
    const head = withHead ? yield* measureHead(options, context, done, total) : null;
    return { tables, head };
  },
  claims,
  summarise,
};
