/** The boosted network on a table: its settings, its test score after every part, and its merger. */
import { type Split, trainTestSplit } from "@etude/data";
import { jit, type NDArray } from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import { type Place, progress, type Running } from "../../contract/events.ts";
import type { GbnnModel } from "../boosting.ts";
import {
  bestOf,
  combinations,
  type Examples,
  foldsOf,
  heldOutScore,
  selectExamples,
} from "../crossValidation.ts";
import type { Task } from "../losses.ts";
import { mergeGbnn, prefix } from "../merge.ts";
import { decisionFunction } from "../predict.ts";
import { shallowOutput } from "../shallow.ts";
import { stagedScores } from "../staged.ts";
import { watched } from "../watched.ts";
import type { Prepared } from "./data.ts";
import type { Options } from "./options.ts";

export interface Settings {
  readonly unitsPerStep: number;
  readonly subsample: number;
  readonly learningRate: number;
}

/** Parts of a network with so many units. */
export const partsOf = (units: number, { unitsPerStep }: Settings): number =>
  Math.floor(units / unitsPerStep);

const validationSplit = (task: Task, { y }: Examples, testFraction: number, seed: number): Split =>
  trainTestSplit(task === "regression" ? y.size : y, { testFraction, seed });

/** Settings chosen without the test part: one step for every combination that is tried. */
export async function* chooseSettings(
  table: string,
  { task, train }: Prepared,
  options: Options,
  context: RunContext,
  { label, done, total }: Place,
): Running<Settings> {
  const { seed } = context;
  const candidates = combinations({
    unitsPerStep: task === "multiclass" ? options.unitsPerStepMulticlass : options.unitsPerStep,
    subsample: options.subsamples,
    learningRate: options.learningRates,
  }) as Settings[];
  if (candidates.length === 1) return candidates[0];
  const inFolds = options.innerFolds > 0;
  const splits = inFolds
    ? foldsOf(task, train, options.innerFolds, seed)
    : [validationSplit(task, train, options.validationFraction, seed)];
  const totalUnits = inFolds ? options.units : Math.ceil(options.units / 2);
  const scores: number[] = [];
  for (const [i, candidate] of candidates.entries()) {
    yield progress(done + i / candidates.length, total, label);
    const config = { ...candidate, totalUnits, maxIter: options.maxIter, seed };
    scores.push(
      yield* context.step(`${table}/settings-${i + 1}`, () =>
        heldOutScore(train, splits, task, config),
      ),
    );
  }
  return candidates[bestOf(task, scores)];
}

/** Scores are accuracies, or root mean squared errors of the standardised target. */
export interface BoostedResult {
  readonly settings: Settings;
  /** Parts of a network of the common size. */
  readonly parts: number;
  /** Test score after 0, 1, ... parts, also beyond the common size. */
  readonly curve: readonly number[];
  /** Mean training loss after 1, 2, ... parts. */
  readonly trainLoss: readonly number[];
  /** Largest difference between the merged network and the sum of parts, relative to the scores. */
  readonly mergedError: number;
  /** The longest step of all parts, without the learning rate. */
  readonly largestStep: number;
}

/**
 * Trains the largest network that is asked for. A smaller one is its beginning: what the first parts
 * are does not depend on how many follow.
 */
export async function* measureBoosted(
  table: string,
  { task, train, test }: Prepared,
  settings: Settings,
  options: Options,
  factor: number,
  seed: number,
  place: Place,
): Running<BoostedResult> {
  const totalUnits = Math.round(factor * options.units);
  const config = { ...settings, totalUnits, maxIter: options.maxIter, seed };
  const model = yield* watched(train, task, config, place, `${table}: training loss`);
  const stages = await stagedScores(model, test.x, test.y);
  const steps = model.parts.map(({ step }) => Math.abs(step) / settings.learningRate);
  return {
    settings,
    parts: partsOf(options.units, settings),
    curve: stages.map(({ score }) => score),
    trainLoss: model.trainLoss,
    mergedError: await mergedError(model, test.x),
    largestStep: Math.max(...steps),
  };
}

const runMerged = jit(shallowOutput);

/** After a quarter, half, three quarters and all of the parts. */
async function mergedError(model: GbnnModel, x: NDArray): Promise<number> {
  const network = mergeGbnn(model);
  let worst = 0;
  for (const share of [0.25, 0.5, 0.75, 1]) {
    const parts = Math.floor(share * model.parts.length);
    const staged = await decisionFunction(model, x, parts);
    const cut = prefix(network, parts * network.unitsPerStep);
    const merged = await runMerged(cut, x, network.activation);
    const scores = Array.from(staged.data);
    const largest = Math.max(1, ...scores.map(Math.abs));
    const errors = scores.map((score, i) => Math.abs(merged.data[i] / network.outputScale - score));
    worst = Math.max(worst, Math.max(...errors) / largest);
  }
  return worst;
}

export interface ValidatedResult {
  /** Units with the best score on the validation part. */
  readonly units: number;
  /** Test score of the network cut there, and of the same network with all units. */
  readonly cut: number;
  readonly all: number;
}

/** The repair where parts extrapolate wildly: the network is cut where a validation part says. */
export async function* measureValidated(
  { task, train, test }: Prepared,
  settings: Settings,
  options: Options,
  seed: number,
  place: Place,
): Running<ValidatedResult> {
  const split = validationSplit(task, train, options.validationFraction, seed);
  const held = selectExamples(train, split.test);
  const config = { ...settings, totalUnits: options.units, maxIter: options.maxIter, seed };
  const model = yield* watched(selectExamples(train, split.train), task, config, place);
  const validation = await stagedScores(model, held.x, held.y);
  const stages = await stagedScores(model, test.x, test.y);
  const best = bestOf(
    task,
    validation.map(({ score }) => score),
  );
  return {
    units: stages[best].units,
    cut: stages[best].score,
    all: stages[stages.length - 1].score,
  };
}
