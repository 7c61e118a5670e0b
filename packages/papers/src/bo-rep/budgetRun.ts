/** One method at several rates side by side within a budget of oracle calls, judged on the way. */
import { type CheckpointStore, decodeState, encodeState } from "@etude/learn";
import { NDArray, treeLeaves } from "@etude/tensor";
import { type Place, progress, type Running } from "../contract/events.ts";
import {
  type Arrays,
  type BilevelMethod,
  type BilevelProblem,
  type BilevelState,
  compileDescent,
  type HostBatches,
  ratesOf,
  totalCalls,
} from "./bilevel/index.ts";

/** By run: the loss of the upper part as a whole, and the accuracy on rows that nothing is learnt from. */
export interface Score {
  readonly loss: readonly number[];
  readonly accuracy: readonly number[];
}

export interface BudgetRun<X, Y, B> {
  readonly problem: BilevelProblem<X, Y, B>;
  readonly method: BilevelMethod;
  /** With a leading axis of runs. */
  readonly start: Arrays<BilevelState<X, Y>>;
  /** Of x, one a run. */
  readonly rates: readonly number[];
  /** gamma, and nu of z. */
  readonly lowerRate: number;
  readonly linearRate: number;
  readonly momentum: number;
  readonly batchesAt: (k: number) => HostBatches<B>;
  /** Oracle calls in all, and those already made. */
  readonly calls: number;
  readonly spent: number;
  /** How often the runs are judged on the way, at even distances. */
  readonly judgements: number;
  readonly score: (x: Arrays<X>, y: Arrays<Y>) => Promise<Score>;
  readonly checkpoint: CheckpointStore;
  readonly place: Place;
}

export interface BudgetCurve {
  /** Oracle calls at each judgement, and what was judged, by judgement and run. */
  readonly calls: readonly number[];
  readonly loss: readonly (readonly (number | null)[])[];
  readonly accuracy: readonly (readonly number[])[];
  /** Outer steps. */
  readonly steps: number;
}

export interface BudgetResult<X, Y> {
  readonly curve: BudgetCurve;
  readonly state: Arrays<BilevelState<X, Y>>;
}

interface Kept<X, Y> {
  readonly k: number;
  readonly spent: number;
  readonly state: Arrays<BilevelState<X, Y>>;
  readonly calls: readonly number[];
  readonly loss: readonly (readonly (number | null)[])[];
  readonly accuracy: readonly (readonly number[])[];
}

/** Cycles of one call of the compiled loop. */
const chunk = 5;

/** A run that diverges keeps going and is judged null; others are not disturbed by it. */
export async function* runWithin<X, Y, B>(run: BudgetRun<X, Y, B>): Running<BudgetResult<X, Y>> {
  const { method, calls, place, score, checkpoint } = run;
  const descent = compileDescent(run.problem, method, { runs: true, chunk });
  const { rates: upper, lowerRate: lower, linearRate: linear, momentum } = run;
  const rates = ratesOf({ upper, lower, linear, momentum }, floatTypeOf(run.start));
  const judged = async (
    kept: Omit<Kept<X, Y>, "loss" | "accuracy" | "calls">,
    before: Kept<X, Y>,
  ) => {
    const { loss, accuracy } = await score(kept.state.x, kept.state.y);
    return {
      ...kept,
      calls: [...before.calls, kept.spent],
      loss: [...before.loss, loss.map((value) => (Number.isFinite(value) ? value : null))],
      accuracy: [...before.accuracy, accuracy],
    };
  };
  const saved = await checkpoint.load();
  const empty = { k: 0, spent: run.spent, state: run.start, calls: [], loss: [], accuracy: [] };
  let kept: Kept<X, Y> =
    saved === undefined
      ? await judged({ k: 0, spent: run.spent, state: run.start }, empty)
      : (decodeState(saved) as Kept<X, Y>);

  for (let judgement = kept.calls.length; judgement <= run.judgements; judgement++) {
    const until = run.spent + ((calls - run.spent) * judgement) / run.judgements;
    // Whole calls of the compiled loop but for the last: another length would be compiled anew.
    const block = judgement < run.judgements ? chunk * method.period : 1;
    const { steps, spent } = stepsWithin(method, kept.k, kept.spent, until, block);
    if (steps === 0) continue;
    const { state } = await descent.advance(kept.state, rates, kept.k, steps, run.batchesAt);
    kept = await judged({ k: kept.k + steps, spent, state }, kept);
    await checkpoint.save(encodeState(kept));
    const share = (kept.spent - run.spent) / (calls - run.spent);
    yield progress(place.done + share, place.total, place.label);
    const losses = (kept.loss[kept.loss.length - 1] ?? []).filter((value) => value !== null);
    if (losses.length > 0)
      yield {
        type: "metric",
        name: `${place.label}, least validation loss`,
        step: kept.spent,
        value: Math.min(...losses),
      };
  }
  const { state, k, loss, accuracy } = kept;
  return { state, curve: { calls: kept.calls, loss, accuracy, steps: k } };
}

/** Outer steps from step k on that fit into a number of calls, in whole blocks. */
function stepsWithin(
  method: BilevelMethod,
  k: number,
  spent: number,
  until: number,
  block: number,
): { steps: number; spent: number } {
  let fitting = { steps: 0, spent };
  let total = spent;
  for (let steps = 1; ; steps++) {
    total += totalCalls(method.calls(method.updatesLower(k + steps - 1)));
    if (total > until) return fitting;
    if (steps % block === 0) fitting = { steps, spent: total };
  }
}

function floatTypeOf(tree: unknown): "float32" | "float64" {
  const [leaf] = treeLeaves(tree);
  return leaf instanceof NDArray && leaf.dtype === "float64" ? "float64" : "float32";
}
