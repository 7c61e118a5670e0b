/** Every method on the problem of growing smoothness, over a grid of rates and starts side by side. */
import { array } from "@etude/tensor";
import {
  type BilevelMethod,
  boRepMethod,
  compileDescent,
  compiled,
  maSobaMethod,
  ratesOf,
  refinement,
  sobaMethod,
  stackTrees,
  startState,
  stocBioMethod,
  totalCalls,
  ttsaMethod,
} from "../bilevel/index.ts";
import { batched } from "../bilevel/trees.ts";
import { growingNoise, growingProblem, refinementNoise } from "./growing.ts";

export interface GrowingOptions {
  readonly rhos: readonly number[];
  readonly steps: number;
  /** A shorter horizon, read off the same runs. */
  readonly earlySteps: number;
  /** Rates of x are 10 to these powers. */
  readonly exponents: readonly number[];
  /** Plain steps of the refinement. */
  readonly refineSteps: number;
}

/** Scores over the grid of rates: the mean of Phi - 1 over the last steps before a horizon. */
export interface GrowingScores {
  readonly method: string;
  readonly rho: number;
  readonly refined: boolean;
  /** Such as "500 steps" or "8000 calls". */
  readonly horizon: string;
  /** By rate; null where a run diverged. */
  readonly scores: readonly (number | null)[];
}

export interface GrowingCurve {
  readonly method: string;
  readonly rho: number;
  /** At the rate that is best for this seed, of the better start. */
  readonly rate: number;
  readonly steps: readonly number[];
  readonly excess: readonly (number | null)[];
}

export interface GrowingMethodResult {
  readonly scores: readonly GrowingScores[];
  readonly curves: readonly GrowingCurve[];
}

const lowerRate = 0.2;
const linearRate = 0.2;
const momentum = 0.9;
export const lowerSteps = 3;

export const growingMethods: readonly BilevelMethod[] = [
  boRepMethod({ period: 2, lowerSteps }),
  boRepMethod({ period: 1, lowerSteps, name: "BO-REP, I = 1" }),
  boRepMethod({ period: 2, lowerSteps, normalise: false, name: "BO-REP, not normalised" }),
  boRepMethod({ period: 2, lowerSteps, useNewZ: false, name: "BO-REP, old z" }),
  sobaMethod(),
  maSobaMethod(),
  stocBioMethod({ lowerSteps }),
  ttsaMethod(),
];

export const growingBaselines = ["SOBA", "MA-SOBA", "StocBiO", "TTSA"] as const;

/** Steps that a score is the mean over. */
const window = 20;
/** Points of a curve. */
const points = 60;

/** Names of the horizons scores are taken at. */
export const horizonsOf = ({ steps, earlySteps }: GrowingOptions) => ({
  early: `${earlySteps} steps`,
  late: `${steps} steps`,
  /** What the cheapest methods spend on all steps. */
  calls: `${4 * steps} calls`,
});

/** One method at all rates from all starts, with the noise of the seed. */
export async function runGrowing(
  method: BilevelMethod,
  options: GrowingOptions,
  seed: number,
): Promise<GrowingMethodResult> {
  const { rhos, steps, exponents, refineSteps } = options;
  const { problem, excess, start } = growingProblem(seed);
  const starts = await growingStarts(options, seed);
  const rates = exponents.map((exponent) => 10 ** exponent);
  // Runs: start by start, refined or not, rate by rate.
  const runs = rhos.flatMap((rho) =>
    [false, true].flatMap((refined) => rates.map((rate) => ({ rho, refined, rate }))),
  );
  const row = { x: (r: (typeof runs)[number]) => start(r.rho), y: starts };
  const stacked = (of: (run: (typeof runs)[number]) => Float64Array) => ({
    v: array(Float64Array.from(runs.flatMap((run) => [...of(run)])), {
      shape: [runs.length, start(0).length],
    }),
  });
  const first = await compiled(startState<Vector, Vector>)(stacked(row.x), stacked(row.y));
  const descent = compileDescent(problem, method, {
    runs: true,
    observe: ({ v }) => ({ excess: excess(v) }),
    chunk: 100,
  });
  const grid = { upper: runs.map(({ rate }) => rate), lower: lowerRate, linear: linearRate };
  const noise = growingNoise(seed, steps, lowerSteps);
  const { records } = await descent.advance(
    first,
    ratesOf({ ...grid, momentum }, "float64"),
    0,
    steps,
    (k) => noise[k],
  );
  return tell(method, options, runs, records.excess, refineSteps);
}

type Vector = Parameters<ReturnType<typeof growingProblem>["problem"]["upper"]>[0];

/** y_0 of a run: 0, or after the refinement. */
async function growingStarts(
  { rhos, refineSteps }: GrowingOptions,
  seed: number,
): Promise<(run: { readonly rho: number; readonly refined: boolean }) => Float64Array> {
  const { problem, start } = growingProblem(seed);
  const size = start(0).length;
  const x = {
    v: array(Float64Array.from(rhos.flatMap((rho) => [...start(rho)])), {
      shape: [rhos.length, size],
    }),
  };
  const y = { v: array(new Float64Array(rhos.length * size), { shape: [rhos.length, size] }) };
  const refine = refinement(problem, lowerRate, { kind: "sgd", steps: refineSteps });
  const refined = await compiled(batched(refine, [0, 0, null]))(
    x,
    y,
    stackTrees(refinementNoise(seed, refineSteps)),
  );
  const rows = Float64Array.from(refined.v.data);
  return ({ rho, refined: isRefined }) => {
    const at = rhos.indexOf(rho) * size;
    return isRefined ? rows.slice(at, at + size) : new Float64Array(size);
  };
}

function tell(
  method: BilevelMethod,
  options: GrowingOptions,
  runs: readonly { readonly rho: number; readonly refined: boolean; readonly rate: number }[],
  excess: Float64Array,
  refineSteps: number,
): GrowingMethodResult {
  const { rhos, steps, earlySteps, exponents } = options;
  const names = horizonsOf(options);
  const at = (k: number, run: number) => excess[k * runs.length + run];
  const score = (end: number, run: number): number | null => {
    const first = Math.max(0, end - window);
    let total = 0;
    for (let k = first; k < end; k++) total += at(k, run);
    return Number.isFinite(total) ? total / (end - first) : null;
  };
  const scores: GrowingScores[] = [];
  const curves: GrowingCurve[] = [];
  for (const rho of rhos) {
    let best: { run: number; score: number } | undefined;
    for (const refined of [false, true]) {
      const members = runs.flatMap((run, i) =>
        run.rho === rho && run.refined === refined ? [i] : [],
      );
      const affordable = stepsFor(method, 4 * steps - (refined ? refineSteps : 0), steps);
      for (const [horizon, end] of [
        [names.early, earlySteps],
        [names.late, steps],
        [names.calls, affordable],
      ] as const)
        scores.push({
          method: method.name,
          rho,
          refined,
          horizon,
          scores: members.map((run) => score(end, run)),
        });
      for (const run of members) {
        const value = score(steps, run);
        if (value !== null && (best === undefined || value < best.score))
          best = { run, score: value };
      }
    }
    if (best === undefined) continue;
    const { run } = best;
    const every = Math.max(1, Math.floor(steps / points));
    const shown = Array.from({ length: Math.ceil(steps / every) }, (_, i) => i * every);
    curves.push({
      method: method.name,
      rho,
      rate: 10 ** exponents[run % exponents.length],
      steps: shown,
      excess: shown.map((k) => {
        const value = at(k, run);
        return Number.isFinite(value) ? value : null;
      }),
    });
  }
  return { scores, curves };
}

/** Outer steps that a number of oracle calls pays for, at most `most`. */
export function stepsFor(method: BilevelMethod, calls: number, most: number): number {
  let [left, k] = [calls, 0];
  for (; k < most; k++) {
    left -= totalCalls(method.calls(method.updatesLower(k)));
    if (left < 0) break;
  }
  return k;
}
