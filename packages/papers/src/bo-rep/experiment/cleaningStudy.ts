/** Label cleaning of texts with a recurrent classifier: nearest to the paper, and for larger machines. */
import { gatherRows, type TextData } from "@etude/data";
import { auroc, type DenseParams, dense, type RecurrentParams } from "@etude/learn";
import { array, lift, type NDArray, random, type Tensor } from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import { UsageError } from "../../contract/errors.ts";
import type { Place, Running } from "../../contract/events.ts";
import {
  type BilevelMethod,
  boRepMethod,
  compiled,
  maSobaMethod,
  refinement,
  sobaMethod,
  stackTrees,
  startState,
  stocBioMethod,
  ttsaMethod,
} from "../bilevel/index.ts";
import { batched } from "../bilevel/trees.ts";
import { type BudgetCurve, runWithin } from "../budgetRun.ts";
import {
  cleaningProblem,
  type Labelled,
  type Levels,
  lowerRows,
  rowBatches,
} from "../classification.ts";
import { encodeText, initTextEncoder, linearHead, type TextEncoder } from "../networks.ts";
import { compileScore } from "../score.ts";
import { encodeTexts, symbolsOf, vocabularyOf } from "../text.ts";
import { madeSentences, sentences } from "./sentences.ts";

export interface CleaningOptions {
  /** A text set of the catalogue with labels. */
  readonly set: string;
  /** Share of the lower labels that are replaced by another class. */
  readonly noise: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly words: number;
  readonly length: number;
  readonly width: number;
  readonly units: number;
  readonly layers: number;
  readonly rates: readonly number[];
  readonly judgements: number;
}

export interface CleaningResult {
  readonly curve: BudgetCurve;
  /** By run: how well the weights tell true labels from false ones (area under the curve). */
  readonly auroc: readonly number[];
}

const [lowerRate, linearRate, momentum, lowerSteps, ridge] = [0.05, 0.01, 0.9, 10, 1e-4];
const refineSteps = 50;
/** Share of the training part that stays clean and is the upper part. */
const cleanShare = 0.2;

export const cleaningMethods: readonly BilevelMethod[] = [
  boRepMethod({ period: 2, lowerSteps }),
  sobaMethod(),
  maSobaMethod(),
  stocBioMethod({ lowerSteps: 3 }),
  ttsaMethod(),
];

/** The word vectors are drawn once and stay; layers and head are the lower variable. */
type Classifier = { layers: RecurrentParams[]; head: DenseParams };

export async function* runCleaning(
  method: BilevelMethod,
  options: CleaningOptions,
  { seed, data, checkpoints }: Pick<RunContext, "seed" | "data" | "checkpoints">,
  place: Place,
): Running<CleaningResult> {
  const parts = await cleaningParts(options, seed, data);
  const { width, units, layers, rates, batchSize } = options;
  const { words, layers: recurrent } = await compiled((key: Tensor) =>
    initTextEncoder(key, { symbols: parts.symbols, width, units, layers }),
  )(random.key(seed));
  const classify = (y: Classifier, inputs: Tensor): Tensor => {
    const encoder: TextEncoder = { words: lift(words), layers: y.layers };
    return dense(y.head, encodeText(encoder, inputs));
  };
  const problem = cleaningProblem(parts, classify, ridge);
  const runs = rates.length;
  const head = await compiled(() => linearHead(units, parts.classes))();
  const y = stackTrees(rates.map(() => ({ layers: recurrent, head })));
  const count = parts.lower.labels.size;
  const x = { logit: array(new Float32Array(runs * count).fill(1), { shape: [runs, count] }) };
  const plan = { lower: count, upper: parts.upper.labels.size, batchSize, lowerSteps };
  const refine = refinement(problem, lowerRate, { kind: "sgd", steps: refineSteps });
  const first = await compiled(batched(refine, [0, 0, null]))(
    x,
    y,
    stackTrees(lowerRows(seed, plan, refineSteps, "refinement")),
  );

  const stepsAnEpoch = Math.ceil(count / batchSize);
  const { curve, state } = yield* runWithin({
    problem,
    method,
    start: await compiled(startState<typeof x, typeof y>)(x, first),
    rates,
    lowerRate,
    linearRate,
    momentum,
    batchesAt: rowBatches(seed, plan),
    calls: refineSteps + 4 * stepsAnEpoch * options.epochs,
    spent: refineSteps,
    judgements: options.judgements,
    score: compileScore(parts.upper, parts.test, (_: unknown, y: Classifier, inputs) =>
      classify(y, inputs),
    ),
    checkpoint: checkpoints(`cleaning ${method.name}`),
    place,
  });
  const weights = state.x.logit.data;
  return {
    curve,
    auroc: rates.map((_, run) => {
      const own = Float64Array.from(weights.subarray(run * count, (run + 1) * count));
      return own.every(Number.isFinite) ? auroc(own, parts.isTrue) : Number.NaN;
    }),
  };
}

interface CleaningParts extends Levels {
  readonly test: Labelled;
  readonly classes: number;
  readonly symbols: number;
  /** 1 where a lower label is as it was. */
  readonly isTrue: Int32Array;
}

async function cleaningParts(
  { set, noise, words, length }: CleaningOptions,
  seed: number,
  data: RunContext["data"],
): Promise<CleaningParts> {
  const [train, tested] =
    set === sentences
      ? [madeSentences(400, seed), madeSentences(200, seed + 1_000_000)]
      : [await data.text(set), await data.text(set, { part: "test" })];
  if (train.targets === undefined || tested.targets === undefined || train.classes === undefined)
    throw new UsageError(`option "cleaning": ${set} is a text without labels`);
  const classes = train.classes.length;
  const draw = random.generator(seed).fork(31);
  const order = draw.permutation(train.texts.length);
  const clean = Math.round(cleanShare * order.length);
  const vocabulary = vocabularyOf(train.texts, words);
  const part = ({ texts, targets }: TextData, rows: Int32Array): Labelled => ({
    inputs: encodeTexts(
      vocabulary,
      Array.from(rows, (row) => texts[row]),
      length,
    ),
    labels: gatherRows(targets ?? array([]), rows),
  });
  const lower = part(train, order.slice(clean));
  const { labels, isTrue } = withNoise(lower.labels, classes, noise, draw.fork(1));
  return {
    lower: { ...lower, labels },
    upper: part(train, order.slice(0, clean)),
    test: part(
      tested,
      Int32Array.from(tested.texts, (_, i) => i),
    ),
    classes,
    symbols: symbolsOf(vocabulary),
    isTrue,
  };
}

/** Labels of which a share is replaced by another class, each as likely. */
export function withNoise(
  labels: NDArray,
  classes: number,
  share: number,
  draw: random.Generator,
): { labels: NDArray; isTrue: Int32Array } {
  const noisy = Int32Array.from(labels.data, Number);
  const isTrue = new Int32Array(noisy.length).fill(1);
  for (const row of draw.sample(noisy.length, Math.round(share * noisy.length))) {
    noisy[row] = (noisy[row] + 1 + draw.integer(classes - 1)) % classes;
    isTrue[row] = 0;
  }
  return { labels: array(noisy), isTrue };
}
