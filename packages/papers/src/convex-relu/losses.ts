/**
 * Convex losses l(yhat, y) = sum_k l_k(yhat_k, y_k), with what a certificate needs of them: their
 * conjugates. All are sums over the samples, as in eq. 1 and 3.
 */
import { DataError } from "@etude/data";
import type { NDArray, Tensor } from "@etude/tensor";

export const lossNames = ["squared", "logistic", "hinge"] as const;
export type LossName = (typeof lossNames)[number];

export interface Loss {
  readonly name: LossName;
  /** l_k: [n] from outputs [n] and targets [n]. */
  value(outputs: Tensor, targets: Tensor): Tensor;
  /** A (sub)gradient l'(yhat), [n]. */
  slope(outputs: Tensor, targets: Tensor): Tensor;
  /** Largest second derivative; infinite where there is none. */
  readonly curvature: number;
  /**
   * -l_k*(-nu): the summand of the dual objective for the dual variable nu_k, which is -l' at the
   * optimum; -Infinity outside its domain.
   */
  dual(nu: number, y: number): number;
  /** What targets have to be, and whether one is. */
  readonly targets: string;
  isTarget(y: number): boolean;
}

/** 1/2 (yhat - y)^2 */
const squared: Loss = {
  name: "squared",
  value: (outputs, targets) => halfSquare(outputs.sub(targets)),
  slope: (outputs, targets) => outputs.sub(targets),
  curvature: 1,
  // Eq. 5: 1/2 y^2 - 1/2 (y - nu)^2.
  dual: (nu, y) => nu * y - (nu * nu) / 2,
  targets: "finite numbers",
  isTarget: Number.isFinite,
};

/** log(1 + exp(2 yhat)) - 2 y yhat for y in {0, 1}: the paper's form, whose output is half a logit. */
const logistic: Loss = {
  name: "logistic",
  value: (outputs, targets) => outputs.mul(2).softplus().sub(outputs.mul(targets).mul(2)),
  slope: (outputs, targets) => outputs.mul(2).sigmoid().sub(targets).mul(2),
  curvature: 1,
  // The entropy of the probability y - nu / 2.
  dual: (nu, y) => entropy(y - nu / 2),
  targets: "0 and 1",
  isTarget: (y) => y === 0 || y === 1,
};

/** (1 - y yhat)_+ for y in {-1, 1}. */
const hinge: Loss = {
  name: "hinge",
  value: (outputs, targets) => outputs.mul(targets).neg().add(1).relu(),
  slope: (outputs, targets) =>
    outputs.mul(targets).less(1).astype(outputs.dtype).mul(targets).neg(),
  curvature: Number.POSITIVE_INFINITY,
  dual: (nu, y) => (nu * y >= 0 && nu * y <= 1 ? nu * y : Number.NEGATIVE_INFINITY),
  targets: "-1 and 1",
  isTarget: (y) => y === -1 || y === 1,
};

export const losses: Readonly<Record<LossName, Loss>> = { squared, logistic, hinge };

const halfSquare = (error: Tensor): Tensor => error.mul(error).mul(0.5);

function entropy(p: number): number {
  // Rounding may leave a probability a hair outside.
  if (p < -1e-12 || p > 1 + 1e-12) return Number.NEGATIVE_INFINITY;
  const term = (q: number) => (q <= 0 ? 0 : -q * Math.log(q));
  return term(p) + term(1 - p);
}

/**
 * @throws DataError for the first target the loss is not made for
 */
export function checkTargets(loss: Loss, y: NDArray): void {
  const wrong = Array.from(y.data).findIndex((value) => !loss.isTarget(value));
  if (wrong >= 0)
    throw new DataError(
      `target ${y.data[wrong]} of sample ${wrong}: targets of the ${loss.name} loss are ${loss.targets}`,
    );
}
