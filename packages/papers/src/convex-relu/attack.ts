/**
 * Attacks on inputs: perturbations of at most eps in every column that can be perturbed, which is every
 * column but the bias.
 *
 * FGSM: Goodfellow, Shlens, Szegedy, arXiv:1412.6572; PGD: Madry et al., arXiv:1706.06083.
 */
import { array, grad, jit, type NDArray, scan, type Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import type { LossName } from "./losses.ts";
import { requireWhole } from "./patterns.ts";
import { checkSamples, scalar } from "./program.ts";
import { networkOutput, type ReluNetwork } from "./recovery.ts";

export interface AttackOptions {
  /** Largest change of an entry. */
  readonly eps: number;
  /** FGSM is one step of eps; PGD several, each cut back to the ball. */
  readonly kind: "fgsm" | "pgd";
  /** Of PGD: 40. */
  readonly steps?: number;
  /** Length of a step of PGD: eps / 10. */
  readonly step?: number;
  /** What the targets are: those of this loss. Squared where it is not given. */
  readonly loss?: LossName;
  /** Columns that are not perturbed: the last. */
  readonly bias?: readonly number[];
}

/**
 * What an attack raises: the negative margin -y yhat of a class, |yhat - y| of a number. A loss that is
 * flat where the margin is large would give no direction to go.
 */
export function attackObjective(
  network: ReluNetwork<Tensor>,
  X: Tensor,
  y: Tensor,
  loss: LossName,
): Tensor {
  const outputs = networkOutput(network, X);
  if (loss === "squared") return outputs.sub(y).abs();
  return outputs.mul(asSigns(y, loss)).neg();
}

/** Targets as -1 and 1. */
export const asSigns = (y: Tensor, loss: LossName): Tensor =>
  loss === "logistic" ? y.mul(2).sub(1) : y;

/** Perturbed inputs: `steps` steps of length `step` along the sign of the gradient, inside the ball. */
export function perturb(
  network: ReluNetwork<Tensor>,
  X: Tensor,
  y: Tensor,
  { reach, step, steps, loss }: { reach: Tensor; step: Tensor; steps: number; loss: LossName },
): Tensor {
  const objective = (inputs: Tensor) => attackObjective(network, inputs, y, loss).sum();
  const advance = (inputs: Tensor): Tensor => {
    const change = inputs.add(grad(objective)(inputs).sign().mul(step)).sub(X);
    return X.add(change.maximum(reach.neg()).minimum(reach));
  };
  if (steps === 1) return advance(X);
  return scan((inputs: Tensor) => [advance(inputs), null], X, null, { length: steps })[0];
}

/** Largest change of every column: eps, and 0 for those of `bias`. [1, d] */
export function reachOf(eps: number, d: number, bias: readonly number[] = [d - 1]): NDArray {
  if (!(eps >= 0 && Number.isFinite(eps)))
    throw new UsageError(`eps must not be negative, got ${eps}`);
  const outside = bias.find((column) => !(Number.isInteger(column) && column >= 0 && column < d));
  if (outside !== undefined)
    throw new UsageError(`bias column ${outside}: columns are 0 to ${d - 1}`);
  return array(
    Float64Array.from({ length: d }, (_, j) => (bias.includes(j) ? 0 : eps)),
    { shape: [1, d] },
  );
}

const compiled = new Map<string, ReturnType<typeof compileAttack>>();

const compileAttack = (steps: number, loss: LossName) =>
  jit((network: ReluNetwork<Tensor>, X: Tensor, y: Tensor, reach: Tensor, step: Tensor) =>
    perturb(network, X, y, { reach, step, steps, loss }),
  );

/**
 * Perturbed inputs [n, d] that a network is worst on, as far as the attack finds them.
 *
 * @param X [n, d]
 * @param y [n]
 */
export async function attack(
  network: ReluNetwork,
  X: NDArray,
  y: NDArray,
  { eps, kind, steps = 40, step = eps / 10, loss = "squared", bias }: AttackOptions,
): Promise<NDArray> {
  checkSamples(X, y, loss);
  const reach = reachOf(eps, X.shape[1], bias);
  requireWhole("steps", steps, 1);
  if (network.U.shape[0] === 0) return X.astype("float64");
  const [count, length] = kind === "fgsm" ? [1, eps] : [steps, step];
  const key = `${count} ${loss}`;
  const run = compiled.get(key) ?? compileAttack(count, loss);
  compiled.set(key, run);
  return run(network, X.astype("float64"), y.astype("float64"), reach, scalar(length));
}
