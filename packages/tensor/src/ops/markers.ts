/** Operations that pass their input through and mean something to a transformation. */
import { apply1, lift, type Op, type Tensor, type TensorLike } from "../graph.ts";
import { sizeOf } from "../shape.ts";
import { repeatBatch } from "./layout.ts";

/** A second name for a tensor: `grad` differentiates with respect to it, not to the original. */
const aliasOp: Op = {
  name: "alias",
  unique: true,
  infer: ([x]) => [x],
  vjp: (cotangents) => cotangents,
  batch: ([x]) => [x],
  simplify: ({ inputs: [x] }) => x,
};

export const alias = (x: Tensor): Tensor => apply1(aliasOp, [x], {});

const stopGradientOp: Op = {
  name: "stopGradient",
  infer: ([x]) => [x],
  batch: ([x]) => [x],
  simplify: ({ inputs: [x] }) => x,
};

/** The same value, treated as a constant by every derivative. */
export const stopGradient = (x: TensorLike): Tensor => apply1(stopGradientOp, [lift(x)], {});

/**
 * The first input, but not before the second is known: what is computed from it cannot be merged
 * with what is computed from the original, nor be scheduled earlier. `checkpoint` recomputes with it.
 */
const barrierOp: Op = {
  name: "barrier",
  unique: true,
  infer: ([x]) => [x],
  vjp: ([g]) => [g, undefined],
  batch: ([x, after], [batched], _, size) => [barrier(batched ? x : repeatBatch(x, size), after)],
  onnx: (emit, [x, after], { inputs: [value, other] }) => {
    // Joining no entries of `after` to x orders the two and leaves the value exactly as it is.
    const flat = (name: string, size: number) => emit.op("Reshape", [name, emit.shape([size])]);
    const none = emit.op("Slice", [
      flat(after, other.size),
      emit.int64([0]),
      emit.int64([0]),
      emit.int64([0]),
    ]);
    const typed = value.dtype === other.dtype ? none : emit.cast(none, value.dtype);
    const joined = emit.op("Concat", [flat(x, sizeOf(value.shape)), typed], { axis: 0 });
    return emit.op("Reshape", [joined, emit.shape(value.shape)]);
  },
};

export const barrier = (x: Tensor, after: Tensor): Tensor => apply1(barrierOp, [x, after], {});
