/** Every method on one bilevel problem of the user's, at the same cost, each at its best rate. */
import { NDArray, treeFlatten, treeUnflatten } from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import { UsageError } from "../../contract/errors.ts";
import { progress, type Running } from "../../contract/events.ts";
import {
  type Arrays,
  type BilevelProblem,
  type BilevelState,
  compiled,
  epochSgd,
  epochSgdSteps,
  lowerCurvature,
  lowerGradient,
  type Refinement,
  refinement,
  refinementSteps,
  stackTrees,
  startState,
} from "../bilevel/index.ts";
import { batched } from "../bilevel/trees.ts";
import { type BudgetCurve, runWithin } from "../budgetRun.ts";
import {
  type BatchPlan,
  type Labelled,
  lowerRows,
  type Rows,
  rowBatches,
} from "../classification.ts";
import { compileScore, type Model } from "../score.ts";
import { type Contender, contendersOf } from "./contenders.ts";
import type { UseOptions } from "./options.ts";

/** One of the tasks on the user's rows. */
export interface Case<X, Y> {
  readonly problem: BilevelProblem<X, Y, Rows>;
  readonly x: Arrays<X>;
  readonly y: Arrays<Y>;
  readonly model: Model<X, Y>;
  readonly upper: Labelled;
  readonly test: Labelled;
  readonly lower: Labelled;
  /** Rates to choose from where the user gives none. */
  readonly stepSizes: readonly number[];
  readonly baselineRates: readonly number[];
}

/** What a method came to at its best rate, its lower variable fitted to the end. */
export interface Compared {
  readonly name: string;
  readonly rate: number | null;
  readonly steps: number;
  readonly calls: number;
  readonly loss: number;
  readonly accuracy: number;
  /** Validation losses on the way; null where the run diverged. */
  readonly curve: { readonly calls: readonly number[]; readonly loss: readonly (number | null)[] };
}

export interface Comparison<X, Y> {
  readonly methods: readonly Compared[];
  /** The model that is kept, and whose it is. */
  readonly kept: { readonly name: string; readonly x: Arrays<X>; readonly y: Arrays<Y> };
  readonly notes: readonly string[];
}

/** How often a run is judged on the way. */
const judgements = 10;

/** The descent of y after the last step of x, the same for everybody: epochs that average. */
const ending = { epochs: 3, firstSteps: 40, radius: Number.POSITIVE_INFINITY } as const;
const endingSteps = epochSgdSteps({ ...ending, rate: 1 });

/** The name of what the upper level is compared with. */
export const untouched = "without the upper level";

export async function* compareMethods<X, Y>(
  given: Case<X, Y>,
  options: UseOptions,
  context: RunContext,
): Running<Comparison<X, Y>> {
  const { problem } = given;
  const { seed, step } = context;
  const plan: BatchPlan = {
    upper: given.upper.labels.size,
    lower: given.lower.labels.size,
    batchSize: options.batchSize,
    lowerSteps: options.lowerSteps,
  };
  const rates = yield* step("rates", () => lowerRates(given, options, plan, seed));
  const runner = {
    score: compileScore(given.upper, given.test, given.model),
    end: compiled(batched(endOf(problem, rates.lower), [0, 0, null])),
    endRows: stackTrees(lowerRows(seed, plan, endingSteps, "ending")),
  };
  const contenders = contendersOf(options, given);
  const done: { compared: Compared; x: Arrays<X>; y: Arrays<Y> }[] = [];
  done.push(yield* step(untouched, () => withoutUpper(given, runner)));
  for (const [i, contender] of contenders.entries()) {
    const { name } = contender;
    const place = { label: name, done: i, total: contenders.length };
    yield progress(place.done, place.total, name);
    done.push(
      yield* step(name, async function* () {
        const refine = refinementOf(options, rates.lower);
        const spent = contender.refined ? refinementSteps(refine) : 0;
        const { curve, state } = yield* runWithin({
          problem,
          method: contender.method,
          start: await started(given, contender, refine, plan, rates.lower, seed),
          rates: contender.rates,
          lowerRate: rates.lower,
          linearRate: rates.linear,
          momentum: options.momentum,
          batchesAt: rowBatches(seed, plan),
          calls: options.calls,
          spent,
          judgements,
          score: runner.score,
          checkpoint: context.checkpoints(name),
          place,
        });
        return judgedAtEnd(contender, state, curve, runner);
      }),
    );
  }
  return {
    methods: done.map(({ compared }) => compared),
    kept: keptOf(done, options),
    notes: [...rates.notes],
  };
}

function keptOf<X, Y>(
  done: readonly { compared: Compared; x: Arrays<X>; y: Arrays<Y> }[],
  { keep }: UseOptions,
): Comparison<X, Y>["kept"] {
  const tried = done.filter(({ compared }) => compared.name !== untouched);
  const allowed = keep === "best" ? tried : tried.filter(({ compared }) => compared.name === keep);
  const { compared, x, y } = allowed.reduce((best, other) =>
    lossOf(other.compared) < lossOf(best.compared) ? other : best,
  );
  if (!Number.isFinite(compared.loss))
    throw new UsageError(
      `${keep === "best" ? "every method" : keep} diverged at every rate; give smaller --step-sizes and --baseline-rates, or a smaller --lower-rate`,
    );
  return { name: compared.name, x, y };
}

/** A run that diverged is worse than any. */
const lossOf = ({ loss }: Compared): number =>
  Number.isFinite(loss) ? loss : Number.POSITIVE_INFINITY;

interface Runner<X, Y> {
  readonly score: ReturnType<typeof compileScore<X, Y>>;
  readonly end: (x: Arrays<X>, y: Arrays<Y>, batches: Arrays<Rows>) => Promise<Arrays<Y>>;
  readonly endRows: Arrays<Rows>;
}

async function judgedAtEnd<X, Y>(
  { name, rates }: Contender,
  { x, y }: Arrays<BilevelState<X, Y>>,
  curve: BudgetCurve,
  { score, end, endRows }: Runner<X, Y>,
): Promise<{ compared: Compared; x: Arrays<X>; y: Arrays<Y> }> {
  const fitted = await end(x as Arrays<X>, y as Arrays<Y>, endRows);
  const { loss, accuracy } = await score(x as Arrays<X>, fitted);
  const best = loss.reduce(
    (best, value, i) => (Number.isFinite(value) && !(loss[best] <= value) ? i : best),
    0,
  );
  return {
    compared: {
      name,
      rate: rates[best],
      steps: curve.steps,
      calls: curve.calls[curve.calls.length - 1],
      loss: loss[best],
      accuracy: accuracy[best],
      curve: { calls: curve.calls, loss: curve.loss.map((judged) => judged[best]) },
    },
    x: rowOf(x as Arrays<X>, best),
    y: rowOf(fitted, best),
  };
}

/** x as it began, and y fitted to it. */
async function withoutUpper<X, Y>(
  { x, y }: Case<X, Y>,
  { score, end, endRows }: Runner<X, Y>,
): Promise<{ compared: Compared; x: Arrays<X>; y: Arrays<Y> }> {
  const [xs, ys] = [stackTrees([x]), stackTrees([y])];
  const fitted = await end(xs, ys, endRows);
  const { loss, accuracy } = await score(xs, fitted);
  const compared = {
    name: untouched,
    rate: null,
    steps: 0,
    calls: 0,
    loss: loss[0],
    accuracy: accuracy[0],
    curve: { calls: [], loss: [] },
  };
  return { compared, x, y: rowOf(fitted, 0) };
}

const endOf =
  <X, Y>(problem: BilevelProblem<X, Y, Rows>, rate: number) =>
  (x: X, y: Y, batches: Rows): Y => {
    const gradient = (at: Y, batch: Rows): Y => lowerGradient(problem, x, at, batch);
    return epochSgd(gradient, y, batches, { ...ending, rate })[ending.epochs - 1];
  };

async function started<X, Y>(
  { problem, x, y }: Case<X, Y>,
  { rates, refined }: Contender,
  refine: Refinement,
  plan: BatchPlan,
  lowerRate: number,
  seed: number,
): Promise<Arrays<BilevelState<X, Y>>> {
  const batches = stackTrees(lowerRows(seed, plan, refinementSteps(refine), "refinement"));
  const first = refined ? await compiled(refinement(problem, lowerRate, refine))(x, y, batches) : y;
  const alike = <T>(tree: T): T => stackTrees(rates.map(() => tree));
  return compiled(startState<X, Y>)(alike(x), alike(first));
}

/** Where the user says nothing both rates are 1 / lambda_max of the lower Hessian at the start. */
async function lowerRates<X, Y>(
  { problem, x, y }: Case<X, Y>,
  { lowerRate, linearRate }: UseOptions,
  plan: BatchPlan,
  seed: number,
): Promise<{ lower: number; linear: number; notes: string[] }> {
  const wide = { ...plan, batchSize: Math.min(plan.lower, 8 * plan.batchSize) };
  const [batch] = lowerRows(seed, wide, 1, "refinement");
  const curvature = await lowerCurvature(problem, x, y, batch, { seed });
  const stable = 1 / Math.max(curvature, 1);
  const lower = lowerRate ?? stable;
  const linear = linearRate ?? lower;
  const notes = [
    `The largest curvature of the lower level is ${curvature.toPrecision(3)} at the start; the rates of y and z are ${lower.toPrecision(3)} and ${linear.toPrecision(3)}.`,
  ];
  for (const [name, rate] of [
    ["--lower-rate", lower],
    ["--linear-rate", linear],
  ] as const)
    if (rate * curvature >= 2)
      notes.push(
        `${name} ${rate} times that curvature is ${(rate * curvature).toPrecision(3)}, not below 2: expect divergence.`,
      );
  return { lower, linear, notes };
}

const refinementOf = ({ refine, refineSteps }: UseOptions, rate: number): Refinement =>
  refine === "sgd"
    ? { kind: "sgd", steps: refineSteps }
    : {
        kind: "epoch",
        epochs: 3,
        firstSteps: Math.max(1, Math.round(refineSteps / 7)),
        rate,
        radius: 10,
      };

/** One run of a tree with a leading axis of runs. */
function rowOf<T>(tree: T, row: number): T {
  const [leaves, structure] = treeFlatten(tree);
  const rows = leaves.map((leaf) => {
    if (!(leaf instanceof NDArray)) return leaf;
    const [, ...shape] = leaf.shape;
    const size = shape.reduce((product, length) => product * length, 1);
    return new NDArray(leaf.data.slice(row * size, (row + 1) * size), shape, leaf.dtype);
  });
  return treeUnflatten(structure, rows) as T;
}
