/** Arithmetic, rounding and order, elementwise. */
import { isInteger } from "../dtype.ts";
import { liftAll, type Tensor, type TensorLike, uniformValue } from "../graph.ts";
import { type Binary, binary, spread, type Unary, unary } from "./elementwise.ts";
import { equal, greater, less, where } from "./logic.ts";
import { log } from "./transcendental.ts";

export const add: Binary = binary("add", {
  accepts: "number",
  onnx: "Add",
  vjp: (g) => [g, g],
  simplify: ([a, b], sum) => {
    if (uniformValue(a) === 0) return spread(b, sum);
    return uniformValue(b) === 0 ? spread(a, sum) : undefined;
  },
});

export const sub: Binary = binary("sub", {
  accepts: "number",
  onnx: "Sub",
  vjp: (g) => [g, neg(g)],
  simplify: ([a, b], difference) => (uniformValue(b) === 0 ? spread(a, difference) : undefined),
});

export const mul: Binary = binary("mul", {
  accepts: "number",
  onnx: "Mul",
  vjp: (g, [a, b]) => [mul(g, b), mul(g, a)],
  simplify: ([a, b], product) => {
    if (uniformValue(a) === 1) return spread(b, product);
    return uniformValue(b) === 1 ? spread(a, product) : undefined;
  },
});

/** Quotient of floats; integers divide with {@link floorDivide}. */
export const div: Binary = binary("div", {
  accepts: "float",
  onnx: "Div",
  vjp: (g, [, b], quotient) => [div(g, b), neg(div(mul(g, quotient), b))],
  simplify: ([a, b], quotient) => (uniformValue(b) === 1 ? spread(a, quotient) : undefined),
});

/** Quotient of integers, rounded down. */
export const floorDivide: Binary = binary("floorDivide", {
  accepts: "integer",
  onnx: (emit, [a, b], { dtype }) => {
    const quotient = emit.op("Div", [a, b]); // truncates
    if (dtype === "uint32") return quotient;
    const remainder = emit.op("Mod", [a, b]); // has the divisor's sign
    const exact = emit.op("Sub", [a, remainder]);
    return emit.op("Div", [exact, b]);
  },
});

/** Remainder with the sign of the divisor: a - b floor(a / b). */
export const mod: Binary = binary("mod", {
  accepts: "number",
  vjp: (g, [a, b]) => [g, neg(mul(g, floor(div(a, b))))],
  onnx: (emit, [a, b], { dtype }) => {
    if (isInteger(dtype)) return emit.op("Mod", [a, b]);
    return emit.op("Sub", [a, emit.op("Mul", [b, emit.op("Floor", [emit.op("Div", [a, b])])])]);
  },
});

/**
 * a to the power b. The derivative with respect to b at a = 0 is 0, its limit for b > 0; that with
 * respect to a at b = 0 is 0, also at a = 0.
 */
export const pow: Binary = binary("pow", {
  accepts: "float",
  onnx: "Pow",
  vjp: (g, [a, b], power) => {
    const base = where(equal(a, 0), 1, a);
    const slope = where(equal(b, 0), 0, mul(b, pow(a, sub(b, 1))));
    return [mul(g, slope), mul(g, mul(power, log(base)))];
  },
  simplify: ([a, b], power) => {
    const exponent = uniformValue(b);
    if (exponent === 1) return spread(a, power);
    return exponent === 2 ? spread(mul(a, a), power) : undefined;
  },
});

/** A cotangent's share for the chosen operand; ties split evenly. */
const share = (g: Tensor, chosen: Tensor, tie: Tensor): Tensor =>
  where(tie, mul(g, 0.5), where(chosen, g, 0));

/** The larger operand; where both are equal each receives half of the cotangent. */
export const maximum: Binary = binary("maximum", {
  accepts: "number",
  onnx: "Max",
  vjp: (g, [a, b]) => [share(g, greater(a, b), equal(a, b)), share(g, less(a, b), equal(a, b))],
});

/** The smaller operand; where both are equal each receives half of the cotangent. */
export const minimum: Binary = binary("minimum", {
  accepts: "number",
  onnx: "Min",
  vjp: (g, [a, b]) => [share(g, less(a, b), equal(a, b)), share(g, greater(a, b), equal(a, b))],
});

/** x limited to [low, high]; either bound may be left out. Outside the derivative is 0, on a bound 1. */
export function clip(x: TensorLike, low?: TensorLike | null, high?: TensorLike | null): Tensor {
  let result = liftAll([x])[0];
  if (low !== undefined && low !== null) result = where(less(result, low), low, result);
  if (high !== undefined && high !== null) result = where(greater(result, high), high, result);
  return result;
}

export const neg: Unary = unary("neg", {
  accepts: "number",
  onnx: "Neg",
  vjp: (g) => [neg(g)],
  computeIn: { uint32: "int64" },
});

export const reciprocal: Unary = unary("reciprocal", {
  accepts: "float",
  onnx: "Reciprocal",
  vjp: (g, _, y) => [neg(mul(g, mul(y, y)))],
});

/** |x|, with derivative 0 at 0. */
export const abs: Unary = unary("abs", {
  accepts: "number",
  onnx: "Abs",
  vjp: (g, [x]) => [mul(g, sign(x))],
});

export const sign: Unary = unary("sign", { accepts: "number", onnx: "Sign" });
export const floor: Unary = unary("floor", { accepts: "float", onnx: "Floor" });
export const ceil: Unary = unary("ceil", { accepts: "float", onnx: "Ceil" });

/** The nearest integer; halves go to the even one, as in IEEE 754. */
export const round: Unary = unary("round", { accepts: "float", onnx: "Round" });

/** max(x, 0), with derivative 0 at 0. */
export const relu: Unary = unary("relu", {
  accepts: "number",
  onnx: "Relu",
  vjp: (g, [x]) => [where(greater(x, 0), g, 0)],
});
