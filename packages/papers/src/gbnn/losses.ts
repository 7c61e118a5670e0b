/**
 * What boosting must know of a task (paper, section "Gradient boosting"; the official code where the
 * paper is silent): where to start, what is still wrong, how far to go, and how wrong it is.
 *
 * Everywhere N examples have K outputs: one for regression and two classes, else one a class.
 * Targets and raw scores F are [N, K]. Targets are numbers for regression, -1 and +1 for two classes,
 * and one-hot rows for more.
 */
import { concat, lift, ones, type Tensor, where, zeros } from "@etude/tensor";

export const tasks = ["regression", "binary", "multiclass"] as const;
export type Task = (typeof tasks)[number];

/** Of the Hessian of the loss, the line search sees the diagonal (as the paper) or all of it. */
export const lineSearches = ["diagonalNewton", "exactNewton"] as const;
export type LineSearch = (typeof lineSearches)[number];

/** A task's loss with everything derived from it. */
interface BoostingLoss {
  /** L(y, F) of every example: [N]. */
  loss(targets: Tensor, scores: Tensor): Tensor;
  /** F_0, the constant that boosting starts from: [K]. */
  initialConstant(targets: Tensor): Tensor;
  /** r = -dL/dF: [N, K]. */
  residuals(targets: Tensor, scores: Tensor): Tensor;
  /** Second derivative of the summed loss along `direction` [N, K]; undefined where no search is made. */
  curvature?(targets: Tensor, residuals: Tensor, direction: Tensor, lineSearch: LineSearch): Tensor;
  /** Probabilities of the classes: [N, 2] or [N, K]; undefined for regression. */
  probabilities?(scores: Tensor): Tensor;
}

const square = (x: Tensor): Tensor => x.mul(x);

/** L = (y - F)^2 (eq. 1). The residual is the gradient of its half, so a step of 1 needs no search. */
const squaredError: BoostingLoss = {
  loss: (y, F) => square(y.sub(F)).sum(-1),
  initialConstant: (y) => y.mean(0),
  residuals: (y, F) => y.sub(F),
};

/** L = log(1 + exp(-2 y F)) with y = -1, +1 (eq. 2): F is half of the log-odds. */
const logistic: BoostingLoss = {
  loss: (y, F) => y.mul(F).mul(-2).softplus().sum(-1),
  // Minimises the mean loss over constants (eq. 3).
  initialConstant: (y) => {
    const mean = y.mean(0);
    return mean.add(1).div(mean.neg().add(1)).log().mul(0.5);
  },
  // 2 y / (1 + exp(2 y F)) (eq. 4), by a sigmoid that cannot overflow.
  residuals: (y, F) => y.mul(2).mul(y.mul(F).mul(-2).sigmoid()),
  // sum r h^2 (2 y - r) = sum |r| (2 - |r|) h^2 (denominator of eq. 5).
  curvature: (y, r, h) => r.mul(square(h)).mul(y.mul(2).sub(r)).sum(),
  // 1 / (1 + exp(-2 F)) for the second class (eq. 6).
  probabilities: (F) => concat([F.mul(-2).sigmoid(), F.mul(2).sigmoid()], -1),
};

/** L = logsumexp F - F_y (eq. 7). */
const crossEntropy: BoostingLoss = {
  loss: (Y, F) => F.logsumexp(-1).sub(Y.mul(F).sum(-1)),
  initialConstant: (Y) => lift(zeros([Y.shape[1]], Y.dtype)), // uniform, as the official code (eq. 8)
  residuals: (Y, F) => Y.sub(F.softmax(-1)),
  curvature: (Y, r, h, lineSearch) => {
    const p = Y.sub(r);
    if (lineSearch === "diagonalNewton") {
      return square(h).mul(p).mul(p.neg().add(1)).sum(); // denominator of eq. 10
    }
    return p
      .mul(square(h))
      .sum()
      .sub(square(p.mul(h).sum(-1)).sum());
  },
  probabilities: (F) => F.softmax(-1), // eq. 11
};

const losses: Readonly<Record<Task, BoostingLoss>> = {
  regression: squaredError,
  binary: logistic,
  multiclass: crossEntropy,
};

/** The loss of every example, eqs. 1, 2 and 7: [N]. */
export const boostingLoss = (task: Task, targets: Tensor, scores: Tensor): Tensor =>
  losses[task].loss(targets, scores);

/** The constant F_0 that boosting starts from, eqs. 1, 3 and 8: [K]. Infinite for a single class. */
export const initialConstant = (task: Task, targets: Tensor): Tensor =>
  losses[task].initialConstant(targets);

/** The negative gradient of the loss, which the next part is fitted to, eqs. 1, 4 and 9: [N, K]. */
export const pseudoResiduals = (task: Task, targets: Tensor, scores: Tensor): Tensor =>
  losses[task].residuals(targets, scores);

/** Below this curvature all examples are fitted: there is nothing left to search. */
const flat = 1e-12;

/**
 * How far to go along a new part's outputs h: one step of Newton's method for the summed loss, one
 * number for all classes (eqs. 5 and 10); 1 for regression. 0 where the loss has become flat.
 *
 * @param residuals those the part was fitted to, of all examples, whether it saw them or not
 * @param direction h: [N, K]
 * @param lineSearch "diagonalNewton" takes only the diagonal of the softmax Hessian, as the paper
 * does; "exactNewton" all of it. With two classes both are the same.
 */
export function newtonStep(
  task: Task,
  targets: Tensor,
  residuals: Tensor,
  direction: Tensor,
  lineSearch: LineSearch = "diagonalNewton",
): Tensor {
  const slope = residuals.mul(direction).sum();
  const curvature = losses[task].curvature?.(targets, residuals, direction, lineSearch);
  if (curvature === undefined) return lift(ones([], slope.dtype));
  return where(curvature.less(flat), 0, slope.div(curvature.maximum(flat)));
}

/**
 * Probabilities of the classes from raw scores, eqs. 6 and 11.
 *
 * @returns [N, 2] for two classes, [N, K] for more
 */
export function probabilities(task: Task, scores: Tensor): Tensor {
  const compute = losses[task].probabilities;
  if (compute === undefined) throw new TypeError("probabilities: regression has no classes");
  return compute(scores);
}
