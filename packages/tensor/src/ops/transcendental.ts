/** Exponentials, logarithms and their relatives, elementwise on floats. */
import type { Aval, Tensor, TensorLike } from "../graph.ts";
import type { Emitter } from "../lower/emitter.ts";
import { lowerErf64 } from "../lower/erf.ts";
import { lowerErfinv } from "../lower/erfinv.ts";
import { abs, add, div, mul, neg, relu, sub } from "./arithmetic.ts";
import { type Binary, binary, type Unary, unary } from "./elementwise.ts";
import { and, equal, greater, where } from "./logic.ts";

export const exp: Unary = unary("exp", {
  accepts: "float",
  onnx: "Exp",
  vjp: (g, _, y) => [mul(g, y)],
});
export const log: Unary = unary("log", {
  accepts: "float",
  onnx: "Log",
  vjp: (g, [x]) => [div(g, x)],
});

export const sqrt: Unary = unary("sqrt", {
  accepts: "float",
  onnx: "Sqrt",
  vjp: (g, _, y) => [div(mul(g, 0.5), y)],
});

/** 1 / sqrt(x). */
export const rsqrt: Unary = unary("rsqrt", {
  accepts: "float",
  onnx: (emit, [x]) => emit.op("Reciprocal", [emit.op("Sqrt", [x])]),
  vjp: (g, [x], y) => [mul(mul(g, -0.5), div(y, x))],
});

export const tanh: Unary = unary("tanh", {
  accepts: "float",
  onnx: "Tanh",
  vjp: (g, _, y) => [mul(g, sub(1, mul(y, y)))],
});

/** 1 / (1 + exp(-x)). */
export const sigmoid: Unary = unary("sigmoid", {
  accepts: "float",
  onnx: (emit, [x], { dtype }) => {
    if (dtype === "float32") return emit.op("Sigmoid", [x]);
    // ONNX Runtime fuses x Sigmoid(x) into an operator that it then lacks in float64.
    const decay = emit.op("Exp", [emit.op("Neg", [x])]);
    return emit.op("Reciprocal", [emit.op("Add", [decay, emit.scalar(1, dtype)])]);
  },
  vjp: (g, _, y) => [mul(g, mul(y, sub(1, y)))],
});

export const sin: Unary = unary("sin", {
  accepts: "float",
  onnx: "Sin",
  vjp: (g, [x]) => [mul(g, cos(x))],
});
export const cos: Unary = unary("cos", {
  accepts: "float",
  onnx: "Cos",
  vjp: (g, [x]) => [neg(mul(g, sin(x)))],
});

/** The error function, 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x. */
export const erf: Unary = unary("erf", {
  accepts: "float",
  onnx: (emit, [x], { dtype }) => (dtype === "float64" ? lowerErf64(emit, x) : emit.op("Erf", [x])),
  vjp: (g, [x]) => [mul(g, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI)))],
});

/** The inverse of {@link erf} on (-1, 1); infinite at -1 and 1, NaN beyond. */
export const erfinv: Unary = unary("erfinv", {
  accepts: "float",
  onnx: (emit, [x], operand) => lowerErfinv(emit, x, operand),
  vjp: (g, _, y) => [mul(g, mul(exp(mul(y, y)), Math.sqrt(Math.PI) / 2))],
});

/**
 * log(1 + x) without losing small x: with u = 1 + x rounded, the rounding of u cancels in
 * log(u) x / (u - 1) (a trick of W. Kahan's).
 */
function lowerLog1p(emit: Emitter, x: string, { dtype }: Aval): string {
  const one = emit.scalar(1, dtype);
  const u = emit.op("Add", [x, one]);
  const shifted = emit.op("Sub", [u, one]);
  const log = emit.op("Log", [u]);
  const ratio = emit.op("Div", [emit.op("Mul", [log, x]), shifted]);
  const finite = emit.op("Less", [u, emit.scalar(Number.POSITIVE_INFINITY, dtype)]); // else inf/inf
  const tiny = emit.op("Equal", [shifted, emit.scalar(0, dtype)]); // else 0/0
  return emit.op("Where", [tiny, x, emit.op("Where", [finite, ratio, log])]);
}

/** log(1 + x), exact for small x. */
export const log1p: Unary = unary("log1p", {
  accepts: "float",
  onnx: (emit, [x], operand) => lowerLog1p(emit, x, operand),
  vjp: (g, [x]) => [div(g, add(x, 1))],
});

/** exp(x) - 1, exact for small x; computed as (u - 1) x / log(u) with u = exp(x) rounded. */
export const expm1: Unary = unary("expm1", {
  accepts: "float",
  onnx: (emit, [x], { dtype }) => {
    const one = emit.scalar(1, dtype);
    const u = emit.op("Exp", [x]);
    const shifted = emit.op("Sub", [u, one]);
    const ratio = emit.op("Div", [emit.op("Mul", [shifted, x]), emit.op("Log", [u])]);
    const tiny = emit.op("Equal", [u, one]); // else 0/0
    // Far from zero the plain difference is exact, and u may be zero or infinite.
    const near = emit.op("Less", [emit.op("Abs", [x]), one]);
    return emit.op("Where", [tiny, x, emit.op("Where", [near, ratio, shifted])]);
  },
  vjp: (g, _, y) => [mul(g, add(y, 1))],
});

/** log(1 + exp(x)) as max(x, 0) + log1p(exp(-|x|)), which neither overflows nor loses digits. */
export const softplus: Unary = unary("softplus", {
  accepts: "float",
  onnx: (emit, [x], operand) => {
    const decay = emit.op("Exp", [emit.op("Neg", [emit.op("Abs", [x])])]);
    return emit.op("Add", [emit.op("Relu", [x]), lowerLog1p(emit, decay, operand)]);
  },
  vjp: (g, [x]) => [mul(g, sigmoid(x))],
});

/** log(exp(a) + exp(b)) without overflow; equal infinite operands give themselves. */
export const logaddexp: Binary = binary("logaddexp", {
  accepts: "float",
  onnx: (emit, [a, b], operand) => {
    const zero = emit.scalar(0, operand.dtype);
    // Where the operands are equal their difference is 0, also if both are infinite.
    const gap = emit.op("Where", [emit.op("Equal", [a, b]), zero, emit.op("Sub", [a, b])]);
    const decay = emit.op("Exp", [emit.op("Neg", [emit.op("Abs", [gap])])]);
    return emit.op("Add", [emit.op("Max", [a, b]), lowerLog1p(emit, decay, operand)]);
  },
  vjp: (g, [a, b]) => {
    const bothInfinite = and(equal(a, b), equal(abs(a), Number.POSITIVE_INFINITY));
    const gap = where(bothInfinite, 0, sub(a, b));
    return [mul(g, sigmoid(gap)), mul(g, sigmoid(neg(gap)))];
  },
});

/** x for x > 0, slope times x elsewhere. */
export function leakyRelu(x: TensorLike, slope = 0.01): Tensor {
  return where(greater(x, 0), x, mul(x, slope));
}

/** x for x > 0, alpha (exp(x) - 1) elsewhere. */
export function elu(x: TensorLike, alpha = 1): Tensor {
  const negative = neg(relu(neg(x))); // min(x, 0): keeps exp finite in the branch not taken
  return where(greater(x, 0), x, mul(expm1(negative), alpha));
}

/** x sigmoid(x), also known as swish. */
export function silu(x: TensorLike): Tensor {
  return mul(x, sigmoid(x));
}

/**
 * The Gaussian error linear unit x Phi(x).
 * `approximate: "tanh"` takes 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) instead.
 */
export function gelu(x: TensorLike, options: { approximate?: "none" | "tanh" } = {}): Tensor {
  if (options.approximate === "tanh") {
    const inner = mul(mul(x, Math.sqrt(2 / Math.PI)), add(mul(mul(x, x), 0.044715), 1));
    return mul(mul(x, 0.5), add(tanh(inner), 1));
  }
  return mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
}
