import { fail, showShape } from "../errors.ts";
import { apply1, lift, type Op, type Tensor, type TensorLike } from "../graph.ts";
import { normalizeAxis, withoutAxes } from "../shape.ts";
import { reshape } from "./layout.ts";

const argOp = (name: string, onnx: string): Op<{ readonly axis: number }> => {
  const op: Op<{ readonly axis: number }> = {
    name,
    infer: ([x], { axis }) => {
      if (x.dtype === "bool") fail(`${name}: takes numbers, got bool; convert with .astype()`);
      if (x.shape[axis] === 0)
        fail(`${name}: no value for the empty axis ${axis} of shape ${showShape(x.shape)}`);
      return [{ shape: withoutAxes(x.shape, [axis]), dtype: "int32" }];
    },
    batch: ([x], _, { attributes: { axis } }) => [apply1(op, [x], { axis: axis + 1 })],
    onnx: (emit, [x], { inputs, attributes: { axis } }) => {
      // float64 holds every uint32 exactly; the operator takes no unsigned integers.
      const comparable = inputs[0].dtype === "uint32" ? emit.cast(x, "float64") : x;
      return emit.cast(emit.op(onnx, [comparable], { axis, keepdims: 0 }), "int32");
    },
  };
  return op;
};

const argmaxOp = argOp("argmax", "ArgMax");
const argminOp = argOp("argmin", "ArgMin");

function argReduce(
  op: Op<{ readonly axis: number }>,
  value: TensorLike,
  axis: number | undefined,
): Tensor {
  const x = lift(value);
  if (axis === undefined) return apply1(op, [reshape(x, [-1])], { axis: 0 });
  return apply1(op, [x], { axis: normalizeAxis(op.name, axis, x.rank) });
}

/** Index (int32) of the first largest entry along `axis`; without an axis, into the flattened tensor. */
export function argmax(x: TensorLike, axis?: number): Tensor {
  return argReduce(argmaxOp, x, axis);
}

/** Index (int32) of the first smallest entry along `axis`; without an axis, into the flattened tensor. */
export function argmin(x: TensorLike, axis?: number): Tensor {
  return argReduce(argminOp, x, axis);
}
