/** Continuous distributions, from uniform samples by the inverse of their distribution function. */
import { fail, showShape } from "../errors.ts";
import type { Tensor, TensorLike } from "../graph.ts";
import { abs, add, clip, div, maximum, minimum, mul, neg, sign, sub } from "../ops/arithmetic.ts";
import { stopGradient } from "../ops/markers.ts";
import { erf, erfinv, log } from "../ops/transcendental.ts";
import { type Shape, tryBroadcast } from "../shape.ts";
import { checkedFloat, checkOrder, type FloatType, parameterOf } from "./arguments.ts";
import { type FloatOptions, uniformBetween } from "./uniform.ts";

/** The distance from 1 to the next float below it, the least normal and the least positive float. */
const limits = {
  float32: { belowOne: 2 ** -24, tiny: 2 ** -126, least: 2 ** -149 },
  float64: { belowOne: 2 ** -53, tiny: 2 ** -1022, least: 2 ** -1074 },
} as const;

/**
 * Samples of the standard normal distribution, mean 0 and variance 1.
 *
 * sqrt(2) erfinv(u) with u uniform on (-1, 1), as in JAX's `normal`: within 1e-5 of it relatively.
 *
 * @example random.normal(key, [3, 4]).mul(deviation).add(mean)
 */
export function normal(
  key: TensorLike,
  shape: Shape = [],
  { dtype = "float32" }: FloatOptions = {},
): Tensor {
  const u = symmetric("normal", key, shape, dtype);
  return mul(erfinv(u), Math.SQRT2);
}

/** Uniform samples on the open interval (-1, 1), made without rounding. */
function symmetric(sampler: string, key: TensorLike, shape: Shape, dtype: FloatType): Tensor {
  const { belowOne } = limits[checkedFloat(sampler, dtype)];
  return uniformBetween(sampler, key, shape, belowOne - 1, 1, dtype);
}

/**
 * Samples of the standard normal distribution given that they lie in (lower, upper): of the shape
 * given, or of that of the broadcast bounds. A bound may be infinite.
 *
 * sqrt(2) erfinv(u) with u uniform on [erf(lower / sqrt(2)), erf(upper / sqrt(2))), as in JAX's
 * `truncated_normal`. Where both bounds are far out on one side (beyond about 4 for float32, 7 for
 * float64) few values of u are left and the samples are coarse; where JAX then returns a bound, what is
 * returned here is finite even if the bound is not.
 *
 * Differentiable in the bounds.
 */
export function truncatedNormal(
  key: TensorLike,
  lower: TensorLike,
  upper: TensorLike,
  shape?: Shape,
  { dtype = "float32" }: FloatOptions = {},
): Tensor {
  const { belowOne } = limits[checkedFloat("truncatedNormal", dtype)];
  checkOrder("truncatedNormal", lower, upper);
  const bounds = [
    parameterOf("truncatedNormal", "lower", lower, dtype),
    parameterOf("truncatedNormal", "upper", upper, dtype),
  ];
  const [low, high] = bounds.map((bound) => erf(div(bound, Math.SQRT2)));
  const full = shape ?? tryBroadcast(low.shape, high.shape);
  if (full === undefined) {
    fail(
      `random.truncatedNormal: bounds of shapes ${showShape(low.shape)} and ${showShape(high.shape)} do not broadcast`,
    );
  }
  const u = uniformBetween("truncatedNormal", key, full, low, high, dtype);
  // A bound so far out that its erf rounds to -1 or 1 would let u be that, and the sample infinite.
  const last = 1 - belowOne;
  const sample = mul(erfinv(maximum(minimum(u, last), -last)), Math.SQRT2);
  // Rounding must not put a sample on or outside a bound.
  const [first, final] = bounds.map(stopGradient);
  return clip(sample, successor(first), neg(successor(neg(final))));
}

/**
 * The next float above x, by arithmetic alone: S. M. Rump, P. Zimmermann, S. Boldo, G. Melquiond,
 * "Computing predecessor and successor in rounding to nearest", BIT 49 (2009), algorithm 1. NaN for
 * -inf, which no sample compares below.
 */
function successor(x: Tensor): Tensor {
  const { belowOne, least } = limits[x.dtype as FloatType];
  return add(x, add(mul(abs(x), belowOne * (1 + 2 * belowOne)), least));
}

/** Samples of the exponential distribution with mean 1: -log(1 - u) with u uniform on [0, 1). */
export function exponential(
  key: TensorLike,
  shape: Shape = [],
  { dtype = "float32" }: FloatOptions = {},
): Tensor {
  const complement = uniformBetween("exponential", key, shape, 1, 0, dtype); // 1 - u, exactly
  return neg(log(complement));
}

/**
 * Samples of the standard Gumbel distribution, -log(-log(u)) with u uniform on (0, 1). The largest
 * is about 16 for float32, as in JAX's default mode ("low").
 */
export function gumbel(
  key: TensorLike,
  shape: Shape = [],
  { dtype = "float32" }: FloatOptions = {},
): Tensor {
  const { tiny } = limits[checkedFloat("gumbel", dtype)];
  const u = uniformBetween("gumbel", key, shape, tiny, 1, dtype);
  return neg(log(neg(log(u))));
}

/** Samples of the Laplace distribution with density exp(-|x|) / 2. */
export function laplace(
  key: TensorLike,
  shape: Shape = [],
  { dtype = "float32" }: FloatOptions = {},
): Tensor {
  const u = symmetric("laplace", key, shape, dtype);
  return mul(sign(u), log(sub(1, abs(u)))); // 1 - |u| is exact
}
