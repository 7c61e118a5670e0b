import { type DType, isFloat, onnxType } from "../dtype.ts";
import { apply1, lift, type Op, type Tensor, type TensorLike } from "../graph.ts";

interface Cast {
  readonly dtype: DType;
}

const castOp: Op<Cast> = {
  name: "cast",
  infer: ([x], { dtype }) => [{ shape: x.shape, dtype }],
  vjp: ([g], { inputs: [x] }) => [g && isFloat(x.dtype) ? cast(g, x.dtype) : undefined],
  batch: ([x], _, { attributes }) => [apply1(castOp, [x], attributes)],
  onnx: (emit, [x], { attributes: { dtype } }) => emit.op("Cast", [x], { to: onnxType(dtype) }),
  simplify: ({ inputs: [x], attributes: { dtype } }) => (x.dtype === dtype ? x : undefined),
};

/** The values in another element type; floats lose their fraction on the way to integers. */
export function cast(value: TensorLike, dtype: DType): Tensor {
  const x = lift(value);
  return x.dtype === dtype ? x : apply1(castOp, [x], { dtype });
}
