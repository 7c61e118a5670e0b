/** What a run has to record so that its schedule can be refined. */
import { mapTensors, type Optimiser, transformation } from "@etude/learn";
import { concat, full, lift, type Tensor, type TensorTree, treeLeaves } from "@etude/tensor";
import { checkSteps } from "./arguments.ts";
import type { NormKind } from "./refine.ts";

/**
 * The norm of a gradient over all leaves of its tree together: the root of the sum of squares (l2) or
 * the sum of absolute values (l1).
 *
 * Take it of the mini-batch gradient that the update uses, before any clipping.
 *
 * @example
 * const [loss, gradients] = valueAndGrad(lossOf)(params, batch);
 * return { ..., loss, gradientNorm: gradientNorm(gradients, "l2") }; // `train` reports it by step
 */
export function gradientNorm(gradients: unknown, kind: NormKind): Tensor {
  const total = sumOver(gradients, (g) => (kind === "l2" ? g.mul(g) : g.abs()));
  return kind === "l2" ? total.sqrt() : total;
}

/**
 * What stands for |g|^2 where every coordinate has a scale of its own (6):
 *
 *     sum_i g_i^2 / (sqrt(v_i) + epsilon)
 *
 * To be refined as an "l1" record, which it is where v is about g^2.
 *
 * @param second v: running means of the squares, corrected for their start, a tree like the gradients
 */
export const scaledGradientNorm = (gradients: unknown, second: unknown, epsilon = 1e-8): Tensor =>
  sumOver(
    mapTensors((g, v) => g.mul(g).div(v.sqrt().add(epsilon)), gradients, second),
    (term) => term,
  );

function sumOver(tree: unknown, f: (leaf: Tensor) => Tensor): Tensor {
  const sums = treeLeaves(tree).map((leaf) => f(lift(leaf)).sum());
  return sums.reduce((total, next) => total.add(next), lift(0, sums[0]?.dtype ?? "float32"));
}

export type NormRecord = { norms: Tensor };

/**
 * Passes gradients on as they are and keeps the norms of the last `steps` of them in its state, the
 * latest last; NaN where there was no step yet. It must come first, before anything clips or scales.
 *
 * @example
 * const recorder = recordGradientNorms("l2", steps);
 * const optimiser = chain(recorder, clipByGlobalNorm(1), sgd(rate));
 * // after the run: refineSchedule(state[0].norms.data, { norm: "l2" })
 */
export function recordGradientNorms(kind: NormKind, steps: number): Optimiser<NormRecord> {
  checkSteps(steps);
  // Outside of traced functions a state holds arrays, whatever its type says.
  const empty = full([steps], Number.NaN) as unknown as Tensor;
  return transformation<NormRecord>({
    init: () => ({ norms: empty }),
    update: (gradients: TensorTree, { norms }) => {
      const norm = gradientNorm(gradients, kind).astype("float32").reshape([1]);
      return {
        updates: gradients,
        state: { norms: concat([norms.slice([1, steps]), norm], 0) },
      };
    },
  });
}
