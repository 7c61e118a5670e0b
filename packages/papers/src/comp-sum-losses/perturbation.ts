/** Small changes of inputs that make something large: projected gradient ascent in a ball. */
import {
  grad,
  lift,
  type NDArray,
  random,
  scan,
  type Tensor,
  type TensorLike,
  where,
} from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

/** The ball { x' : |x' - x| <= radius } around every example, cut to the range of the data. */
export interface Ball {
  readonly norm: "linf" | "l2";
  readonly radius: number;
  /** Least and greatest value an input may have; no limit where it is not given. */
  readonly low?: number;
  readonly high?: number;
  /** 1 for inputs that may change, 0 for those that may not, in the shape of an example; all may. */
  readonly movable?: NDArray;
}

export interface AscentOptions extends Ball {
  readonly steps: number;
  /** A quarter of the radius. */
  readonly stepSize?: number;
  /**
   * Where it starts: anywhere in the ball, or at the example with normal noise of this deviation.
   * Never at the example itself, where many objectives have no gradient. 1e-3.
   */
  readonly start?: "uniform" | number;
  /** How many starts; the best end counts, for each example by itself. 1. */
  readonly restarts?: number;
}

/** @throws UsageError for a radius, number of steps, step size or range that makes no sense */
export function checkAscent(options: AscentOptions): void {
  const { radius, low, high, steps, stepSize, start, restarts = 1 } = options;
  const refuse = (problem: string): never => {
    throw new UsageError(problem);
  };
  if (!(radius >= 0 && Number.isFinite(radius)))
    refuse(`the radius must be a number >= 0, got ${radius}`);
  if (low !== undefined && high !== undefined && !(low < high))
    refuse(`inputs cannot lie between ${low} and ${high}`);
  if (!Number.isInteger(steps) || steps < 1)
    refuse(`the attack takes a whole number of steps >= 1, got ${steps}`);
  if (stepSize !== undefined && !(stepSize > 0))
    refuse(`the step size of the attack must be positive, got ${stepSize}`);
  if (!Number.isInteger(restarts) || restarts < 1)
    refuse(`the attack takes a whole number of restarts >= 1, got ${restarts}`);
  if (typeof start === "number" && !(start > 0))
    refuse(
      `noise at the start must be positive, got ${start}: at the example itself is no gradient`,
    );
}

/** What an attack makes large, one value an example: [batch, ...] to [batch]. */
export type Objective = (x: Tensor) => Tensor;

/**
 * Inputs in the balls around x at which the objective is large, by projected ascent:
 *
 *     x' <- project(x' + stepSize * sign(grad))          linf
 *     x' <- project(x' + stepSize * grad / |grad|)       l2
 *
 * The result is a constant to derivatives. It gives a lower bound of the supremum, not the
 * supremum: the objective is not concave, and ascent stops at corners of the ball that are best
 * among their neighbours only. Restarts help.
 *
 * Madry et al., "Towards Deep Learning Models Resistant to Adversarial Attacks", ICLR 2018.
 *
 * @param objective of each example alone
 * @param x [batch, ...], within the range of the data
 * @param key of the random start
 * @returns like x
 * @throws UsageError, see {@link checkAscent}
 */
export function perturb(
  objective: Objective,
  x: Tensor,
  options: AscentOptions,
  key: TensorLike,
): Tensor {
  checkAscent(options);
  const { restarts = 1 } = options;
  if (options.radius === 0) return x.stopGradient();
  const from = x.stopGradient();
  const once = (startKey: TensorLike): Tensor => ascend(objective, from, options, startKey);
  if (restarts === 1) return once(key).stopGradient();
  const [first, ...others] = random.split(key, restarts).map((startKey) => {
    const end = once(startKey);
    return { end, value: objective(end) };
  });
  const best = others.reduce((best, { end, value }) => {
    const better = value.greater(best.value);
    return {
      end: where(perExample(better, x.rank), end, best.end),
      value: best.value.maximum(value),
    };
  }, first);
  return best.end.stopGradient();
}

function ascend(objective: Objective, x: Tensor, options: AscentOptions, key: TensorLike): Tensor {
  const { norm, radius, steps, stepSize = radius / 4 } = options;
  const slope = grad((at: Tensor) => objective(at).sum());
  const climb = (at: Tensor): Tensor => {
    const direction = slope(at);
    const step = norm === "linf" ? direction.sign() : direction.mul(inverseLength(direction));
    return project(at.add(step.mul(stepSize)), x, options);
  };
  const [end] = scan((at: Tensor) => [climb(at), {}], beginning(x, options, key), undefined, {
    length: steps,
  });
  return end;
}

/** The nearest inputs in the balls around x and in the range of the data. */
export function project(at: Tensor, x: Tensor, { norm, radius, low, high, movable }: Ball): Tensor {
  const moved = at.sub(x);
  const free = movable === undefined ? moved : moved.mul(lift(movable).astype(x.dtype));
  const near =
    norm === "linf"
      ? free.minimum(radius).maximum(-radius)
      : free.mul(inverseLength(free).mul(radius).minimum(1));
  const inBall = x.add(near);
  const above = low === undefined ? inBall : inBall.maximum(low);
  // Cutting to the range moves inputs towards x, which lies in it: the ball is not left again.
  return high === undefined ? above : above.minimum(high);
}

function beginning(x: Tensor, options: AscentOptions, key: TensorLike): Tensor {
  const { norm, radius, start = 1e-3 } = options;
  const dtype = x.dtype === "float64" ? "float64" : "float32";
  if (start !== "uniform")
    return project(x.add(random.normal(key, x.shape, { dtype }).mul(start)), x, options);
  if (norm === "linf") {
    const offset = random.uniform(key, x.shape, { dtype, low: -radius, high: radius });
    return project(x.add(offset), x, options);
  }
  const [directionKey, lengthKey] = random.split(key);
  const direction = random.normal(directionKey, x.shape, { dtype });
  const size = x.shape.slice(1).reduce((product, length) => product * length, 1);
  // The volume within length r grows as r^size.
  const length = random.uniform(lengthKey, [x.shape[0]], { dtype }).pow(1 / size);
  const offset = direction.mul(inverseLength(direction)).mul(perExample(length, x.rank));
  return project(x.add(offset.mul(radius)), x, options);
}

/** 1 over the Euclidean length of every example, [batch, 1, ...]; large and finite at zero. */
function inverseLength(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis).slice(1);
  return x.mul(x).sum(axes, { keepDims: true }).add(1e-24).rsqrt();
}

/** [batch] as [batch, 1, ...] of a rank. */
const perExample = (values: Tensor, rank: number): Tensor =>
  values.reshape([values.shape[0], ...Array.from({ length: rank - 1 }, () => 1)]);
