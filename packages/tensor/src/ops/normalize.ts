/** Normalisation to mean 0 and variance 1. */
import { isFloat } from "../dtype.ts";
import { fail, showShape } from "../errors.ts";
import { apply, lift, type Op, type Tensor, type TensorLike } from "../graph.ts";
import type { Emitter } from "../lower/emitter.ts";
import { normalizeAxis, range, sizeOf } from "../shape.ts";
import { add, mul, neg, sub } from "./arithmetic.ts";
import { sum } from "./reduce.ts";

interface Normalization {
  /** The first of the trailing axes that are normalised together. */
  readonly axis: number;
  readonly epsilon: number;
}

/** (x - mean) / sqrt(variance + epsilon) over trailing axes; the second output is 1 / sqrt(...). */
const normalizeOp: Op<Normalization> = {
  name: "layerNorm",
  infer: ([x], { axis }) => {
    if (!isFloat(x.dtype)) fail(`layerNorm: takes floats, got ${x.dtype}; convert with .astype()`);
    if (x.shape.slice(axis).includes(0))
      fail(`layerNorm: empty trailing axes in shape ${showShape(x.shape)}`);
    return [x, { shape: x.shape.map((n, a) => (a < axis ? n : 1)), dtype: x.dtype }];
  },
  // With y = (x - m) s and n entries: dx = s (g - mean(g) - y mean(g y)), and ds/dx = -s^2 y / n.
  vjp: ([g, gScale], { inputs: [x], outputs: [y, scale], attributes: { axis } }) => {
    const axes = range(axis, x.rank);
    const count = sizeOf(x.shape.slice(axis));
    const average = (t: Tensor) => mul(sum(t, axes, { keepDims: true }), 1 / count);
    const direct = g && mul(scale, sub(sub(g, average(g)), mul(y, average(mul(g, y)))));
    const indirect = gScale && neg(mul(mul(gScale, mul(scale, scale)), mul(y, 1 / count)));
    return [direct && indirect ? add(direct, indirect) : (direct ?? indirect)];
  },
  batch: ([x], _, { attributes: { axis, epsilon } }) =>
    apply(normalizeOp, [x], { axis: axis + 1, epsilon }),
  onnx: (emit, [x], { inputs: [input], attributes: { axis, epsilon } }) => {
    if (input.dtype === "float64") return lowerInFull(emit, x, range(axis, input.rank), epsilon);
    const trailing = input.shape.slice(axis);
    const unit = emit.op("Expand", [emit.scalar(1, input.dtype), emit.shape(trailing)]);
    const [y, , scale] = emit.ops("LayerNormalization", [x, unit], 3, {
      axis,
      epsilon: { float: epsilon },
    });
    return [y, scale];
  },
};

/** ONNX's operator keeps its epsilon and its second output in float32: float64 goes by the definition. */
function lowerInFull(
  emit: Emitter,
  x: string,
  axes: readonly number[],
  epsilon: number,
): readonly string[] {
  const average = (name: string) =>
    emit.op("ReduceMean", [name, emit.int64(axes)], { keepdims: 1 });
  const deviation = emit.op("Sub", [x, average(x)]);
  const variance = average(emit.op("Mul", [deviation, deviation]));
  const shifted = emit.op("Add", [variance, emit.scalar(epsilon, "float64")]);
  const scale = emit.op("Reciprocal", [emit.op("Sqrt", [shifted])]);
  return [emit.op("Mul", [deviation, scale]), scale];
}

/**
 * Layer normalisation over `axis` and all axes after it: (x - mean) / sqrt(variance + epsilon), then
 * times `scale` plus `bias` where given (both of the shape of the normalised axes).
 */
export function layerNorm(
  value: TensorLike,
  options: { axis?: number; epsilon?: number; scale?: TensorLike; bias?: TensorLike } = {},
): Tensor {
  const x = lift(value);
  const { axis = -1, epsilon = 1e-5, scale, bias } = options;
  const [y] = apply(normalizeOp, [x], { axis: normalizeAxis("layerNorm", axis, x.rank), epsilon });
  const scaled = scale === undefined ? y : mul(y, scale);
  return bias === undefined ? scaled : add(scaled, bias);
}
