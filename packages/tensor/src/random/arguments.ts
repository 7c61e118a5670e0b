/** What samplers ask of their arguments. */
import type { DType } from "../dtype.ts";
import { fail, showShape } from "../errors.ts";
import { constantValue, lift, type Tensor, type TensorLike } from "../graph.ts";
import { NDArray } from "../ndarray.ts";
import { type Shape, sameShape, tryBroadcast } from "../shape.ts";

export type FloatType = "float32" | "float64";

/** The key as a tensor, or an error that says what it is instead. */
export function checkedKey(sampler: string, key: TensorLike): Tensor {
  if (typeof key !== "object")
    fail(`random.${sampler}: ${key} is no key; make one with random.key(seed)`);
  const tensor = lift(key);
  const { dtype, shape, rank } = tensor;
  if (dtype === "uint32" && rank === 1 && shape[0] === 2) return tensor;
  const several = dtype === "uint32" && rank > 1 && shape[rank - 1] === 2;
  return fail(
    `random.${sampler}: a key is uint32[2], got ${dtype}${showShape(shape)}; ` +
      (several ? "vmap over a stack of keys" : "make one with random.key(seed)"),
  );
}

export function checkShape(sampler: string, shape: Shape): void {
  if (!Array.isArray(shape) || shape.some((length) => !Number.isInteger(length) || length < 0)) {
    fail(
      `random.${sampler}: shape ${JSON.stringify(shape)} is not a list of lengths, such as [2, 3]`,
    );
  }
}

export function checkedFloat(sampler: string, dtype: DType): FloatType {
  if (dtype === "float32" || dtype === "float64") return dtype;
  return fail(`random.${sampler}: draws float32 or float64, not ${dtype}`);
}

/** A parameter of a distribution as a tensor of the samples' dtype. */
export function parameterOf(
  sampler: string,
  name: string,
  value: TensorLike,
  dtype: DType,
): Tensor {
  const tensor = lift(value, dtype);
  if (tensor.dtype === dtype) return tensor;
  return fail(
    `random.${sampler}: ${name} is ${tensor.dtype} where ${dtype} belongs; convert it with .astype("${dtype}")`,
  );
}

/** Check that parameters of these shapes give samples of this one. */
export function checkParameterShapes(sampler: string, shape: Shape, ...parameters: Shape[]): void {
  for (const parameter of parameters) {
    const joined = tryBroadcast(parameter, shape);
    if (joined === undefined || !sameShape(joined, shape)) {
      fail(
        `random.${sampler}: a parameter of shape ${showShape(parameter)} does not broadcast to samples of shape ${showShape(shape)}`,
      );
    }
  }
}

/** The values of a number, an array or a constant tensor; undefined when only running will tell. */
export function knownValues(value: TensorLike): ArrayLike<number> | undefined {
  if (typeof value !== "object") return [Number(value)];
  return value instanceof NDArray ? value.data : constantValue(value)?.data;
}

/** Check that a number, or the values of an array, are neither infinite nor NaN. */
export function checkFinite(sampler: string, name: string, value: TensorLike): void {
  const odd = Array.from(knownValues(value) ?? []).find((entry) => !Number.isFinite(entry));
  if (odd !== undefined) fail(`random.${sampler}: ${name} is ${odd}, not a finite number`);
}

/** Check low < high, as far as their values are known and correspond one to one. */
export function checkOrder(sampler: string, low: TensorLike, high: TensorLike): void {
  const [lows, highs] = [knownValues(low), knownValues(high)];
  if (lows === undefined || highs === undefined) return;
  if (lows.length !== highs.length && lows.length !== 1 && highs.length !== 1) return;
  for (let i = 0; i < Math.max(lows.length, highs.length); i++) {
    const [a, b] = [lows[lows.length === 1 ? 0 : i], highs[highs.length === 1 ? 0 : i]];
    if (!(a < b))
      fail(`random.${sampler}: nothing lies between ${a} and ${b}; low < high is needed`);
  }
}
