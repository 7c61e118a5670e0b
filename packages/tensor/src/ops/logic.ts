/** Comparisons, logic, bits and selection, elementwise. */
import { apply1, lift, liftAll, type Tensor, type TensorLike } from "../graph.ts";
import {
  type Binary,
  binary,
  type ElementwiseRule,
  elementwise,
  type Unary,
  unary,
} from "./elementwise.ts";

const comparison = (
  onnx: string,
  accepts: ElementwiseRule["accepts"] = "number",
): ElementwiseRule => ({
  accepts,
  onnx,
  result: "bool",
  computeIn: { uint32: "int64" },
});

export const equal: Binary = binary("equal", comparison("Equal", "any"));
export const less: Binary = binary("less", comparison("Less"));
export const lessEqual: Binary = binary("lessEqual", comparison("LessOrEqual"));
export const greater: Binary = binary("greater", comparison("Greater"));
export const greaterEqual: Binary = binary("greaterEqual", comparison("GreaterOrEqual"));
export const notEqual: Binary = (a, b) => not(equal(a, b));

export const not: Unary = unary("not", { accepts: "bool", onnx: "Not" });
export const and: Binary = binary("and", { accepts: "bool", onnx: "And" });
export const or: Binary = binary("or", { accepts: "bool", onnx: "Or" });
export const xor: Binary = binary("xor", { accepts: "bool", onnx: "Xor" });

export const isNotANumber: Unary = unary("isNotANumber", {
  accepts: "float",
  onnx: "IsNaN",
  result: "bool",
});

export const bitwiseAnd: Binary = binary("bitwiseAnd", { accepts: "integer", onnx: "BitwiseAnd" });
export const bitwiseOr: Binary = binary("bitwiseOr", { accepts: "integer", onnx: "BitwiseOr" });
export const bitwiseXor: Binary = binary("bitwiseXor", { accepts: "integer", onnx: "BitwiseXor" });

const shift = (direction: "LEFT" | "RIGHT"): ElementwiseRule => ({
  accepts: "unsigned",
  onnx: (emit, inputs) => emit.op("BitShift", inputs, { direction }),
});

/** Bits moved toward the high end, zeros filled in; uint32 only. */
export const shiftLeft: Binary = binary("shiftLeft", shift("LEFT"));
/** Bits moved toward the low end, zeros filled in; uint32 only. */
export const shiftRight: Binary = binary("shiftRight", shift("RIGHT"));

const whereOp = elementwise(
  "where",
  {
    accepts: "any",
    onnx: (emit, [condition, a, b], { dtype }) => {
      if (dtype !== "uint32" && dtype !== "bool") return emit.op("Where", [condition, a, b]);
      const wide = dtype === "uint32" ? "int64" : "int32"; // the runtime selects among neither of the two
      return emit.cast(
        emit.op("Where", [condition, emit.cast(a, wide), emit.cast(b, wide)]),
        dtype,
      );
    },
    vjp: (g, [condition]) => [undefined, where(condition, g, 0), where(condition, 0, g)],
  },
  1,
);

/**
 * `a` where the condition holds, `b` elsewhere; all three broadcast.
 * Both branches are computed, so a NaN in the branch not taken stays out of the value but reaches
 * the gradient of its operand: make the operand harmless first, `where(ok, f(where(ok, x, 1)), 0)`.
 */
export function where(condition: TensorLike, a: TensorLike, b: TensorLike): Tensor {
  return apply1(whereOp, [lift(condition, "bool"), ...liftAll([a, b])], {});
}
