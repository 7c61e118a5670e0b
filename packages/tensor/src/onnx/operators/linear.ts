/** Matrix products and convolutions. */
import { fail } from "../../errors.ts";
import type { Tensor } from "../../graph.ts";
import { add, mul } from "../../ops/arithmetic.ts";
import { conv, convTranspose, extent } from "../../ops/conv.ts";
import { reshape, swapAxes, transpose } from "../../ops/layout.ts";
import { matmul } from "../../ops/matmul.ts";
import { einsum } from "../../ops/matrix.ts";
import type { Widths } from "../../ops/window.ts";
import { type Call, type Operators, of } from "../call.ts";
import { windowPadding } from "./window.ts";

/** Letters for the axes an ellipsis stands for; they broadcast no further than being equal. */
function nameEllipsis(equation: string, operands: readonly Tensor[]): string {
  if (!equation.includes("...")) return equation;
  const [left, right] = equation.replaceAll(" ", "").split("->");
  const terms = left.split(",");
  const counts = terms.map((term, i) =>
    term.includes("...") ? operands[i].rank - (term.length - 3) : 0,
  );
  const most = Math.max(...counts);
  const free = [..."ZYXWVUTSRQPONMLKJIHGFEDCBA"].filter((letter) => !equation.includes(letter));
  const letters = free.slice(0, most).reverse().join("");
  const named = terms.map((term, i) => term.replace("...", letters.slice(most - counts[i])));
  const once = [...new Set(left.replace(/[.,]/g, ""))].filter(
    (letter) => left.split(letter).length === 2,
  );
  const result = right === undefined ? `...${once.sort().join("")}` : right;
  return `${named.join()}->${result.replace("...", letters)}`;
}

function traceConv(call: Call): Tensor {
  const [x, w, bias] = [call.input(0), call.input(1), call.inputs[2]];
  const kernel = w.shape.slice(2);
  const stride = call.integers("strides") ?? kernel.map(() => 1);
  const dilation = call.integers("dilations") ?? kernel.map(() => 1);
  const reach = kernel.map((length, axis) => extent(length, dilation[axis]));
  const padding = windowPadding(call, x.shape.slice(2), reach, stride);
  const y = conv(x, w, { stride, dilation, padding, groups: call.integer("group", 1) });
  return withBias(y, bias);
}

const withBias = (y: Tensor, bias: Tensor | undefined): Tensor =>
  bias === undefined ? y : add(y, reshape(bias, [bias.size, ...y.shape.slice(2).map(() => 1)]));

function traceConvTranspose(call: Call): Tensor {
  const [x, w, bias] = [call.input(0), call.input(1), call.inputs[2]];
  const kernel = w.shape.slice(2);
  const space = x.shape.slice(2);
  const stride = call.integers("strides") ?? kernel.map(() => 1);
  const dilation = call.integers("dilations") ?? kernel.map(() => 1);
  const outputPadding = call.integers("output_padding") ?? kernel.map(() => 0);
  const groups = call.integer("group", 1);
  const full = space.map(
    (n, axis) =>
      (n - 1) * stride[axis] + extent(kernel[axis], dilation[axis]) + outputPadding[axis],
  );
  const auto = call.text("auto_pad", "NOTSET");
  const wanted =
    call.integers("output_shape")?.slice(-kernel.length) ??
    (auto.startsWith("SAME") ? space.map((n, axis) => n * stride[axis]) : undefined);
  const padding = wanted
    ? wanted.map((n, axis) => cropping(full[axis] - n, auto === "SAME_UPPER"))
    : pairs(call.integers("pads") ?? [...kernel, ...kernel].map(() => 0));
  // A length the padding would have to be negative for is reached by more of the end.
  const beyond = padding.map(([before, after]) => Math.max(0, -(before + after)));
  const y = convTranspose(x, w, {
    stride,
    dilation,
    groups,
    padding: padding.map((widths, axis) => (beyond[axis] > 0 ? [0, 0] : widths)),
    outputPadding: outputPadding.map((extra, axis) => extra + beyond[axis]),
  });
  return withBias(y, bias);
}

/** How a total that is cut off both ends divides where it is odd. */
function cropping(total: number, upper: boolean): Widths {
  const half = Math.floor(total / 2);
  return upper ? [half, total - half] : [total - half, half];
}

const pairs = (pads: readonly number[]): Widths[] =>
  pads.slice(0, pads.length / 2).map((before, axis) => [before, pads[axis + pads.length / 2]]);

export const linear: Operators = {
  MatMul: of(matmul),
  Gemm: {
    trace: ({ inputs: [, , c], input, integer, float }) => {
      const a = integer("transA", 0) ? transpose(input(0)) : input(0);
      const b = integer("transB", 0) ? transpose(input(1)) : input(1);
      const [alpha, beta] = [float("alpha", 1), float("beta", 1)];
      const product = alpha === 1 ? matmul(a, b) : mul(matmul(a, b), alpha);
      if (c === undefined) return product;
      return add(product, beta === 1 ? c : mul(c, beta));
    },
  },
  Einsum: {
    trace: ({ inputs, input, text }) => {
      const operands = inputs.map((_, i) => input(i));
      return einsum(nameEllipsis(text("equation", ""), operands), ...operands);
    },
  },
  Conv: { trace: traceConv },
  ConvTranspose: { trace: traceConvTranspose },
  "com.microsoft.FusedMatMul": {
    trace: ({ input, integer, float }) => {
      if (integer("transBatchA", 0) || integer("transBatchB", 0))
        fail("transposed batch axes are not supported");
      const a = integer("transA", 0) ? swapAxes(input(0), -1, -2) : input(0);
      const b = integer("transB", 0) ? swapAxes(input(1), -1, -2) : input(1);
      return mul(matmul(a, b), float("alpha", 1));
    },
  },
};
