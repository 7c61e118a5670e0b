/** The derivatives that bilevel methods are made of, each on one batch. */
import {
  grad,
  hvp,
  jvp,
  type Leaf,
  type MapLeaves,
  type Tensor,
  valueAndGrad,
} from "@etude/tensor";
import { type BilevelProblem, scalar } from "./problem.ts";
import { subtract } from "./trees.ts";

type Leaves<T> = MapLeaves<T, Leaf>;

/** The value of f and its gradients (p_x, p_y). */
export function upperGradients<X, Y, B>(
  problem: BilevelProblem<X, Y, B>,
  x: X,
  y: Y,
  batch: B,
): { value: Tensor; px: X; py: Y } {
  const f = (at: X, and: Y) => scalar("upper", problem.upper(at, and, batch));
  const both = valueAndGrad(f, { argnums: [0, 1] });
  const [value, [px, py]] = both(x as Leaves<X>, y as Leaves<Y>);
  return { value: value as Tensor, px: px as X, py: py as Y };
}

const lowerIn = <X, Y, B>({ lower }: BilevelProblem<X, Y, B>, x: X, batch: B) => {
  return (y: Y): Tensor => scalar("lower", lower(x, y, batch));
};

/** grad_y g. */
export const lowerGradient = <X, Y, B>(problem: BilevelProblem<X, Y, B>, x: X, y: Y, batch: B): Y =>
  grad(lowerIn(problem, x, batch))(y as Leaves<Y>) as Y;

/** grad2_yy g v: a product with the Hessian of the lower objective. */
export const lowerHvp = <X, Y, B>(
  problem: BilevelProblem<X, Y, B>,
  x: X,
  y: Y,
  v: Y,
  batch: B,
): Y => hvp(lowerIn(problem, x, batch))(y as Leaves<Y>, v as Leaves<Y>) as Y;

/**
 * grad2_xy g v := d/dx <grad_y g(x, y), v>, in the tree of x.
 *
 * The inner product is the derivative of g along v, taken forward; so only what lies between x and g
 * is walked back through, once.
 */
export const mixedProduct = <X, Y, B>(
  problem: BilevelProblem<X, Y, B>,
  x: X,
  y: Y,
  v: Y,
  batch: B,
): X => {
  const along = (at: X): Tensor =>
    jvp(lowerIn(problem, at, batch), [y as Leaves<Y>], [v as Leaves<Y>])[1] as Tensor;
  return grad(along)(x as Leaves<X>) as X;
};

/** p_x - grad2_xy g z (2): the hypergradient where z solves grad2_yy g z = grad_y f. */
export function hypergradient<X, Y, B>(
  problem: BilevelProblem<X, Y, B>,
  x: X,
  y: Y,
  z: Y,
  batch: B,
): X {
  const { px } = upperGradients(problem, x, y, batch);
  return subtract(px, mixedProduct(problem, x, y, z, batch));
}
