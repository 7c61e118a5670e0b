/** How often a classifier is right whatever an attacker does. */
import { random, type Tensor, type TensorLike } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { compSumLoss } from "./losses.ts";
import { classesOf, smallestMargin } from "./margins.ts";
import { type AscentOptions, perturb } from "./perturbation.ts";
import type { Model } from "./smoothAdversarial.ts";

/**
 * What an attack makes large:
 * - "margin": max_{y' != y} h_{y'} - h_y, the paper's;
 * - "crossEntropy", whose slope vanishes where a network is sure of itself;
 * - "logitRatio": the margin over the distance from the best to the third score, which does not care
 *   for the scale of the scores (Croce and Hein, "Reliable evaluation of adversarial robustness with
 *   an ensemble of diverse parameter-free attacks", ICML 2020, eq. 6). Three classes or more.
 */
export const attackObjectives = ["margin", "crossEntropy", "logitRatio"] as const;
export type AttackObjective = (typeof attackObjectives)[number];

export interface Attack extends AscentOptions {
  readonly objective: AttackObjective;
}

const objectives: Record<AttackObjective, (scores: Tensor, labels: Tensor) => Tensor> = {
  margin: (scores, labels) => smallestMargin(scores, labels).neg(),
  crossEntropy: (scores, labels) => compSumLoss(scores, labels),
  logitRatio: (scores, labels) => {
    if (classesOf(scores) < 3)
      throw new UsageError('an attack on the "logitRatio" needs three classes; use "margin"');
    const [best] = scores.topK(3);
    const spread = best.slice(null, 0).sub(best.slice(null, 2));
    return smallestMargin(scores, labels).neg().div(spread.add(1e-12));
  },
};

/**
 * Whether each example is classified rightly at x and at the end of every restart of every attack,
 * under the true label: 1 or 0 [batch]. Ties count as wrong, as in (12).
 *
 * An attack only ever finds that a classifier is not robust: the mean is an upper bound of the robust
 * accuracy. The attacks of the paper are of 40 steps on the margin.
 *
 * @param x [batch, ...]
 * @param labels int32 [batch]
 */
export function survives(
  model: Model,
  x: Tensor,
  labels: Tensor,
  attacks: readonly Attack[],
  key: TensorLike,
): Tensor {
  const right = (at: Tensor): Tensor =>
    smallestMargin(model(at), labels).greater(0).astype("float32");
  let all = right(x);
  for (const [place, { restarts = 1, objective, ...attack }] of attacks.entries()) {
    const goal = (at: Tensor): Tensor => objectives[objective](model(at), labels);
    const attackKey = random.foldIn(key, place);
    // Restarts one by one: the best end by the objective is not always the one that fools.
    for (const startKey of random.split(attackKey, restarts))
      all = all.mul(right(perturb(goal, x, { start: "uniform", ...attack }, startKey)));
  }
  return all;
}

/** The attacks of an evaluation: 40 steps on the margin and on cross entropy, two restarts each. */
export const standardAttacks = (
  ball: Omit<AscentOptions, "steps">,
  objectives: readonly AttackObjective[] = ["margin", "crossEntropy"],
): Attack[] => objectives.map((objective) => ({ steps: 40, restarts: 2, ...ball, objective }));
