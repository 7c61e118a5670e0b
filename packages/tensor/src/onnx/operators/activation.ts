/** Activation functions. */
import type { Tensor } from "../../graph.ts";
import { abs, add, clip, div, maximum, mul, neg, relu, sub } from "../../ops/arithmetic.ts";
import { argmax } from "../../ops/extremum.ts";
import { oneHot } from "../../ops/indexing.ts";
import { moveAxis, reshape } from "../../ops/layout.ts";
import { greater, less, where } from "../../ops/logic.ts";
import { logSoftmax, softmax } from "../../ops/softmax.ts";
import { elu, gelu, leakyRelu, sigmoid, softplus, tanh } from "../../ops/transcendental.ts";
import { normalizeAxis, sizeOf } from "../../shape.ts";
import { type Call, type Operator, type Operators, of } from "../call.ts";

export const hardSigmoid = (x: Tensor, alpha = 0.2, beta = 0.5): Tensor =>
  clip(add(mul(x, alpha), beta), 0, 1);

export const thresholdedRelu = (x: Tensor, alpha = 1): Tensor => where(greater(x, alpha), x, 0);

export const softsign = (x: Tensor): Tensor => div(x, add(abs(x), 1));

/**
 * A normalisation along `axis`. Before operator set 13 it ran over that axis and all after it
 * together, 1 by default; since then along the one axis, the last by default.
 */
const alongAxis = (f: (x: Tensor, axis: number) => Tensor): Operator => ({
  trace: ({ opset, input, integer }) => {
    const x = input(0);
    if (opset >= 13) return f(x, integer("axis", -1));
    const axis = normalizeAxis("axis", integer("axis", 1), x.rank);
    const rows = sizeOf(x.shape.slice(0, axis));
    return reshape(f(reshape(x, [rows, sizeOf(x.shape.slice(axis))]), 1), x.shape);
  },
});

const geluOf = (x: Tensor, { text }: Call): Tensor =>
  gelu(x, { approximate: text("approximate", "none") === "tanh" ? "tanh" : "none" });

export const activation: Operators = {
  Relu: of(relu),
  Sigmoid: of(sigmoid),
  Softplus: of(softplus),
  Softsign: of(softsign),
  LeakyRelu: { trace: ({ input, float }) => leakyRelu(input(0), float("alpha", 0.01)) },
  PRelu: of((x, slope) => where(less(x, 0), mul(x, slope), x)),
  ThresholdedRelu: { trace: ({ input, float }) => thresholdedRelu(input(0), float("alpha", 1)) },
  Elu: { trace: ({ input, float }) => elu(input(0), float("alpha", 1)) },
  Selu: {
    trace: ({ input, float }) =>
      mul(elu(input(0), float("alpha", 1.6732632423543772)), float("gamma", 1.0507009873554805)),
  },
  Celu: {
    trace: ({ input, float }) => {
      const alpha = float("alpha", 1);
      return mul(elu(mul(input(0), 1 / alpha)), alpha);
    },
  },
  HardSigmoid: {
    trace: ({ input, float }) => hardSigmoid(input(0), float("alpha", 0.2), float("beta", 0.5)),
  },
  HardSwish: of((x) => mul(x, hardSigmoid(x, 1 / 6, 0.5))),
  Mish: of((x) => mul(x, tanh(softplus(x)))),
  Swish: {
    trace: ({ input, float }) => mul(input(0), sigmoid(mul(input(0), float("alpha", 1)))),
  },
  Gelu: { trace: (call) => geluOf(call.input(0), call) },
  Shrink: {
    trace: ({ input, float }) => {
      const [x, bias, lambd] = [input(0), float("bias", 0), float("lambd", 0.5)];
      return where(greater(x, lambd), sub(x, bias), where(less(x, -lambd), add(x, bias), 0));
    },
  },
  Softmax: alongAxis(softmax),
  LogSoftmax: alongAxis(logSoftmax),
  Hardmax: alongAxis((x, axis) => {
    const place = normalizeAxis("axis", axis, x.rank);
    return moveAxis(oneHot(argmax(x, place), x.shape[place], { dtype: x.dtype }), -1, place);
  }),

  // Extensions of ONNX Runtime that its optimizers and exporters write into files.
  "com.microsoft.Gelu": of((x) => gelu(x)),
  "com.microsoft.FastGelu": {
    trace: ({ input, inputs: [, bias] }) =>
      gelu(bias ? add(input(0), bias) : input(0), { approximate: "tanh" }),
  },
  "com.microsoft.BiasGelu": of((x, bias) => gelu(add(x, bias))),
  "com.microsoft.QuickGelu": {
    trace: ({ input, float }) => mul(input(0), sigmoid(mul(input(0), float("alpha", 1.702)))),
  },
};

/** The functions recurrent operators name, with their two parameters where they have any. */
export const recurrentActivations: Readonly<
  Record<string, (x: Tensor, alpha?: number, beta?: number) => Tensor>
> = {
  relu: (x) => relu(x),
  tanh: (x) => tanh(x),
  sigmoid: (x) => sigmoid(x),
  softsign: (x) => softsign(x),
  softplus: (x) => softplus(x),
  affine: (x, alpha = 1, beta = 0) => add(mul(x, alpha), beta),
  leakyrelu: (x, alpha = 0.01) => maximum(x, 0).sub(mul(maximum(neg(x), 0), alpha)),
  thresholdedrelu: (x, alpha = 1) => thresholdedRelu(x, alpha),
  scaledtanh: (x, alpha = 1, beta = 1) => mul(tanh(mul(x, beta)), alpha),
  hardsigmoid: (x, alpha = 0.2, beta = 0.5) => hardSigmoid(x, alpha, beta),
  elu: (x, alpha = 1) => elu(x, alpha),
};
