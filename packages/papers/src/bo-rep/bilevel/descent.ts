/**
 * Methods compiled: whole cycles of outer steps in one loop of one call, for one run or for many side
 * by side, which differ in where they begin and in their rates and see the same batches.
 */
import { mapTensors } from "@etude/learn";
import { array, concat, lift, type NDArray, type Tensor } from "@etude/tensor";
import type { BilevelMethod, BilevelState, HostBatches, Rates, StepBatches } from "./method.ts";
import { type BilevelProblem, foldTree, stackTrees } from "./problem.ts";
import { type Arrays, batched, compiled, scanTrees } from "./trees.ts";

/** Scalars that are to be recorded at every outer step, from the point it begins with. */
export type Observe<X, Y> = (x: X, y: Y) => Readonly<Record<string, Tensor>>;

/** Records by name: [steps], or [steps * runs] with the runs of a step side by side. */
export type Records = Readonly<Record<string, Float64Array>>;

export interface DescentOptions<X, Y> {
  /** States and rates have a leading axis of runs. */
  readonly runs?: boolean;
  /** Beside `value`, f on the upper batch, and `norm`, that of the hypergradient. */
  readonly observe?: Observe<X, Y>;
  /** Cycles of one compiled call. */
  readonly chunk?: number;
}

export interface Advanced<X, Y> {
  readonly state: Arrays<BilevelState<X, Y>>;
  readonly records: Records;
}

export interface Descent<X, Y, B> {
  /**
   * Outer steps from, from + 1, ... The batches of step k depend on k alone, so however a run is cut
   * into calls it is the same run.
   */
  advance(
    state: Arrays<BilevelState<X, Y>>,
    rates: Arrays<Rates>,
    from: number,
    steps: number,
    batchesAt: (k: number) => HostBatches<B>,
  ): Promise<Advanced<X, Y>>;
}

/** Batches of a cycle of I steps along the leading axes; those of y belong to its first step. */
interface CycleBatches<B> {
  upper: B;
  lowerHvp: B;
  lowerMixed: B;
  lowerSgd: B;
  index: Tensor;
}

export function compileDescent<X, Y, B>(
  problem: BilevelProblem<X, Y, B>,
  method: BilevelMethod,
  { runs = false, observe = () => ({}), chunk = 25 }: DescentOptions<X, Y> = {},
): Descent<X, Y, B> {
  type State = BilevelState<X, Y>;
  const step =
    (updates: boolean) => (state: State, batches: StepBatches<B>, rates: Rates, index: Tensor) => {
      const seen = observe(state.x, state.y);
      const result = method.step(problem, state, batches, rates, index, updates);
      const records = { ...seen, value: result.value, norm: result.norm };
      return { state: result.state, records };
    };
  const outer = (updates: boolean) =>
    runs ? batched(step(updates), [0, null, 0, null]) : step(updates);

  const cycle = (state: State, batches: CycleBatches<B>, rates: Rates, updates: boolean) => {
    const { lowerSgd, ...each } = batches;
    const at = (i: number) => mapTensors((leaf) => leaf.slice(i), each);
    const { index, ...begin } = at(0);
    const first = outer(updates)(state, { ...begin, lowerSgd }, rates, index);
    const one = mapTensors((leaf) => leaf.expandDims(0), first.records);
    const length = each.index.shape[0];
    if (length === 1) return [first.state, one] as const;
    const others = mapTensors((leaf) => leaf.slice([1, length]), each);
    const [last, rest] = scanTrees(
      (carry: State, { index, ...batches }: typeof others) => {
        const next = outer(false)(carry, { ...batches, lowerSgd }, rates, index);
        return [next.state, next.records] as const;
      },
      first.state,
      others,
    );
    return [last, mapTensors((a, b) => concat([a, b]), one, rest)] as const;
  };
  const cycles = (updates: boolean) =>
    compiled((state: State, batches: CycleBatches<B>, rates: Rates) =>
      scanTrees(
        (carry: State, each: CycleBatches<B>) => cycle(carry, each, rates, updates),
        state,
        batches,
      ),
    );
  const run = { updating: cycles(true), resting: cycles(false) };

  return {
    async advance(start, rates, from, steps, batchesAt) {
      const end = from + steps;
      const parts: Arrays<Record<string, Tensor>>[] = [];
      let [state, k] = [start, from];
      while (k < end) {
        const updates = method.updatesLower(k);
        const { count, length } = nextCycles(method, k, end, chunk);
        const batches = cycleBatches(batchesAt, method, k, count, length, updates);
        const [next, records] = await run[updates ? "updating" : "resting"](state, batches, rates);
        state = next;
        parts.push(records as Arrays<Record<string, Tensor>>);
        k += count * length;
      }
      return { state, records: joined(parts) };
    },
  };
}

/** As many whole cycles as one call takes, or the steps to the next cycle or the end. */
function nextCycles(
  { period, updatesLower }: BilevelMethod,
  k: number,
  end: number,
  chunk: number,
): { count: number; length: number } {
  if (k % period > 0) return { count: 1, length: Math.min(period - (k % period), end - k) };
  if (end - k < period) return { count: 1, length: end - k };
  // The first cycle of a run may be of another kind than those that follow.
  if (updatesLower(k) !== updatesLower(k + period)) return { count: 1, length: period };
  return { count: Math.min(chunk, Math.floor((end - k) / period)), length: period };
}

function cycleBatches<B>(
  batchesAt: (k: number) => HostBatches<B>,
  method: BilevelMethod,
  from: number,
  count: number,
  length: number,
  updates: boolean,
): Arrays<CycleBatches<B>> {
  const all = Array.from({ length: count * length }, (_, i) => batchesAt(from + i));
  const each = (name: "upper" | "lowerHvp" | "lowerMixed"): Arrays<B> =>
    foldTree(stackTrees(all.map((batches) => batches[name])), count);
  // Steps without an update read none; a batch of the product stands in, to have something of the shape.
  const descents = all
    .filter((_, i) => i % length === 0)
    .flatMap(({ lowerSgd, lowerHvp }) =>
      updates ? lowerSgd.slice(0, method.lowerSteps) : [lowerHvp],
    );
  const index = array(Float32Array.from(all, (_, i) => from + i));
  return {
    upper: each("upper"),
    lowerHvp: each("lowerHvp"),
    lowerMixed: each("lowerMixed"),
    lowerSgd: foldTree(stackTrees(descents), count),
    index: index.reshape([count, length]),
  } as Arrays<CycleBatches<B>>;
}

function joined(parts: readonly Arrays<Record<string, Tensor>>[]): Records {
  const names = Object.keys(parts[0] ?? {});
  return Object.fromEntries(
    names.map((name) => {
      const pieces = parts.map((part) => (part[name] as NDArray).data);
      const whole = new Float64Array(pieces.reduce((sum, { length }) => sum + length, 0));
      let at = 0;
      for (const piece of pieces) {
        whole.set(piece, at);
        at += piece.length;
      }
      return [name, whole];
    }),
  );
}

/** Rates as the arrays of a compiled call: scalars, or one entry a run. */
export function ratesOf(
  rates: { readonly [K in keyof Rates]: number | readonly number[] },
  dtype: "float32" | "float64",
): Arrays<Rates> {
  const runs = Object.values(rates).find((value) => typeof value !== "number");
  const as = (value: number | readonly number[]): NDArray => {
    if (runs === undefined && typeof value === "number")
      return array([value], { dtype }).reshape([]);
    const count = Array.isArray(runs) ? runs.length : 1;
    const values = typeof value === "number" ? new Array<number>(count).fill(value) : value;
    return array([...values], { dtype });
  };
  return {
    upper: as(rates.upper),
    lower: as(rates.lower),
    linear: as(rates.linear),
    momentum: as(rates.momentum),
  };
}

/** The state before the first step: z = 0 and m = 0. */
export const startState = <X, Y>(x: X, y: Y): BilevelState<X, Y> => ({
  x,
  y,
  z: mapTensors((leaf) => lift(leaf).mul(0), y),
  m: mapTensors((leaf) => lift(leaf).mul(0), x),
});
