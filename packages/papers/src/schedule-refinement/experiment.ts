/** Linear decay against the other schedules, and refinement against linear decay. */
import { type ArrayDataset, subset, trainTestSplit } from "@etude/data";
import { random } from "@etude/tensor";
import type { RunContext } from "../contract/context.ts";
import { progress, type Running, within } from "../contract/events.ts";
import type { Experiment } from "../contract/experiment.ts";
import { claims } from "./claims.ts";
import { runImages } from "./imageRun.ts";
import { type Options, optionsSchema, presets } from "./options.ts";
import type { NetworkRun } from "./scheduleSweeps.ts";
import { compileOptimum, compileRuns, type Method } from "./softmaxRegression.ts";
import { summarise } from "./summary.ts";
import {
  noisy,
  type Phase,
  phases,
  shuffled,
  standardNames,
  sweepTable,
  type TableRun,
} from "./tableRuns.ts";
import { drawn, examplesOf } from "./tables.ts";
import { numbersInWords, runText } from "./textRun.ts";

/** What one seed measured. */
export interface Result {
  /** By table and method. */
  readonly standard: Readonly<Record<string, Readonly<Record<Method, TableRun>>>>;
  /** By table and phase. */
  readonly noisy: Readonly<Record<string, Readonly<Record<Phase, TableRun>>>>;
  /** Least losses of the tables with a noisy phase. */
  readonly optima: Readonly<Record<string, number>>;
  readonly text?: NetworkRun;
  readonly images?: NetworkRun;
}

/** Purposes of random numbers: what is swept and what is recorded see different batches. */
const purposes = { swept: 1, recorded: 2, tuning: 3 } as const;

/** Of the part with a noisy phase; text and images have 5 to 8. */
const noisyPurpose = 4;

/** Orders of the examples on which linear decay is tuned, besides the one that is swept. */
const tunings = [0, 1];

const powersOfTwo = (exponents: readonly number[]): number[] => exponents.map((e) => 2 ** e);

/** Epochs on a table: long enough that schedules differ, short enough that all take as long. */
const epochsOf = (table: string, epochs: number): number =>
  Math.ceil(epochs * (table === "digits" ? 4 / 3 : table === "satimage" ? 2 / 3 : 1));

export const experiment: Experiment<Options, Result> = {
  description:
    "Softmax regression on tables with SGD and Adam, five standard schedules and the refined one, each at the best of eleven peak rates; the same with one phase of batches of a single row; a character transformer with Adam. Norms come from a run of linear decay on other batches.",
  options: optionsSchema,
  presets,
  data: ({ tables, noisyTables, text, images }) => [
    ...new Set([
      ...[...tables, ...noisyTables].filter((name) => name !== drawn),
      ...(text === "numbers" || text === "none" ? [] : [text]),
      ...(images === "none" ? [] : [images]),
    ]),
  ],

  async *run(options, context) {
    const { text, images } = options;
    const parts =
      options.tables.length +
      options.noisyTables.length +
      [text, images].filter((name) => name !== "none").length;
    let done = 0;
    const standard: Record<string, Record<Method, TableRun>> = {};
    for (const name of options.tables) {
      yield progress(done++, parts, name);
      standard[name] = yield* context.step(name, () => standardRuns(name, options, context));
    }
    const noisyRuns: Record<string, Record<Phase, TableRun>> = {};
    const optima: Record<string, number> = {};
    for (const name of options.noisyTables) {
      yield progress(done++, parts, `${name} with a noisy phase`);
      const step = () => noisyPhases(name, options, context);
      const { optimum, runs } = yield* context.step(`${name}, noisy`, step);
      noisyRuns[name] = runs;
      optima[name] = optimum;
    }
    const result: Result = { standard, noisy: noisyRuns, optima };
    const textResult =
      text === "none" ? undefined : yield* within(textRun(options, context), done++, parts);
    const imageResult =
      images === "none" ? undefined : yield* within(imageRun(options, context), done++, parts);
    return {
      ...result,
      ...(textResult !== undefined && { text: textResult }),
      ...(imageResult !== undefined && { images: imageResult }),
    };
  },
  claims,
  summarise,
};

async function standardRuns(
  name: string,
  options: Options,
  { data, seed }: RunContext,
): Promise<Record<Method, TableRun>> {
  const examples = await examplesOf(name, data);
  const [rows] = examples.inputs.shape;
  const epochs = epochsOf(name, options.epochs);
  const chance = random.generator(seed);
  const batches = {
    swept: shuffled(rows, epochs, chance.fork(purposes.swept)),
    tuning: tunings.map((i) => shuffled(rows, epochs, chance.fork(purposes.tuning).fork(i))),
    recorded: shuffled(rows, epochs, chance.fork(purposes.recorded)),
  };
  const runsOf = (method: Method, exponents: readonly number[]) =>
    sweepTable(compileRuns(method), examples, batches, {
      method,
      peaks: powersOfTwo(exponents),
      names: standardNames,
      refinements: {
        refined: { smoothing: options.smoothing },
        "refined, mean": { smoothing: options.smoothing, filter: "mean" },
      },
    });
  return {
    sgd: await runsOf("sgd", options.sgdExponents),
    adam: await runsOf("adam", options.adamExponents),
  };
}

async function noisyPhases(
  name: string,
  { noisySteps, noisyExponents, smoothing, narrowSmoothing }: Options,
  { data, seed }: RunContext,
): Promise<{ optimum: number; runs: Record<Phase, TableRun> }> {
  const examples = await examplesOf(name, data);
  const [rows] = examples.inputs.shape;
  const run = compileRuns("sgd");
  const chance = random.generator(seed).fork(noisyPurpose);
  const runs: Partial<Record<Phase, TableRun>> = {};
  for (const [i, phase] of phases.entries()) {
    const draw = (purpose: number, which = 0) =>
      noisy(rows, noisySteps, phase, chance.fork(i).fork(purpose).fork(which));
    const batches = {
      swept: draw(purposes.swept),
      tuning: tunings.map((which) => draw(purposes.tuning, which)),
      recorded: draw(purposes.recorded),
    };
    runs[phase] = await sweepTable(run, examples, batches, {
      method: "sgd",
      peaks: powersOfTwo(noisyExponents),
      names: ["flat", "cosine", "linear"],
      refinements: {
        refined: { smoothing },
        "refined, narrow": { smoothing: narrowSmoothing },
        "refined, mean": { smoothing, filter: "mean" },
      },
    });
  }
  return { optimum: await compileOptimum()(examples), runs: runs as Record<Phase, TableRun> };
}

async function* textRun(options: Options, context: RunContext): Running<NetworkRun> {
  const text =
    options.text === "numbers"
      ? numbersInWords(1000)
      : (await context.data.text(options.text)).texts.join("\n");
  const { textSteps: steps, textPeaks: peaks } = options;
  return yield* runText(text, { ...options, steps, peaks }, context);
}

async function* imageRun(options: Options, context: RunContext): Running<NetworkRun> {
  const { imageSteps: steps, imagePeaks: peaks, imageDepth: depth, imageWidth: width } = options;
  const sets = await imageParts(options.images, context.data);
  const { imageBatch: batch, smoothing } = options;
  return yield* runImages(sets, { steps, peaks, depth, width, batch, smoothing }, context);
}

/** The parts of a set, or of one that has none a division of our own, the same in every run. */
async function imageParts(
  name: string,
  data: RunContext["data"],
): Promise<{ train: ArrayDataset; test: ArrayDataset }> {
  const train = await data.images(name);
  if (name !== "digits") return { train, test: await data.images(name, { part: "test" }) };
  const rows = trainTestSplit(train.targets, { seed: 0 });
  return { train: subset(train, rows.train), test: subset(train, rows.test) };
}
