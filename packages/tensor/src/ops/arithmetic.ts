/** Arithmetic, rounding and order, elementwise. */
import { isFloat, isInteger } from "../dtype.ts";
import { constantValue, liftAll, type Tensor, type TensorLike, uniformValue } from "../graph.ts";
import { cast } from "./cast.ts";
import { type Binary, binary, spread, type Unary, unary } from "./elementwise.ts";
import { equal, greater, greaterEqual, less, lessEqual, where } from "./logic.ts";
import { log } from "./transcendental.ts";

export const add: Binary = binary("add", {
  accepts: "number",
  compute: (a, b) => a + b,
  onnx: "Add",
  vjp: (g) => [g, g],
  simplify: ([a, b], sum) => {
    if (uniformValue(a) === 0) return spread(b, sum);
    if (uniformValue(b) === 0) return spread(a, sum);
    return a === b ? mul(a, 2) : undefined;
  },
});

export const sub: Binary = binary("sub", {
  accepts: "number",
  compute: (a, b) => a - b,
  onnx: "Sub",
  vjp: (g) => [g, neg(g)],
  simplify: ([a, b], difference) => (uniformValue(b) === 0 ? spread(a, difference) : undefined),
});

export const mul: Binary = binary("mul", {
  accepts: "number",
  compute: (a, b) => a * b,
  onnx: "Mul",
  vjp: (g, [a, b]) => [mul(g, b), mul(g, a)],
  simplify: ([a, b], product) => {
    if (uniformValue(a) === 1) return spread(b, product);
    if (uniformValue(b) === 1) return spread(a, product);
    return scaledTwice(a, b) ?? scaledTwice(b, a);
  },
});

/** c (d x) as (c d) x, for known scalars c and d. */
function scaledTwice(factor: Tensor, product: Tensor): Tensor | undefined {
  const outer = constantValue(factor);
  if (
    outer?.size !== 1 ||
    factor.rank > 0 ||
    product.node.op.name !== "mul" ||
    !isFloat(product.dtype)
  )
    return undefined;
  const [a, b] = product.node.inputs;
  const inner = [a, b].find(
    (operand) => operand.rank === 0 && constantValue(operand) !== undefined,
  );
  return inner && mul(mul(factor, inner), inner === a ? b : a);
}

/** Quotient of floats; integers divide with {@link floorDivide}. */
export const div: Binary = binary("div", {
  accepts: "float",
  compute: (a, b) => a / b,
  onnx: "Div",
  vjp: (g, [, b], quotient) => [div(g, b), neg(div(mul(g, quotient), b))],
  simplify: ([a, b], quotient) => (uniformValue(b) === 1 ? spread(a, quotient) : undefined),
});

/** The lowest int32 divided by -1 is outside int32, and the runtime's division would end the process. */
const widened = { int32: "int64" } as const;

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
  computeIn: widened,
});

/** Remainder with the sign of the divisor: a - b floor(a / b). */
export const mod: Binary = binary("mod", {
  accepts: "number",
  vjp: (g, [a, b]) => [g, neg(mul(g, floor(div(a, b))))],
  onnx: (emit, [a, b], { dtype }) => {
    if (isInteger(dtype)) return emit.op("Mod", [a, b]);
    return emit.op("Sub", [a, emit.op("Mul", [b, emit.op("Floor", [emit.op("Div", [a, b])])])]);
  },
  computeIn: widened,
});

/**
 * a to the power b. The derivative with respect to b at a = 0 is 0, its limit for b > 0; that with
 * respect to a at b = 0 is 0, also at a = 0.
 */
export const pow: Binary = binary("pow", {
  accepts: "float",
  compute: (a, b) => a ** b,
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

/** The cotangent's share of a chosen operand: all of it, or half where both are equal. */
const share = (g: Tensor, wins: Tensor, winsOrTies: Tensor): Tensor =>
  mul(g, mul(add(cast(wins, g.dtype), cast(winsOrTies, g.dtype)), 0.5));

/** The larger operand; where both are equal each receives half of the cotangent. */
export const maximum: Binary = binary("maximum", {
  accepts: "number",
  onnx: "Max",
  vjp: (g, [a, b]) => [
    share(g, greater(a, b), greaterEqual(a, b)),
    share(g, less(a, b), lessEqual(a, b)),
  ],
});

/** The smaller operand; where both are equal each receives half of the cotangent. */
export const minimum: Binary = binary("minimum", {
  accepts: "number",
  onnx: "Min",
  vjp: (g, [a, b]) => [
    share(g, less(a, b), lessEqual(a, b)),
    share(g, greater(a, b), greaterEqual(a, b)),
  ],
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
  compute: (a) => -a,
  onnx: "Neg",
  vjp: (g) => [neg(g)],
  computeIn: { uint32: "int64" },
});

export const reciprocal: Unary = unary("reciprocal", {
  accepts: "float",
  compute: (a) => 1 / a,
  onnx: "Reciprocal",
  vjp: (g, _, y) => [neg(mul(g, mul(y, y)))],
});

/** |x|, with derivative 0 at 0. */
export const abs: Unary = unary("abs", {
  accepts: "number",
  compute: Math.abs,
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
  vjp: (g, _, y) => [mul(g, isPositive(y))],
  simplify: ([x]) => (x.dtype === "uint32" ? x : undefined),
});

/**
 * 1 where x > 0, else 0, in the dtype of x. A product with it is several times faster than `where`
 * with a comparison: the runtime's Where is its slowest elementwise operator.
 */
const isPositive: Unary = unary("isPositive", {
  accepts: "number",
  onnx: (emit, [x], { dtype }) => {
    // A sigmoid so steep that every normal positive number saturates it: one pass instead of two.
    if (dtype === "float32")
      return emit.op("HardSigmoid", [x], { alpha: { float: steepest }, beta: { float: 0 } });
    return emit.cast(emit.op("Greater", [x, emit.scalar(0, dtype)]), dtype);
  },
});
const steepest = 3.4e38;
