/** Elementwise operations at any shapes. */
import type { Tensor } from "../graph.ts";
import type * as functions from "../ops/functions.ts";
import { where } from "../ops/logic.ts";
import type { Case } from "./cases.ts";
import {
  between,
  distinct,
  flags,
  fractional,
  integers,
  nonzero,
  positive,
  real,
  type Source,
} from "./random.ts";
import { entrywise } from "./reference.ts";
import { erf, erfinv, floorMod, roundHalfEven, sigmoid } from "./special.ts";

type Shape = readonly number[];
type Draw = (shape: Shape) => Source;
type Name = keyof typeof functions;

interface Rule {
  readonly operation: Name;
  /** What is particular to this case among those of the operation. */
  readonly detail?: string;
  readonly f?: Case["f"];
  readonly from: readonly Draw[];
  readonly reference: (...values: number[]) => number;
  readonly dtypes?: Case["dtypes"];
}

const numbers = ["int32", "uint32"] as const;
const everything = ["int32", "uint32", "bool"] as const;

const int32 =
  (low: number, high: number): Draw =>
  (shape) =>
    integers(shape, low, high);
const uint32 =
  (low: number, high: number): Draw =>
  (shape) =>
    integers(shape, low, high, "uint32");

const geluTanh = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/** Operations of one operand. */
const unaryRules: readonly Rule[] = [
  { operation: "neg", from: [real], reference: (x) => -x, dtypes: numbers },
  { operation: "reciprocal", from: [nonzero], reference: (x) => 1 / x },
  { operation: "abs", from: [nonzero], reference: Math.abs, dtypes: numbers },
  { operation: "sign", from: [nonzero], reference: Math.sign, dtypes: numbers },
  { operation: "floor", from: [fractional], reference: Math.floor },
  { operation: "ceil", from: [fractional], reference: Math.ceil },
  { operation: "round", from: [fractional], reference: roundHalfEven },
  { operation: "relu", from: [nonzero], reference: (x) => Math.max(x, 0), dtypes: numbers },
  { operation: "exp", from: [real], reference: Math.exp },
  { operation: "log", from: [positive], reference: Math.log },
  { operation: "sqrt", from: [positive], reference: Math.sqrt },
  { operation: "rsqrt", from: [positive], reference: (x) => 1 / Math.sqrt(x) },
  { operation: "tanh", from: [real], reference: Math.tanh },
  { operation: "sigmoid", from: [real], reference: sigmoid },
  { operation: "sin", from: [real], reference: Math.sin },
  { operation: "cos", from: [real], reference: Math.cos },
  { operation: "erf", from: [(shape) => between(shape, -4, 4)], reference: erf },
  { operation: "erfinv", from: [(shape) => between(shape, -0.9, 0.9)], reference: erfinv },
  { operation: "log1p", from: [positive], reference: Math.log1p },
  { operation: "expm1", from: [real], reference: Math.expm1 },
  { operation: "softplus", from: [real], reference: (x) => Math.log1p(Math.exp(x)) },
  { operation: "leakyRelu", from: [nonzero], reference: (x) => (x > 0 ? x : 0.01 * x) },
  {
    operation: "leakyRelu",
    detail: "with slope 0.3",
    f: (x) => x.leakyRelu(0.3),
    from: [nonzero],
    reference: (x) => (x > 0 ? x : 0.3 * x),
  },
  { operation: "elu", from: [nonzero], reference: (x) => (x > 0 ? x : Math.expm1(x)) },
  {
    operation: "elu",
    detail: "with alpha 0.7",
    f: (x) => x.elu(0.7),
    from: [nonzero],
    reference: (x) => (x > 0 ? x : 0.7 * Math.expm1(x)),
  },
  { operation: "silu", from: [real], reference: (x) => x * sigmoid(x) },
  { operation: "gelu", from: [real], reference: (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)) },
  {
    operation: "gelu",
    detail: "by tanh",
    f: (x) => x.gelu({ approximate: "tanh" }),
    from: [real],
    reference: geluTanh,
  },
  {
    operation: "clip",
    detail: "between two numbers",
    f: (x) => x.clip(-1, 1),
    from: [(shape) => fractional(shape)],
    reference: (x) => Math.min(Math.max(x, -1), 1),
    dtypes: ["int32"],
  },
  {
    operation: "clip",
    detail: "from above only",
    f: (x) => x.clip(null, 1),
    from: [fractional],
    reference: (x) => Math.min(x, 1),
    dtypes: numbers,
  },
  { operation: "isNotANumber", from: [real], reference: (x) => Number(Number.isNaN(x)) },
  { operation: "not", from: [flags], reference: (x) => Number(!x) },
  {
    operation: "astype",
    detail: "to int32",
    f: (x) => x.astype("int32"),
    from: [fractional],
    reference: Math.trunc,
    dtypes: everything,
  },
  {
    operation: "astype",
    detail: "to the other float and back",
    f: (x) =>
      x
        .astype(x.dtype === "float64" ? "float32" : "float64")
        .mul(2)
        .astype(x.dtype),
    from: [real],
    reference: (x) => 2 * x,
    dtypes: everything,
  },
  {
    operation: "astype",
    detail: "to bool",
    f: (x) => x.astype("bool"),
    from: [real],
    reference: (x) => Number(x !== 0),
    dtypes: everything,
  },
  {
    operation: "astype",
    detail: "int32 to uint32",
    f: (x) => x.astype("uint32"),
    from: [int32(-9, 9)],
    reference: (x) => x,
  },
  {
    operation: "astype",
    detail: "uint32 to int32",
    f: (x) => x.astype("int32"),
    from: [uint32(0, 2 ** 32)],
    reference: (x) => x,
  },
  {
    operation: "astype",
    detail: "uint32 to float64",
    f: (x) => x.astype("float64"),
    from: [uint32(0, 2 ** 32)],
    reference: (x) => x,
  },
];

const order = (f: (a: number, b: number) => boolean) => (a: number, b: number) => Number(f(a, b));

/** Operations of two or three operands that broadcast. */
const broadcastRules: readonly Rule[] = [
  { operation: "add", from: [real, real], reference: (a, b) => a + b, dtypes: numbers },
  { operation: "sub", from: [real, real], reference: (a, b) => a - b, dtypes: numbers },
  { operation: "mul", from: [real, real], reference: (a, b) => a * b, dtypes: numbers },
  { operation: "div", from: [real, nonzero], reference: (a, b) => a / b },
  {
    operation: "mod",
    from: [fractional, (shape) => ({ ...integers(shape, 4, 6), dtype: undefined })],
    reference: floorMod,
  },
  {
    operation: "mod",
    detail: "of int32",
    from: [int32(-20, 20), int32(1, 6)],
    reference: floorMod,
  },
  {
    operation: "mod",
    detail: "of int32 by negatives",
    from: [int32(-20, 20), int32(-6, 0)],
    reference: floorMod,
  },
  {
    operation: "mod",
    detail: "of uint32",
    from: [uint32(0, 2 ** 32), uint32(1, 2 ** 31)],
    reference: floorMod,
  },
  {
    operation: "floorDivide",
    detail: "of int32",
    from: [int32(-20, 20), int32(1, 6)],
    reference: (a, b) => Math.floor(a / b),
  },
  {
    operation: "floorDivide",
    detail: "of int32 by negatives",
    from: [int32(-20, 20), int32(-6, 0)],
    reference: (a, b) => Math.floor(a / b),
  },
  {
    operation: "floorDivide",
    detail: "of uint32",
    from: [uint32(0, 2 ** 32), uint32(1, 1000)],
    reference: (a, b) => Math.floor(a / b),
  },
  { operation: "pow", from: [positive, real], reference: (a, b) => a ** b },
  { operation: "maximum", from: [distinct, fractional], reference: Math.max, dtypes: numbers },
  { operation: "minimum", from: [distinct, fractional], reference: Math.min, dtypes: numbers },
  {
    operation: "logaddexp",
    from: [real, real],
    reference: (a, b) => Math.log(Math.exp(a) + Math.exp(b)),
  },
  {
    operation: "equal",
    from: [real, real],
    reference: order((a, b) => a === b),
    dtypes: everything,
  },
  {
    operation: "notEqual",
    from: [real, real],
    reference: order((a, b) => a !== b),
    dtypes: everything,
  },
  { operation: "less", from: [real, real], reference: order((a, b) => a < b), dtypes: numbers },
  {
    operation: "lessEqual",
    from: [real, real],
    reference: order((a, b) => a <= b),
    dtypes: numbers,
  },
  { operation: "greater", from: [real, real], reference: order((a, b) => a > b), dtypes: numbers },
  {
    operation: "greaterEqual",
    from: [real, real],
    reference: order((a, b) => a >= b),
    dtypes: numbers,
  },
  { operation: "and", from: [flags, flags], reference: (a, b) => a & b },
  { operation: "or", from: [flags, flags], reference: (a, b) => a | b },
  { operation: "xor", from: [flags, flags], reference: (a, b) => a ^ b },
  ...[int32(-(2 ** 31), 2 ** 31), uint32(0, 2 ** 32)].flatMap((bits, i): Rule[] => {
    const detail = ["of int32", "of uint32"][i];
    return [
      { operation: "bitwiseAnd", detail, from: [bits, bits], reference: (a, b) => a & b },
      { operation: "bitwiseOr", detail, from: [bits, bits], reference: (a, b) => a | b },
      { operation: "bitwiseXor", detail, from: [bits, bits], reference: (a, b) => a ^ b },
    ];
  }),
  {
    operation: "shiftLeft",
    from: [uint32(0, 2 ** 32), uint32(0, 32)],
    reference: (a, b) => a << b,
  },
  {
    operation: "shiftRight",
    from: [uint32(0, 2 ** 32), uint32(0, 32)],
    reference: (a, b) => a >>> b,
  },
  {
    operation: "clip",
    detail: "between two tensors",
    f: (x, low, high) => x.clip(low, high),
    from: [
      fractional,
      (shape) => between(shape, -1.2, -1.05),
      (shape) => between(shape, 1.05, 1.08),
    ],
    reference: (x, low, high) => Math.min(Math.max(x, low), high),
  },
];

function toCase(
  { operation, detail, f, from, reference, dtypes }: Rule,
  shapes: readonly Shape[],
): Case {
  const method: Case["f"] = (x, ...rest) =>
    (x[operation] as unknown as (...others: Tensor[]) => Tensor).apply(x, rest);
  const shown = shapes.map((shape) => `[${shape}]`).join(", ");
  const name = `${operation}${detail === undefined ? "" : ` ${detail}`} at ${shown}`;
  const inputs = from.map((draw, i) => draw(shapes[i]));
  const all = { name, inputs, f: f ?? method, reference: entrywise(reference) };
  return dtypes === undefined ? all : { ...all, dtypes };
}

export const unaryCases = (shape: Shape): Case[] => unaryRules.map((rule) => toCase(rule, [shape]));

/** Cases with operands of shapes that broadcast with each other. */
export const broadcastCases = (a: Shape, b: Shape): Case[] => [
  ...broadcastRules.map((rule) => toCase(rule, [a, b, a])),
  {
    name: `where at [${a}], [${b}], [${a}]`,
    inputs: [flags(a), real(b), real(a)],
    f: (condition, x, y) => where(condition, x, y),
    reference: entrywise((condition, x, y) => (condition ? x : y)),
    dtypes: everything,
  },
];
