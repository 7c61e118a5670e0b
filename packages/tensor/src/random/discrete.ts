/** Discrete distributions and orders. */
import { fail } from "../errors.ts";
import { lift, type Tensor, type TensorLike } from "../graph.ts";
import { add, mod, mul, sub } from "../ops/arithmetic.ts";
import { cast } from "../ops/cast.ts";
import { argmax } from "../ops/extremum.ts";
import { gather, iota } from "../ops/indexing.ts";
import { less, lessEqual, where } from "../ops/logic.ts";
import { argsort } from "../ops/ordering.ts";
import { normalizeAxis, type Shape, withoutAxes } from "../shape.ts";
import {
  checkedFloat,
  checkedKey,
  checkOrder,
  checkParameterShapes,
  checkShape,
  knownValues,
} from "./arguments.ts";
import { gumbel } from "./continuous.ts";
import { split } from "./keys.ts";
import { bitsFor, uniformBetween } from "./uniform.ts";

/**
 * True with probability `p`: bool, of the shape given or that of `p`. JAX's `bernoulli`, u < p with u
 * uniform on [0, 1) in the dtype of `p`; probabilities below 2^-23 (float32) are not resolved.
 */
export function bernoulli(key: TensorLike, p: TensorLike = 0.5, shape?: Shape): Tensor {
  const odd = Array.from(knownValues(p) ?? []).find((value) => !(value >= 0 && value <= 1));
  if (odd !== undefined) fail(`random.bernoulli: ${odd} is no probability`);
  const probability = lift(p);
  const dtype = checkedFloat("bernoulli", probability.dtype);
  const full = shape ?? probability.shape;
  checkShape("bernoulli", full);
  checkParameterShapes("bernoulli", full, probability.shape);
  return less(uniformBetween("bernoulli", key, full, 0, 1, dtype), probability);
}

export interface CategoricalOptions {
  /** The axis of `logits` over the categories; the last by default. */
  axis?: number;
  /** The shape of the samples, which ends in that of `logits` without its axis. */
  shape?: Shape;
}

/**
 * A category (int32) for every distribution along an axis of `logits`, unnormalised logarithms of
 * probabilities: the largest of logits + Gumbel noise, as in JAX's `categorical`.
 *
 * @example random.categorical(key, logits, { shape: [100, ...batch] }) // 100 samples of each
 */
export function categorical(
  key: TensorLike,
  logits: TensorLike,
  options: CategoricalOptions = {},
): Tensor {
  const scores = lift(logits);
  const dtype = checkedFloat("categorical", scores.dtype);
  const axis = normalizeAxis("random.categorical", options.axis ?? -1, scores.rank);
  const batch = withoutAxes(scores.shape, [axis]);
  const { shape = batch } = options;
  checkShape("categorical", shape);
  checkParameterShapes("categorical", shape, batch);
  const extra = shape.length - batch.length;
  const noiseShape = [
    ...shape.slice(0, extra + axis),
    scores.shape[axis],
    ...shape.slice(extra + axis),
  ];
  return argmax(add(gumbel(key, noiseShape, { dtype }), scores), extra + axis);
}

const wordCount = 2 ** 32;

/**
 * Whole numbers (int32) in [low, high), JAX's `randint`: the remainder of 64 random bits, slightly
 * biased where high - low is a large number other than a power of two.
 *
 * @param low,high integers from -2^31 to 2^31, or int32 tensors that broadcast to the shape; where
 *   high <= low in a tensor the sample is low
 */
export function randint(key: TensorLike, shape: Shape, low: TensorLike, high: TensorLike): Tensor {
  checkOrder("randint", low, high);
  const sample =
    typeof low === "number" && typeof high === "number"
      ? fixedRange(key, shape, bound("low", low), bound("high", high))
      : openRange(key, shape, boundTensor("low", low), boundTensor("high", high));
  return cast(sample, "int32");
}

function bound(name: string, value: number, most = 2 ** 31): number {
  if (Number.isInteger(value) && value >= -(2 ** 31) && value <= most) return value;
  return fail(`random.randint: ${name} is ${value}, not an integer from -2^31 to ${most}`);
}

function boundTensor(name: string, value: TensorLike): Tensor {
  const tensor =
    typeof value === "number" ? lift(bound(name, value, 2 ** 31 - 1), "int32") : lift(value);
  if (tensor.dtype === "int32") return tensor;
  return fail(
    `random.randint: ${name} is ${tensor.dtype} where int32 belongs; convert with .astype("int32")`,
  );
}

/**
 * A number of 64 bits, high and low word, modulo the span, plus low; all in uint32, which wraps. The
 * high word counts 2^32 mod span, computed as JAX does, from a square that wraps to 0 for spans above
 * 2^16: there, and for powers of two, it need not be drawn at all.
 */
function fixedRange(key: TensorLike, shape: Shape, low: number, high: number): Tensor {
  const [highKey, lowKey] = split(checkedKey("randint", key));
  const span = high - low;
  const multiplier = ((2 ** 16 % span) ** 2 % wordCount) % span;
  const word = bitsFor("randint", lowKey, shape);
  const start = low < 0 ? low + wordCount : low;
  if (span === wordCount) return add(word, start);
  const rest = mod(word, span);
  if (multiplier === 0) return add(rest, start);
  const leading = mul(mod(bitsFor("randint", highKey, shape), span), multiplier);
  return add(mod(add(leading, rest), span), start);
}

function openRange(key: TensorLike, shape: Shape, low: Tensor, high: Tensor): Tensor {
  checkShape("randint", shape);
  checkParameterShapes("randint", shape, low.shape, high.shape);
  const [highKey, lowKey] = split(checkedKey("randint", key));
  const span = where(lessEqual(high, low), 1, sub(cast(high, "uint32"), cast(low, "uint32")));
  const half = mod(lift(2 ** 16, "uint32"), span);
  const multiplier = mod(mul(half, half), span);
  const leading = mul(mod(bitsFor("randint", highKey, shape), span), multiplier);
  const rest = mod(bitsFor("randint", lowKey, shape), span);
  return add(mod(add(leading, rest), span), cast(low, "uint32"));
}

/**
 * The whole numbers 0, ..., n - 1 (int32), or the entries of a tensor along an axis, in random order;
 * JAX's `permutation`. Entries are sorted by random words, repeatedly if there are so many that words
 * will coincide. Differentiable in the tensor.
 */
export function permutation(
  key: TensorLike,
  entries: TensorLike,
  { axis = 0 }: { axis?: number } = {},
): Tensor {
  if (typeof entries === "number") return order(key, entries);
  const x = lift(entries);
  if (x.rank === 0) fail(`random.permutation: ${x.dtype}[] has no axis to permute`);
  const along = normalizeAxis("random.permutation", axis, x.rank);
  return gather(x, order(key, x.shape[along]), along);
}

function order(key: TensorLike, length: number): Tensor {
  if (!Number.isInteger(length) || length < 0)
    fail(`random.permutation: ${length} is no number of entries`);
  // Words of three times the bits that number the entries: the chance that two coincide in all rounds,
  // so that their order stays as it was, is below 1 / (2 length).
  const rounds = Math.ceil((3 * Math.log(Math.max(1, length))) / Math.log(wordCount - 1));
  let state = checkedKey("permutation", key);
  let result = iota(length);
  for (let round = 0; round < rounds; round++) {
    const [next, sortKey] = split(state);
    const ranks = argsort(bitsFor("permutation", sortKey, [length]));
    result = round === 0 ? ranks : gather(result, ranks);
    state = next;
  }
  return result;
}
