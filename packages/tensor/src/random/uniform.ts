/** Random bits and the uniform distribution, of which all others are made. */
import { lift, type Tensor, type TensorLike } from "../graph.ts";
import { add, mul, sub } from "../ops/arithmetic.ts";
import { cast } from "../ops/cast.ts";
import { iota } from "../ops/indexing.ts";
import { reshape } from "../ops/layout.ts";
import { bitwiseXor, shiftRight } from "../ops/logic.ts";
import { type Shape, sizeOf } from "../shape.ts";
import {
  checkedFloat,
  checkedKey,
  checkFinite,
  checkOrder,
  checkParameterShapes,
  checkShape,
  type FloatType,
  parameterOf,
} from "./arguments.ts";
import { threefry } from "./threefry.ts";

/** Two words for each sample, in row-major order: the counters are the samples' positions. */
function words(sampler: string, key: TensorLike, shape: Shape): [Tensor, Tensor] {
  checkShape(sampler, shape);
  return threefry(checkedKey(sampler, key), iota(sizeOf(shape), "uint32"));
}

/** 32 random bits a sample, as uint32; JAX's `bits`. */
export function bits(key: TensorLike, shape: Shape = []): Tensor {
  return bitsFor("bits", key, shape);
}

export function bitsFor(sampler: string, key: TensorLike, shape: Shape): Tensor {
  return reshape(bitwiseXor(...words(sampler, key, shape)), shape);
}

/** Bits of the significand that are drawn: those stored, which leaves every multiple of 2^-bits in [0, 1). */
const significandBits = { float32: 23, float64: 52 } as const;

/** Equally likely whole numbers in [0, 2^significandBits), as floats. */
function wholeNumbers(sampler: string, key: TensorLike, shape: Shape, dtype: FloatType): Tensor {
  if (dtype === "float32") return cast(shiftRight(bitsFor(sampler, key, shape), 32 - 23), dtype);
  const [high, low] = words(sampler, key, shape);
  const joined = add(mul(cast(high, dtype), 2 ** 20), cast(shiftRight(low, 32 - 20), dtype));
  return reshape(joined, shape);
}

export interface FloatOptions {
  /** float32 by default. */
  dtype?: FloatType;
}

export interface UniformOptions extends FloatOptions {
  /** The least value, 0 by default; broadcasts to the shape and has its dtype. */
  low?: TensorLike;
  /** What values stay below (up to rounding), 1 by default; broadcasts to the shape and has its dtype. */
  high?: TensorLike;
}

/**
 * Samples spread evenly over [low, high), on a grid of 2^-23 of the interval (2^-52 for float64).
 * On [0, 1) they equal JAX's `uniform`; on other intervals the last bit may differ, where JAX's
 * compiler contracts the product and the sum. Differentiable in `low` and `high`.
 */
export function uniform(key: TensorLike, shape: Shape = [], options: UniformOptions = {}): Tensor {
  const { low = 0, high = 1, dtype = "float32" } = options;
  checkFinite("uniform", "low", low);
  checkFinite("uniform", "high", high);
  checkOrder("uniform", low, high);
  return uniformBetween("uniform", key, shape, low, high, dtype);
}

export function uniformBetween(
  sampler: string,
  key: TensorLike,
  shape: Shape,
  low: TensorLike,
  high: TensorLike,
  dtype: FloatType,
): Tensor {
  const float = checkedFloat(sampler, dtype);
  const whole = wholeNumbers(sampler, key, shape, float);
  const [start, stop] = [
    parameterOf(sampler, "low", low, float),
    parameterOf(sampler, "high", high, float),
  ];
  checkParameterShapes(sampler, shape, start.shape, stop.shape);
  // The step is a power of two: scaling the width by it first rounds no differently.
  const step = mul(sub(stop, start), lift(2 ** -significandBits[float], float));
  return add(mul(whole, step), start);
}
