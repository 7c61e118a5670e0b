/** From a table with a target column to a boosted network, and networks to compare it with. */
import {
  encode,
  encodeTarget,
  fitEncoder,
  fitTarget,
  selectRows,
  type Table,
  type TabularEncoder,
  type TargetEncoder,
  trainTestSplit,
} from "@etude/data";
import { array, jit, type NDArray, random } from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import { UsageError } from "../../contract/errors.ts";
import { progress, type Running } from "../../contract/events.ts";
import { labelledRows } from "../../tabular/target.ts";
import type { GbnnModel } from "../boosting.ts";
import { type Examples, selectExamples } from "../crossValidation.ts";
import { probabilities } from "../losses.ts";
import { networkScores, trainNetwork } from "../network.ts";
import { type Stage, stagedScores } from "../staged.ts";
import { watched } from "../watched.ts";
import type { UseOptions } from "./options.ts";

/** A table divided: what to learn from, what to choose settings on, and what nothing is learnt from. */
export interface Division {
  readonly target: TargetEncoder;
  readonly fit: Table;
  readonly validation: Table;
  readonly held: Table;
  /** Rows left out because their target is missing. */
  readonly withoutTarget: number;
}

/** Rows a class must have, so that each of the three parts has one. */
const smallestClass = 3;

/**
 * @throws UsageError without a target, DataError for one that cannot be learnt
 */
export function divide(table: Table, options: UseOptions, seed: number): Division {
  const { table: known, target: name, withoutTarget } = labelledRows(table, options.target);
  const target = fitTarget(known, name, options.task, { smallestClass });
  const split = (rows: Table, testFraction: number) => {
    const labels = target.task === "regression" ? rows.rows : encodeTarget(target, rows);
    const { train, test } = trainTestSplit(labels, { testFraction, seed });
    return [selectRows(rows, train), selectRows(rows, test)] as const;
  };
  const [seen, held] = split(known, options.testFraction);
  const [fit, validation] = split(seen, options.validationFraction);
  return {
    target: fitTarget(seen, name, target.task),
    fit,
    validation,
    held,
    withoutTarget,
  };
}

/** How one learning rate did on the validation part. */
export interface Candidate {
  readonly learningRate: number;
  /** Parts after which the validation loss is least, and that loss. */
  readonly parts: number;
  readonly loss: number;
}

export interface Trained {
  readonly encoder: TabularEncoder;
  readonly candidates: readonly Candidate[];
  readonly chosen: Candidate;
  readonly model: GbnnModel;
  /** Of the model on the held-out rows, after every part. */
  readonly curve: readonly Stage[];
  /** What networks trained as a whole predict for the held-out rows, by name. */
  readonly networks: Readonly<Record<string, NDArray>>;
}

const wholeNetworks = { Adam: "adam", "L-BFGS": "lbfgs", SGD: "sgd" } as const;

/** Chooses, trains, and trains the networks to compare with; a step each. */
export async function* trainOn(
  { target, fit, validation, held }: Division,
  options: UseOptions,
  context: RunContext,
): Running<Trained> {
  const { task } = target;
  const { learningRates } = options;
  const encoder = fitEncoder(fit, { target: target.column, exclude: options.exclude });
  const examplesOf = (rows: Table): Examples => ({
    x: encode(encoder, rows).inputs.astype("float64"),
    y: encodeTarget(target, rows).astype("float64"),
  });
  const [seen, judged, test] = [fit, validation, held].map(examplesOf);
  const config = {
    totalUnits: options.units ?? 200,
    unitsPerStep: options.unitsPerStep ?? (task === "multiclass" ? 2 : 1),
    subsample: options.subsample,
    maxRows: options.maxRows,
    maxIter: options.maxIter,
    seed: context.seed,
  };
  const { totalUnits, unitsPerStep } = config;
  if (totalUnits < unitsPerStep)
    throw new UsageError(
      `--units ${totalUnits}: training needs ${unitsPerStep} at least, the hidden units of one part`,
    );
  const baselines = options.baselines ? Object.entries(wholeNetworks) : [];
  const total = learningRates.length + baselines.length;

  const tried: { candidate: Candidate; model: GbnnModel }[] = [];
  for (const [i, learningRate] of learningRates.entries()) {
    tried.push(
      yield* context.step(`learning-rate-${learningRate}`, async function* () {
        const place = { label: `learning rate ${learningRate}`, done: i, total };
        const metric = `training loss, ${place.label}`;
        const model = yield* watched(seen, task, { ...config, learningRate }, place, metric);
        const stages = (await stagedScores(model, judged.x, judged.y)).slice(1);
        const best = stages.reduce((best, stage) => (stage.loss < best.loss ? stage : best));
        return { candidate: { learningRate, parts: best.step, loss: best.loss }, model };
      }),
    );
  }
  const { candidate: chosen, model } = tried.reduce((best, other) =>
    other.candidate.loss < best.candidate.loss ? other : best,
  );

  const networks: [string, NDArray][] = [];
  const sample = atMost(seen, options.maxRows, context.seed);
  for (const [i, [name, solver]] of baselines.entries()) {
    yield progress(learningRates.length + i, total, `for comparison, ${name}`);
    const predicted = yield* context.step(name, async () => {
      const { maxIter, totalUnits, seed } = config;
      const settings = { hidden: [totalUnits], solver, maxIter, seed };
      const network = await trainNetwork(sample.x, sample.y, task, settings);
      return inUnits(target, await networkScores(network, test.x));
    });
    networks.push([name, predicted]);
  }
  return {
    encoder,
    candidates: tried.map(({ candidate }) => candidate),
    chosen,
    model,
    curve: await stagedScores(model, test.x, test.y),
    networks: Object.fromEntries(networks),
  };
}

/** All examples, or as many drawn at random. */
function atMost(examples: Examples, rows: number, seed: number): Examples {
  const all = examples.y.size;
  return all <= rows
    ? examples
    : selectExamples(examples, random.generator(seed).sample(all, rows));
}

const probabilitiesOf = jit(probabilities);

/** Outputs of a network as numbers in the units of the target [n], or as probabilities [n, K]. */
async function inUnits(target: TargetEncoder, outputs: NDArray): Promise<NDArray> {
  if (target.task !== "regression") {
    // The logit of the second of two classes is 2 F.
    const scale = target.task === "binary" ? 0.5 : 1;
    const scores = array(
      Float64Array.from(outputs.data, (value) => scale * value),
      {
        shape: outputs.shape,
      },
    );
    return probabilitiesOf(target.task, scores);
  }
  return array(Float64Array.from(outputs.data, (value) => value * target.scale + target.mean));
}
