/** Normalisation of exponentials along an axis. */
import { isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import { type Aval, apply1, lift, type Op, type Tensor, type TensorLike } from "../graph.ts";
import { normalizeAxis } from "../shape.ts";
import { mul, sub } from "./arithmetic.ts";
import { sum } from "./reduce.ts";
import { exp } from "./transcendental.ts";

interface AlongAxis {
  readonly axis: number;
}

/** Operations that normalise along one axis and keep the shape. */
function alongAxis(
  name: string,
  onnx: string,
  vjp: (g: Tensor, y: Tensor, axis: number) => Tensor,
): Op<AlongAxis> {
  const op: Op<AlongAxis> = {
    name,
    infer: ([x]) => {
      if (!isFloat(x.dtype)) fail(`${name}: takes floats, got ${x.dtype}; convert with .astype()`);
      return [x as Aval];
    },
    vjp: ([g], { outputs: [y], attributes: { axis } }) => [g && vjp(g, y, axis)],
    batch: ([x], _, { attributes: { axis } }) => [apply1(op, [x], { axis: axis + 1 })],
    onnx: (emit, [x], { attributes: { axis } }) => emit.op(onnx, [x], { axis }),
  };
  return op;
}

const softmaxOp = alongAxis("softmax", "Softmax", (g, y, axis) => {
  const weighted = mul(g, y);
  return sub(weighted, mul(y, sum(weighted, axis, { keepDims: true })));
});

const logSoftmaxOp = alongAxis("logSoftmax", "LogSoftmax", (g, y, axis) =>
  sub(g, mul(exp(y), sum(g, axis, { keepDims: true }))),
);

/** exp(x) over its sum along `axis`, without overflow. */
export function softmax(value: TensorLike, axis = -1): Tensor {
  const x = lift(value);
  return apply1(softmaxOp, [x], { axis: normalizeAxis("softmax", axis, x.rank) });
}

/** log of the softmax along `axis`, without underflow. */
export function logSoftmax(value: TensorLike, axis = -1): Tensor {
  const x = lift(value);
  return apply1(logSoftmaxOp, [x], { axis: normalizeAxis("logSoftmax", axis, x.rank) });
}
