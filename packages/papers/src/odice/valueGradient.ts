/** The four ways to update V: orthogonal, semi-gradient, true gradient, plain sum. */
import { mapTensors } from "@etude/learn";
import { grad, type Tensor } from "@etude/tensor";
import { conjugate, type Generator } from "./conjugate.ts";
import { addScaled, coefficientAlong, cosineBetween } from "./projection.ts";

/**
 * - orthogonal: the method (eq. 10);
 * - semi: the forward part only, V(s') taken from the target network;
 * - true: the gradient of the dual objective (eq. 3), both values online;
 * - sum: forward and backward part added, without the projection.
 */
export const gradientRules = ["orthogonal", "semi", "true", "sum"] as const;
export type GradientRule = (typeof gradientRules)[number];

/** Values of states [n, d] by every head: [heads, n]. */
export type ValueFunction<P> = (params: P, observation: Tensor) => Tensor;

/** A minibatch. */
export interface Batch {
  /** [n, d] */
  readonly observation: Tensor;
  /** [n] */
  readonly reward: Tensor;
  /** [n, d] */
  readonly nextObservation: Tensor;
  /** [n] */
  readonly terminal: Tensor;
}

export interface ValueOptions {
  readonly rule: GradientRule;
  /** In (0, 1): near 1 optimistic, near 0 imitating. */
  readonly lambda: number;
  /** Weight of the backward part. */
  readonly eta: number;
  /** Discount. */
  readonly gamma: number;
  readonly f: Generator;
}

export interface ValueGradient<P> {
  /** The direction to descend along. */
  readonly grad: P;
  /** T_f [heads, n], at the given parameters. */
  readonly forwardResidual: Tensor;
  /** Of the angle between forward and backward gradient. */
  readonly cosine: Tensor;
  /** c of eq. 9: how much of the forward gradient is in the backward one; below 0 they are in conflict. */
  readonly conflict: Tensor;
  /** J of eq. 3 with the forward residual (semi, orthogonal, sum) or the online one (true). */
  readonly objective: Tensor;
}

/**
 * The update direction of V on a minibatch. With the target network Vbar, `min` over its heads:
 *
 *     T_f = r + (1 - terminal) gamma Vbar(s') - V(s)     (4)
 *     T_b = r + (1 - terminal) gamma V(s') - Vbar(s)     (5)
 *     g_f = grad E[lambda f*(T_f)]                       (6)
 *     g_b = grad E[lambda eta f*(T_b)]                   (7)
 *     g_lin = grad E[(1 - lambda) V(s)]                  (8)
 *     g = g_lin + g_f + (g_b - c g_f), c = g_f . g_b / max(g_f . g_f, 1e-10)     (9, 10)
 *
 * Means run over heads and transitions, products over all parameters together. g_lin takes no part in
 * the projection. With eta = 0, orthogonal and sum are exactly semi.
 */
export function valueGradient<P>(
  V: ValueFunction<P>,
  params: P,
  targetParams: P,
  batch: Batch,
  { rule, lambda, eta, gamma, f }: ValueOptions,
): ValueGradient<P> {
  const { observation, reward, nextObservation, terminal } = batch;
  const discount = terminal.neg().add(1).mul(gamma);
  const target = (states: Tensor): Tensor => V(targetParams, states).min(0);
  const ahead = reward.add(discount.mul(target(nextObservation)));
  const forward = (p: P): Tensor => ahead.sub(V(p, observation));
  const behind = target(observation);
  const backward = (p: P): Tensor => reward.add(discount.mul(V(p, nextObservation))).sub(behind);
  // The tree of a gradient is that of the parameters, which the compiler cannot know of a P.
  const gradient = (objective: (p: P) => Tensor): P => grad(objective)(params as never) as P;

  const linear = (p: P): Tensor =>
    V(p, observation)
      .mean()
      .mul(1 - lambda);
  const dual = (residual: Tensor): Tensor => conjugate(residual, f).mean().mul(lambda);
  const gForward = gradient((p) => dual(forward(p)));
  const gBackward = gradient((p) => dual(backward(p)).mul(eta));
  const forwardResidual = forward(params);
  const conflict = coefficientAlong(gBackward, gForward);
  const shared = { forwardResidual, conflict, cosine: cosineBetween(gForward, gBackward) };

  if (rule === "true") {
    const J = (p: P): Tensor => {
      const residual = reward.add(discount.mul(V(p, nextObservation))).sub(V(p, observation));
      return linear(p).add(dual(residual));
    };
    return { ...shared, grad: gradient(J), objective: J(params) };
  }
  const J = (p: P): Tensor => linear(p).add(dual(forward(p)));
  const semi = mapTensors((a, b) => a.add(b), gradient(linear), gForward);
  const objective = J(params);
  if (rule === "semi") return { ...shared, grad: semi, objective };
  const withBackward = mapTensors((a, b) => a.add(b), semi, gBackward);
  if (rule === "sum") return { ...shared, grad: withBackward, objective };
  return { ...shared, grad: addScaled(withBackward, gForward, conflict.neg()), objective };
}
