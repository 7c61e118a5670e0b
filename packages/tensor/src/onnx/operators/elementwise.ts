/** Arithmetic, comparison, logic and mathematical functions of corresponding entries. */
import { isFloat } from "../../dtype.ts";
import { fail } from "../../errors.ts";
import type { Tensor } from "../../graph.ts";
import {
  abs,
  add,
  ceil,
  clip,
  div,
  floor,
  floorDivide,
  maximum,
  minimum,
  mod,
  mul,
  neg,
  pow,
  reciprocal,
  round,
  sign,
  sub,
} from "../../ops/arithmetic.ts";
import { cast } from "../../ops/cast.ts";
import {
  and,
  bitwiseAnd,
  bitwiseOr,
  bitwiseXor,
  equal,
  greater,
  greaterEqual,
  isNotANumber,
  less,
  lessEqual,
  not,
  or,
  shiftLeft,
  shiftRight,
  where,
  xor,
} from "../../ops/logic.ts";
import { cos, erf, exp, expm1, log, log1p, sin, sqrt, tanh } from "../../ops/transcendental.ts";
import { type Operators, of } from "../call.ts";
import { elementType } from "../elements.ts";

/** The operands folded from the left, as ONNX's variadic operators do. */
const variadic = (f: (a: Tensor, b: Tensor) => Tensor) =>
  of((first, ...rest) => rest.reduce(f, first));

/** Integers divide toward zero in ONNX, floats as usual. */
function divide(a: Tensor, b: Tensor): Tensor {
  if (isFloat(a.dtype)) return div(a, b);
  if (a.dtype === "uint32") return floorDivide(a, b);
  return mul(mul(sign(a), sign(b)), floorDivide(abs(a), abs(b)));
}

/** The exponent may be of another type than the base, and the base an integer. */
function power(base: Tensor, exponent: Tensor): Tensor {
  if (isFloat(base.dtype)) return pow(base, cast(exponent, base.dtype));
  return cast(round(pow(cast(base, "float64"), cast(exponent, "float64"))), base.dtype);
}

/** x limited to bounds that were attributes before operator set 11. */
const limit = (x: Tensor, low: Tensor | number | undefined, high: Tensor | number | undefined) =>
  clip(x, low, high);

export const elementwise: Operators = {
  Add: of(add),
  Sub: of(sub),
  Mul: of(mul),
  Div: of(divide),
  Pow: of(power),
  Mod: {
    // With fmod the remainder has the sign of the dividend, else that of the divisor.
    trace: ({ input, integer }) => {
      const [a, b] = [input(0), input(1)];
      return integer("fmod", 0) === 1 ? mul(sign(a), mod(abs(a), abs(b))) : mod(a, b);
    },
  },
  Sum: variadic(add),
  Max: variadic(maximum),
  Min: variadic(minimum),
  Mean: of((...all) =>
    mul(
      all.reduce((a, b) => add(a, b)),
      1 / all.length,
    ),
  ),
  Neg: of(neg),
  Abs: of(abs),
  Sign: of(sign),
  Floor: of(floor),
  Ceil: of(ceil),
  Round: of(round),
  Reciprocal: of(reciprocal),
  Sqrt: of(sqrt),
  Exp: of(exp),
  Log: of(log),
  Erf: of(erf),
  Sin: of(sin),
  Cos: of(cos),
  Tan: of((x) => div(sin(x), cos(x))),
  Sinh: of((x) => mul(sub(expm1(x), expm1(neg(x))), 0.5)),
  Cosh: of((x) => mul(add(exp(x), exp(neg(x))), 0.5)),
  Tanh: of(tanh),
  // |x| + x^2 / (1 + sqrt(1 + x^2)) is |x| + sqrt(1 + x^2) - 1 without the cancellation.
  Asinh: of((x) => {
    const [size, square] = [abs(x), mul(x, x)];
    return mul(sign(x), log1p(add(size, div(square, add(sqrt(add(square, 1)), 1)))));
  }),
  Acosh: of((x) => log(add(x, sqrt(sub(mul(x, x), 1))))),
  Atanh: of((x) => mul(sub(log1p(x), log1p(neg(x))), 0.5)),

  Equal: of(equal),
  Less: of(less),
  LessOrEqual: of(lessEqual),
  Greater: of(greater),
  GreaterOrEqual: of(greaterEqual),
  Not: of(not),
  And: of(and),
  Or: of(or),
  Xor: of(xor),
  Where: of(where),
  IsNaN: of(isNotANumber),
  IsInf: {
    trace: ({ input, integer }) => {
      const x = input(0);
      const [up, down] = [equal(x, Number.POSITIVE_INFINITY), equal(x, Number.NEGATIVE_INFINITY)];
      const wanted = [
        ...(integer("detect_positive", 1) ? [up] : []),
        ...(integer("detect_negative", 1) ? [down] : []),
      ];
      return wanted.reduce((a, b) => or(a, b), and(up, down));
    },
  },
  BitwiseAnd: of(bitwiseAnd),
  BitwiseOr: of(bitwiseOr),
  BitwiseXor: of(bitwiseXor),
  BitShift: {
    trace: ({ input, text }) => {
      if (input(0).dtype !== "uint32") fail("only uint32 can be shifted");
      const shift = text("direction", "LEFT") === "LEFT" ? shiftLeft : shiftRight;
      return shift(input(0), input(1));
    },
  },

  Clip: {
    trace: ({ opset, input, inputs, has, float }) => {
      const bound = (name: string) => (has(name) ? float(name) : undefined);
      return opset < 11
        ? limit(input(0), bound("min"), bound("max"))
        : limit(input(0), inputs[1], inputs[2]);
    },
  },
  Cast: {
    trace: ({ input, integer }) => cast(input(0), elementType(integer("to"), "the result").dtype),
  },
  CastLike: of((x, like) => cast(x, like.dtype)),
};
