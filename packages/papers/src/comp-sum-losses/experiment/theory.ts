/** The bounds on random distributions and scores, where they are tight, and the optima of (8). */
import { compileMinimizer } from "@etude/learn";
import {
  array,
  evaluate,
  jit,
  lift,
  type NDArray,
  random,
  type Tensor,
  type TensorLike,
} from "@etude/tensor";
import { hConsistencyTransform } from "../bounds.ts";
import { conditionalOptimum } from "../gaps.ts";
import { compSumLoss } from "../losses.ts";

/** The conditional form of (6) on random pairs, for one loss and number of classes. */
export interface Searched {
  readonly classes: number;
  readonly tau: number;
  /** Pairs whose excess loss is below T of their excess zero-one loss by more than 1e-9. */
  readonly violations: number;
  /** Pairs with an excess zero-one loss: the others say nothing. */
  readonly wrong: number;
  /** Smallest quotient of the excess loss and T of the excess zero-one loss. */
  readonly smallestRatio: number;
}

const float64 = { dtype: "float64" } as const;

/** Flat to peaked distributions q, and scores from unrelated to q to nearly its best: [draws, classes]. */
function drawPairs(key: TensorLike, draws: number, classes: number) {
  const [shape, column] = [
    [draws, classes],
    [draws, 1],
  ];
  const [weightKey, powerKey, pullKey, noiseKey, spreadKey] = random.split(key, 5);
  const power = random.uniform(powerKey, column, { ...float64, low: 0.2, high: 3 });
  const weights = random.exponential(weightKey, shape, float64).pow(power);
  const q = weights.div(weights.sum(-1, { keepDims: true }));
  const pull = random.uniform(pullKey, column, { ...float64, high: 2 });
  const spread = random.uniform(spreadKey, column, { ...float64, high: 2 });
  const noise = random.normal(noiseKey, shape, float64).mul(spread);
  return { q, scores: q.log().mul(pull).add(noise) };
}

/** All pairs of one number of classes, for every tau. */
export async function searchBounds(
  classes: number,
  taus: readonly number[],
  draws: number,
  seed: number,
): Promise<Searched[]> {
  const run = jit((key: Tensor) => {
    const { q, scores } = drawPairs(random.foldIn(key, classes), draws, classes);
    const chosen = q.takeAlongAxis(scores.argmax(-1).expandDims(-1)).squeeze(-1);
    const risks = taus.map((tau) => compSumLoss(scores, q, { tau }));
    return { q, excess01: q.max(-1).sub(chosen), risks };
  });
  const { q, excess01, risks } = await run(random.key(seed));
  return taus.map((tau, t) => {
    const { T } = hConsistencyTransform(tau, classes);
    let [violations, wrong, smallestRatio] = [0, 0, Number.POSITIVE_INFINITY];
    for (let i = 0; i < draws; i++) {
      const excess = risks[t].data[i] - conditionalOptimum(rowOf(q, i), tau);
      const least = T(excess01.data[i]);
      if (excess < least - 1e-9) violations++;
      if (least < 1e-9) continue;
      wrong++;
      smallestRatio = Math.min(smallestRatio, excess / least);
    }
    return { classes, tau, violations, wrong, smallestRatio };
  });
}

const rowOf = ({ data, shape: [, width] }: NDArray, row: number): number[] =>
  Array.from(data.subarray(row * width, (row + 1) * width), Number);

/** Two classes of equal scores, the others impossible, for one loss and number of classes. */
export interface Tightness {
  readonly classes: number;
  readonly tau: number;
  /** Whether the paper's claim covers it: tau <= 1, or two classes below tau = 2. */
  readonly claimed: boolean;
  /** Largest |excess loss - T(beta)| over beta. */
  readonly error: number;
  /** Largest excess loss over T(beta): 1 where the bound is attained. */
  readonly ratio: number;
}

const betas = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1];

export async function measureTightness(
  classes: readonly number[],
  taus: readonly number[],
): Promise<Tightness[]> {
  const results: Tightness[] = [];
  for (const n of classes) {
    const others = (value: number) => new Array<number>(n - 2).fill(value);
    const q = betas.map((b) => [(1 + b) / 2, (1 - b) / 2, ...others(0)]);
    const scores = betas.map(() => [0, 0, ...others(Number.NEGATIVE_INFINITY)]);
    const [s, p] = [scores, q].map((rows) => lift(array(rows, float64)));
    const risks = await evaluate(taus.map((tau) => compSumLoss(s, p, { tau })));
    taus.forEach((tau, t) => {
      const { T } = hConsistencyTransform(tau, n);
      const excesses = q.map((row, i) => risks[t].data[i] - conditionalOptimum(row, tau));
      const claimed = tau <= 1 || (tau < 2 && n === 2);
      const error = Math.max(...betas.map((b, i) => Math.abs(excesses[i] - T(b))));
      const ratio = Math.max(...betas.map((b, i) => excesses[i] / T(b)));
      results.push({ classes: n, tau, claimed, error, ratio });
    });
  }
  return results;
}

/** Largest distance between (8) and what minimisation finds, over random distributions. */
export interface Optimum {
  readonly classes: number;
  readonly tau: number;
  readonly error: number;
}

const distributions = 6;

/**
 * Each conditional risk is minimised over free scores by L-BFGS, from even scores, scores that prefer
 * one class, and multiples of log q: above tau = 1 the risk is not convex and has local minima.
 */
export async function measureOptima(
  classes: readonly number[],
  taus: readonly number[],
  seed: number,
): Promise<Optimum[]> {
  const results: Optimum[] = [];
  for (const n of classes) {
    const generator = random.generator(seed).fork(n);
    const q = Array.from({ length: distributions }, () => {
      const weights = Array.from({ length: n }, () => -Math.log(1 - generator.uniform()));
      const sum = weights.reduce((total, weight) => total + weight, 0);
      return weights.map((weight) => weight / sum);
    });
    const startsFor = (row: readonly number[]) => [
      row.map(() => 0),
      ...row.map((_, preferred) => row.map((_, c) => (c === preferred ? 3 : 0))),
      ...[1, 3, 6].map((pull) => row.map((p) => pull * Math.log(p))),
    ];
    const count = startsFor(q[0]).length;
    const begin = q.flatMap(startsFor);
    const repeated = q.flatMap((row) => startsFor(row).map(() => row));
    for (const tau of taus) {
      const minimise = compileMinimizer((scores: Tensor, p: Tensor) =>
        compSumLoss(scores, p, { tau }).sum(),
      );
      const p = array(repeated, float64);
      const { params } = await minimise(array(begin, float64), [p], {
        gradientTolerance: 1e-10,
        relativeDecrease: 0,
        maxIterations: 2000,
      });
      const risks = await evaluate(compSumLoss(lift(params), lift(p), { tau }));
      const error = Math.max(
        ...q.map((row, i) => {
          const found = risks.data.subarray(i * count, (i + 1) * count);
          return Math.abs(Math.min(...found) - conditionalOptimum(row, tau));
        }),
      );
      results.push({ classes: n, tau, error });
    }
  }
  return results;
}
