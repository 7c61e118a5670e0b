/** The smooth adversarial comp-sum loss (15), the paper's loss for classifiers that withstand small changes. */
import { lift, type Tensor, type TensorLike } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { checkRho, compSumLoss } from "./losses.ts";
import { margins } from "./margins.ts";
import { type AscentOptions, perturb } from "./perturbation.ts";

/** Scores of a classifier: [batch, ...] to [batch, classes], each example by itself. */
export type Model = (x: Tensor) => Tensor;

export interface SmoothAdversarialOptions extends Omit<AscentOptions, "steps"> {
  /** Which loss of the family: 1, cross entropy, by default. */
  tau?: number;
  /** Width of the margins: 1. */
  rho?: number;
  /**
   * Weight of the smooth term: 1. From sqrt(classes - 1) / rho on, the loss bounds the adversarial
   * error from above (14). As l_{rho,nu}(h) = l_{1,nu rho}(h / rho) (17), only nu rho matters to a
   * network that is free to scale its scores; at about 1 and beyond small networks collapse to
   * constant scores, unless nu is raised slowly. A scalar tensor may change from step to step.
   */
  nu?: number | Tensor;
  /** Steps of the ascent for the smooth term: 10. */
  steps?: number;
}

export interface SmoothAdversarialResult {
  /** [batch] */
  readonly loss: Tensor;
  /** Inputs at which the smooth term was taken, like x. */
  readonly adversarial: Tensor;
  /** Distance between the margins there and at x, without nu [batch]. */
  readonly smoothTerm: Tensor;
}

/** Under the root, whose slope at zero is infinite. */
const rootGuard = 1e-12;

/**
 * The smooth adversarial comp-sum loss, per example:
 *
 *     Phi^tau( sum_{y' != y} exp(-Delta_h(x, y, y') / rho) ) + nu sup_{x'} | D_h(x', y) - D_h(x, y) |_2
 *
 * with D_h the vector of margins Delta_h over the other classes and x' in the ball around x (15). Both
 * terms are differentiated, the second through h(x') and h(x); x' itself is a constant. What stands
 * for the supremum is the end of a projected ascent (see `perturb`), so the value is a lower bound of
 * (15) until x' is the maximiser.
 *
 * @param model scores [batch, classes]
 * @param x [batch, ...]
 * @param labels int32 [batch]
 * @param options the ball and how it is searched, and `tau`, `rho`, `nu`
 * @param key of the random start, a new one for every step
 * @throws UsageError for nu < 0 and whatever the loss and the ascent refuse
 *
 * @example
 * const loss = (params: Params, x: Tensor, y: Tensor, key: Tensor) =>
 *   smoothAdversarialLoss((z) => net(params, z), x, y,
 *     { norm: "linf", radius: 8 / 255, low: 0, high: 1, nu: 0.25 }, key).loss.mean();
 */
export function smoothAdversarialLoss(
  model: Model,
  x: Tensor,
  labels: Tensor,
  options: SmoothAdversarialOptions,
  key: TensorLike,
): SmoothAdversarialResult {
  const { tau = 1, rho = 1, nu = 1, steps = 10, ...ball } = options;
  checkRho(rho);
  if (typeof nu === "number" && !(nu >= 0 && Number.isFinite(nu)))
    throw new UsageError(`nu must be a number >= 0, got ${nu}`);
  const scores = model(x);
  const plain = compSumLoss(scores, labels, { tau, rho });
  const clean = margins(scores, labels);
  if (nu === 0 || ball.radius === 0)
    return { loss: plain, adversarial: x.stopGradient(), smoothTerm: plain.mul(0) };

  const fixed = clean.stopGradient();
  const displacement = (at: Tensor): Tensor => squares(margins(model(at), labels).sub(fixed));
  // The squared length has the same maximiser, and a slope near x.
  const adversarial = perturb(displacement, x, { steps, ...ball }, key);
  const smoothTerm = squares(margins(model(adversarial), labels).sub(clean))
    .add(rootGuard)
    .sqrt();
  return { loss: plain.add(smoothTerm.mul(lift(nu, plain.dtype))), adversarial, smoothTerm };
}

/** Squared Euclidean length of each row. */
const squares = (rows: Tensor): Tensor => rows.mul(rows).sum(-1);
