/** A finite distribution on a line, linear scores, and both sides of the bound (6). */
import { compileMinimizer } from "@etude/learn";
import {
  array,
  grad,
  jit,
  lift,
  type NDArray,
  random,
  scan,
  type Tensor,
  zeros,
} from "@etude/tensor";
import { hConsistencyBound } from "../bounds.ts";
import { gapUpperBound, minimizabilityGap, zeroOneGap } from "../gaps.ts";
import { compSumLoss } from "../losses.ts";

const classes = 3;
const points = 8;
const positions = Array.from({ length: points }, (_, i) => (2 * i) / (points - 1) - 1);

export interface LineResult {
  readonly tau: number;
  /** R_01(h) - R*_01(H) of a linear h after few steps of gradient descent. */
  readonly excess01: number;
  /** The right side of (6) for it. */
  readonly bound: number;
  /** R*_tau(H), M_tau(H) and the upper bound (10) of it. */
  readonly best: number;
  readonly gap: number;
  readonly gapBound: number;
}

interface Line {
  readonly conditional: readonly (readonly number[])[];
  readonly weights: readonly number[];
}

function drawLine(seed: number): Line {
  const draws = random.generator(seed);
  const simplex = (n: number, power: number): number[] => {
    const raw = Array.from({ length: n }, () => (-Math.log(1 - draws.uniform())) ** power);
    const sum = raw.reduce((total, value) => total + value, 0);
    return raw.map((value) => value / sum);
  };
  const weights = simplex(points, 0.5);
  return { weights, conditional: positions.map(() => simplex(classes, 2)) };
}

const design = array(
  positions.map((x) => [x, 1]),
  { dtype: "float64" },
);

/** Scores [points, classes] of a line per class: slopes and offsets [2, classes]. */
const scoresOf = (lines: Tensor): Tensor => lift(design).matmul(lines);

const riskAt =
  (tau: number) =>
  (lines: Tensor, q: Tensor, weights: Tensor): Tensor =>
    compSumLoss(scoresOf(lines), q, { tau }).mul(weights).sum();

/**
 * Both sides of (6) for every tau, H the linear scores on the line. R*_01(H) is exact: along a line
 * the largest of three linear functions changes at most twice, and each of them leads on one
 * interval. R*_tau(H) is exact up to tau = 1, where the risk is convex, and the best found above it.
 */
export async function measureLine(taus: readonly number[], seed: number): Promise<LineResult[]> {
  const line = drawLine(seed);
  const q = array(line.conditional, { dtype: "float64" });
  const weights = array(line.weights, { dtype: "float64" });
  const best01 = bestZeroOne(line);
  const gap01 = zeroOneGap({ ...line, bestInClassRisk: best01 });
  const best = new Map<number, number>();
  for (const tau of [0, ...taus])
    if (!best.has(tau)) best.set(tau, await bestRisk(tau, q, weights, seed));
  const bestSumExponential = best.get(0) ?? Number.NaN;

  const results: LineResult[] = [];
  for (const tau of taus) {
    const bestSurrogate = best.get(tau) ?? Number.NaN;
    const { scores, risk } = await descend(tau, q, weights);
    const gap = minimizabilityGap({ ...line, bestInClassRisk: bestSurrogate, tau });
    const bound = { surrogateRisk: risk, bestSurrogate, gap, gap01, tau, n: classes };
    results.push({
      tau,
      excess01: zeroOneRisk(line, chosenBy(scores)) - best01,
      bound: hConsistencyBound(bound),
      best: bestSurrogate,
      gap,
      gapBound: gapUpperBound({ ...line, bestSumExponential, tau }),
    });
  }
  return results;
}

/** A model in training: few steps of gradient descent from zero. */
async function descend(tau: number, q: NDArray, weights: NDArray) {
  const steps = 25;
  const rate = 0.3;
  const risk = riskAt(tau);
  const run = jit((p: Tensor, w: Tensor) => {
    const slope = grad((lines: Tensor) => risk(lines, p, w));
    const start = lift(zeros([2, classes], "float64"));
    const [lines] = scan((at: Tensor) => [at.sub(slope(at).mul(rate)), {}], start, undefined, {
      length: steps,
    });
    return { scores: scoresOf(lines), risk: risk(lines, p, w) };
  });
  const { scores, risk: value } = await run(q, weights);
  return { scores, risk: value.item() };
}

async function bestRisk(tau: number, q: NDArray, weights: NDArray, seed: number): Promise<number> {
  const minimise = compileMinimizer(riskAt(tau));
  const draws = random.generator(seed).fork(1);
  let best = Number.POSITIVE_INFINITY;
  for (let start = 0; start < (tau <= 1 ? 1 : 12); start++) {
    const lines = Array.from({ length: 2 * classes }, () => (start === 0 ? 0 : 3 * draws.normal()));
    const { value } = await minimise(
      array(Float64Array.from(lines), { shape: [2, classes] }),
      [q, weights],
      { gradientTolerance: 1e-10, relativeDecrease: 0, maxIterations: 2000 },
    );
    best = Math.min(best, value);
  }
  return best;
}

const zeroOneRisk = ({ conditional, weights }: Line, labels: readonly number[]): number =>
  weights.reduce((risk, weight, i) => risk + weight * (1 - conditional[i][labels[i]]), 0);

const chosenBy = ({ data }: NDArray): number[] =>
  positions.map((_, i) => {
    const row = Array.from(data.subarray(i * classes, (i + 1) * classes), Number);
    return row.lastIndexOf(Math.max(...row));
  });

/** The least zero-one risk of all ways to give the points to three classes in intervals, in any order. */
function bestZeroOne(line: Line): number {
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];
  const places = Array.from({ length: points + 1 }, (_, i) => i);
  const risks = orders.flatMap((order) =>
    places.flatMap((first) =>
      places
        .filter((second) => second >= first)
        .map((second) => {
          const labels = positions.map((_, i) => order[Number(i >= first) + Number(i >= second)]);
          return zeroOneRisk(line, labels);
        }),
    ),
  );
  return Math.min(...risks);
}
