/**
 * Convex adversarial training (section 4 of the paper, eq. 15-19): the perturbation set is
 * |Delta_kj| <= eps in all columns but the bias.
 *
 * Robust cones keep every pattern fixed over the whole set (15); then the network is linear around a
 * sample, with weights q_k (16), and its worst margin is known (17). The sum (18) over worst margins
 * bounds the robust loss from above.
 *
 * The paper takes a conic solver; here the constraints are an exact penalty, minimised by Adam with a
 * falling rate. What violation remains is measured and enters the certificate.
 */
import { array, jit, type NDArray, type Tensor } from "@etude/tensor";
import { asSigns, reachOf } from "./attack.ts";
import { compileDescent, fallingRates } from "./descent.ts";
import type { LossName } from "./losses.ts";
import { type Patterns, requireWhole } from "./patterns.ts";
import {
  blockNorms,
  type ConvexSolution,
  coneSides,
  convexProgram,
  ones64,
  type Program,
  parted,
  requirePositive,
  scalar,
  zeros64,
} from "./program.ts";

export interface AdversarialOptions {
  /** Radius of the perturbation set, >= 0. */
  readonly eps: number;
  readonly beta: number;
  readonly loss: LossName;
  /** Columns that are not perturbed: the last. */
  readonly bias?: readonly number[];
  /** Weight of the penalty: 20. */
  readonly kappa?: number;
  /** Adam's first rate: 5e-3; it falls to zero in a straight line. */
  readonly rate?: number;
  /** 4000 */
  readonly steps?: number;
}

export interface RobustSolution extends Omit<ConvexSolution, "history" | "multipliers"> {
  /** (18) without the penalty, at the answer. */
  readonly objective: number;
  /** The mean over samples in (18), without weight decay. */
  readonly dataTerm: number;
  /**
   * No attack within eps raises the mean loss of the recovered network on these samples above this
   * (eq. 20, with the violations inside the loss, which is tighter).
   */
  readonly certifiedBound: number;
  /** Blocks set to zero because their violations cost more than they gave. */
  readonly dropped: number;
  /** The penalised objective before every step. */
  readonly losses: Float64Array;
}

/** Effective weights of every sample, eq. 16: q_k = sum_i d_ik (v_i - w_i), [n, d]. */
export const effectiveWeights = ({ masks, signs }: Program<Tensor>, blocks: Tensor): Tensor =>
  masks.transpose().matmul(blocks.mul(signs));

/** eps |q_k|_1 over the columns that can be perturbed: `reach` is eps there, 0 elsewhere. */
const perturbation = (weights: Tensor, reach: Tensor): Tensor => weights.abs().mul(reach).sum(-1);

/** Worst margins of classes -1 and 1, eq. 17: y_k x_k^T q_k - eps |q_k|_1, [n]. */
export const worstMargins = (X: Tensor, signs: Tensor, weights: Tensor, reach: Tensor): Tensor =>
  X.mul(weights).sum(-1).mul(signs).sub(perturbation(weights, reach));

/**
 * The loss of every sample under the worst perturbation of its linear model (18, 19), if its output may
 * be off by `error` >= 0 on top of that. [n]
 */
export function worstLosses(
  program: Program<Tensor>,
  blocks: Tensor,
  reach: Tensor,
  loss: LossName,
  error: Tensor | 0 = 0,
): Tensor {
  const { X, y } = program;
  const q = effectiveWeights(program, blocks);
  if (loss === "squared") {
    const far = X.mul(q).sum(-1).sub(y).abs().add(perturbation(q, reach)).add(error);
    return far.mul(far).mul(0.5);
  }
  const margins = worstMargins(X, asSigns(y, loss), q, reach).sub(error);
  return loss === "hinge" ? margins.neg().add(1).relu() : margins.mul(-2).softplus();
}

/** What is left of the robust cone constraints (15), negative where violated: [2P, n]. */
export const robustSlack = (program: Program<Tensor>, blocks: Tensor, reach: Tensor): Tensor =>
  coneSides(program, blocks).sub(perturbation(blocks, reach).expandDims(-1));

/** |v_i|, with the derivative 0 at 0. */
const smoothNorms = (blocks: Tensor): Tensor => blocks.mul(blocks).sum(-1).add(1e-24).sqrt();

const penalised = (loss: LossName) =>
  compileDescent(
    (
      { blocks }: { blocks: Tensor },
      program: Program<Tensor>,
      reach: Tensor,
      beta: Tensor,
      kappa: Tensor,
    ) => {
      const data = worstLosses(program, blocks, reach, loss).mean();
      const violation = robustSlack(program, blocks, reach).neg().relu().mean(-1).sum();
      return data.add(smoothNorms(blocks).sum().mul(beta)).add(violation.mul(kappa));
    },
    "adam",
  );
const descents = new Map<LossName, ReturnType<typeof penalised>>();

/** Everything the certificate needs, with blocks where `kept` is 0 left out. */
const examine = jit(
  (program: Program<Tensor>, blocks: Tensor, reach: Tensor, kept: Tensor, loss: LossName) => {
    const left = blocks.mul(kept);
    const violations = robustSlack(program, left, reach).neg().relu();
    // A wrongly signed pre-activation changes the output of its unit by at most its violation.
    const error = violations.sum(0);
    return {
      data: worstLosses(program, left, reach, loss).mean(),
      bound: worstLosses(program, left, reach, loss, error).mean(),
      norms: blockNorms(left),
      largest: violations.max(-1),
    };
  },
);

/**
 * Trains a network that is robust against every perturbation within eps, and says how robust at least:
 * the bound holds for any v and w.
 *
 * @param X [n, d], the last column ones (or `bias` says which is)
 * @param y [n]: -1 and 1 (hinge), 0 and 1 (logistic), numbers (squared)
 * @param patterns `sampleRobustPatterns(X, eps, ...)`
 */
export async function convexAdversarial(
  X: NDArray,
  y: NDArray,
  patterns: Patterns,
  options: AdversarialOptions,
): Promise<RobustSolution> {
  const { eps, beta, loss, bias, kappa = 20, rate = 5e-3, steps = 4000 } = options;
  for (const [name, value] of Object.entries({ beta, kappa, rate })) requirePositive(name, value);
  requireWhole("steps", steps, 1);
  const program = convexProgram(X, y, patterns, loss);
  const reach = reachOf(eps, X.shape[1], bias);
  const descent = descents.get(loss) ?? penalised(loss);
  descents.set(loss, descent);
  const rows = 2 * patterns.count;
  const start = { blocks: zeros64([rows, X.shape[1]]) };
  const { params, losses } = await descent(
    start,
    [program, reach, scalar(beta), scalar(kappa)],
    fallingRates(rate, steps),
  );
  const { blocks } = params;

  // Zero is feasible: a block with a violation goes where the bound is lower without it.
  let kept = ones64([rows, 1]);
  let seen = await examine(program, blocks, reach, kept, loss);
  const doubtful = Array.from({ length: rows }, (_, i) => i)
    .filter((i) => seen.largest.data[i] > 1e-3 * seen.norms.data[i])
    .sort((a, b) => seen.largest.data[b] - seen.largest.data[a]);
  let dropped = 0;
  for (const i of doubtful) {
    const fewer = array(
      Float64Array.from(kept.data, (on, row) => (row === i ? 0 : on)),
      {
        shape: [rows, 1],
      },
    );
    const without = await examine(program, blocks, reach, fewer, loss);
    if (without.bound.item() >= seen.bound.item()) continue;
    [kept, seen] = [fewer, without];
    dropped++;
  }
  const answer = await applied(blocks, kept);
  const norms = Array.from(seen.norms.data).reduce((sum, norm) => sum + norm, 0);
  const objective = seen.data.item() + beta * norms;
  const violation = Math.max(...Array.from(seen.largest.data));
  return {
    ...parted(answer),
    objective,
    violation,
    dataTerm: seen.data.item(),
    certifiedBound: seen.bound.item(),
    dropped,
    losses,
  };
}

const applied = jit((blocks: Tensor, kept: Tensor) => blocks.mul(kept));
