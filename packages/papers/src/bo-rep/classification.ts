/** Bilevel problems of classification: what the upper level may be, and batches of rows. */
import { softmaxCrossEntropy } from "@etude/learn";
import { array, lift, type NDArray, random, type Tensor, treeLeaves } from "@etude/tensor";
import type { Arrays, BilevelProblem, HostBatches } from "./bilevel/index.ts";

/** Examples with their classes: inputs [n, ...], labels int32 [n]. */
export interface Labelled {
  readonly inputs: NDArray;
  readonly labels: NDArray;
}

/** What the two levels learn from. */
export interface Levels {
  readonly lower: Labelled;
  readonly upper: Labelled;
}

/** A batch: positions of rows of the level it is for, int32 [b]. */
export type Rows = { rows: Tensor };

/** Logits [b, classes] of inputs [b, ...]. */
export type Logits<Y> = (y: Y, inputs: Tensor) => Tensor;

const rowsOf = ({ inputs, labels }: Labelled, { rows }: Rows): [Tensor, Tensor] => [
  lift(inputs).gather(rows),
  lift(labels).gather(rows),
];

/** |y|^2 over all leaves: the squared norm, which is smooth at 0 and strongly convex. */
export const squaredNorm = (tree: unknown): Tensor =>
  treeLeaves(tree)
    .map((leaf) => lift(leaf).mul(lift(leaf)).sum())
    .reduce((sum, next) => sum.add(next));

/**
 * Hyper-representation: x is an encoder, y a head.
 *
 *     f = CE(upper part),   g = CE(lower part) + (ridge / 2) |y|^2
 */
export const representationProblem = <X, Y>(
  { lower, upper }: Levels,
  encode: (x: X, inputs: Tensor) => Tensor,
  logits: Logits<Y>,
  ridge: number,
): BilevelProblem<X, Y, Rows> => {
  const loss = (x: X, y: Y, part: Labelled, batch: Rows): Tensor => {
    const [inputs, labels] = rowsOf(part, batch);
    return softmaxCrossEntropy(logits(y, encode(x, inputs)), labels).mean();
  };
  return {
    upper: (x, y, batch) => loss(x, y, upper, batch),
    lower: (x, y, batch) => loss(x, y, lower, batch).add(squaredNorm(y).mul(ridge / 2)),
  };
};

/**
 * Hyper-parameter optimisation: x holds the logarithms of penalties, y is the whole model.
 *
 *     f = CE(upper part),   g = CE(lower part) + penalty(exp x, y) + (ridge / 2) |y|^2
 *
 * @param penalty such as sum_j exp(x_j) |W_j|^2 / 2
 */
export const hyperparameterProblem = <Y>(
  { lower, upper }: Levels,
  logits: Logits<Y>,
  penalty: (strengths: Tensor, y: Y) => Tensor,
  ridge: number,
): BilevelProblem<{ log: Tensor }, Y, Rows> => {
  const loss = (y: Y, part: Labelled, batch: Rows): Tensor => {
    const [inputs, labels] = rowsOf(part, batch);
    return softmaxCrossEntropy(logits(y, inputs), labels).mean();
  };
  return {
    upper: (_, y, batch) => loss(y, upper, batch),
    lower: (x, y, batch) =>
      loss(y, lower, batch)
        .add(penalty(x.log.exp(), y))
        .add(squaredNorm(y).mul(ridge / 2)),
  };
};

/**
 * Label cleaning: x holds one logit a lower row, whose sigmoid is its weight; y is the whole model.
 *
 *     f = CE(upper part),   g = mean_i sigmoid(x_i) CE_i + (ridge / 2) |y|^2
 */
export const cleaningProblem = <Y>(
  { lower, upper }: Levels,
  logits: Logits<Y>,
  ridge: number,
): BilevelProblem<{ logit: Tensor }, Y, Rows> => ({
  upper: (_, y, batch) => {
    const [inputs, labels] = rowsOf(upper, batch);
    return softmaxCrossEntropy(logits(y, inputs), labels).mean();
  },
  lower: ({ logit }, y, batch) => {
    const [inputs, labels] = rowsOf(lower, batch);
    const losses = softmaxCrossEntropy(logits(y, inputs), labels);
    return logit
      .gather(batch.rows)
      .sigmoid()
      .mul(losses)
      .mean()
      .add(squaredNorm(y).mul(ridge / 2));
  },
});

export interface BatchPlan {
  /** Rows of the upper and of the lower part. */
  readonly upper: number;
  readonly lower: number;
  readonly batchSize: number;
  /** Lower batches for the steps of y. */
  readonly lowerSteps: number;
}

/** Purposes of random numbers, apart from one another. */
const purposes = { steps: 11, refinement: 12, ending: 13 } as const;

/** Batches of step k: independent draws without replacement, a function of seed and k. */
export function rowBatches(seed: number, plan: BatchPlan): (k: number) => HostBatches<Rows> {
  const draws = random.generator(seed).fork(purposes.steps);
  return (k) => {
    const draw = draws.fork(k);
    const of = (rows: number): Arrays<Rows> => ({ rows: sampled(draw, rows, plan.batchSize) });
    return {
      upper: of(plan.upper),
      lowerHvp: of(plan.lower),
      lowerMixed: of(plan.lower),
      lowerSgd: Array.from({ length: plan.lowerSteps }, () => of(plan.lower)),
    };
  };
}

/** Lower batches for the descent before the first outer step, or after the last. */
export function lowerRows(
  seed: number,
  plan: BatchPlan,
  steps: number,
  purpose: "refinement" | "ending",
): Arrays<Rows>[] {
  const draw = random.generator(seed).fork(purposes[purpose]);
  return Array.from({ length: steps }, () => ({
    rows: sampled(draw, plan.lower, plan.batchSize),
  }));
}

const sampled = (draw: random.Generator, rows: number, size: number): NDArray =>
  array(draw.sample(rows, Math.min(size, rows)));
