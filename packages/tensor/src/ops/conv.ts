/**
 * Convolution, as the three faces of one trilinear form.
 *
 * Write T(x, w, g) = sum over outputs of conv(x, w) g. It is linear in the input x, in the kernel w
 * and in the cotangent g, and its partial derivatives are three operations: conv (by g), inputGrad
 * (by x) and kernelGrad (by w). The derivative of any of them is again among them, so convolutions
 * differentiate to any order, and batching is one rule for all three: a batch joins the samples, the
 * output channels or the groups.
 *
 * Shapes, with d spatial axes: x [N, C, X...], w [O, C / groups, K...], g [N, O, Y...].
 */
import { isFloat } from "../dtype.ts";
import { fail, showShape } from "../errors.ts";
import {
  type Aval,
  apply1,
  lift,
  type Node,
  type Op,
  type Tensor,
  type TensorLike,
} from "../graph.ts";
import { lowerConv, lowerInputGrad, lowerKernelGrad } from "../lower/conv.ts";
import { range, type Shape } from "../shape.ts";
import { repeatBatch, reshape, transpose } from "./layout.ts";
import { dilate, pad, type Widths } from "./window.ts";

/** What is fixed of a convolution, and the shapes of its three tensors. */
export interface Geometry {
  readonly stride: readonly number[];
  readonly padding: readonly Widths[];
  readonly dilation: readonly number[];
  readonly groups: number;
  readonly x: Shape;
  readonly w: Shape;
  readonly g: Shape;
}

type Face = "x" | "w" | "g";

const names: Record<Face, string> = { g: "conv", x: "convInputGrad", w: "convKernelGrad" };

/** The two tensors each face takes, in order. */
const operands: Record<Face, readonly [Face, Face]> = {
  g: ["x", "w"],
  x: ["g", "w"],
  w: ["x", "g"],
};

const faces: Record<Face, Op<Geometry>> = { g: face("g"), x: face("x"), w: face("w") };

function face(result: Face): Op<Geometry> {
  const [first, second] = operands[result];
  return {
    name: names[result],
    infer: (inputs, geometry) => {
      for (const [i, role] of [first, second].entries()) {
        if (inputs[i].shape.some((n, axis) => n !== geometry[role][axis])) {
          fail(
            `${names[result]}: ${role} has shape ${showShape(inputs[i].shape)}, expected ${showShape(geometry[role])}`,
          );
        }
      }
      return [{ shape: geometry[result], dtype: inputs[0].dtype }];
    },
    vjp: ([ct], { inputs, attributes }, wanted) => {
      if (ct === undefined) return [undefined, undefined];
      const values = { [first]: inputs[0], [second]: inputs[1], [result]: ct } as Record<
        Face,
        Tensor
      >;
      return ([first, second] as const).map((role, i) =>
        wanted[i] ? applyFace(role, values, attributes) : undefined,
      );
    },
    batch: (inputs, batched, node, size) => [batchFace(result, inputs, batched, node, size)],
    onnx: (emit, inputs, { inputs: [a], attributes }) => {
      const lower = { g: lowerConv, x: lowerInputGrad, w: lowerKernelGrad }[result];
      return lower(emit, inputs, attributes, a.dtype);
    },
  };
}

function applyFace(
  result: Face,
  values: Readonly<Record<Face, Tensor>>,
  geometry: Geometry,
): Tensor {
  const [first, second] = operands[result];
  return apply1(faces[result], [values[first], values[second]], geometry);
}

/** [size, N, rest...] -> [size N, rest...]: members of the batch become samples. */
const joinSamples = ([size, n, ...rest]: Shape): number[] => [size * n, ...rest];

/**
 * Which axis a batch joins depends on which of the three tensors carry it; the result always does.
 * If the kernel has none, the members are samples. If x has none, they are output channels (with one
 * group). Otherwise every member becomes groups of its own.
 */
function batchFace(
  result: Face,
  inputs: readonly Tensor[],
  batched: readonly boolean[],
  { attributes: geometry }: Node<Geometry>,
  size: number,
): Tensor {
  const [first, second] = operands[result];
  const has = { [first]: batched[0], [second]: batched[1], [result]: true } as Record<
    Face,
    boolean
  >;
  const value = { [first]: inputs[0], [second]: inputs[1] } as Record<Face, Tensor>;
  const { x, w, g, groups } = geometry;
  const full = (role: Face) => (has[role] ? value[role] : repeatBatch(value[role], size));

  const run = (joined: Geometry, into: (role: Face) => Tensor): Tensor =>
    apply1(faces[result], [into(first), into(second)], joined);

  if (!has.w) {
    const joined = { ...geometry, x: joinSamples([size, ...x]), g: joinSamples([size, ...g]) };
    const out = run(joined, (role) => (role === "w" ? value.w : reshape(full(role), joined[role])));
    return reshape(out, [size, ...geometry[result]]);
  }
  if (!has.x && groups === 1) {
    const [n, o, ...y] = g;
    const joined = { ...geometry, w: [size * o, ...w.slice(1)], g: [n, size * o, ...y] };
    const out = run(joined, (role) =>
      role === "x"
        ? value.x
        : role === "w"
          ? reshape(full("w"), joined.w)
          : reshape(swapLead(full("g")), joined.g),
    );
    return result === "w" ? reshape(out, [size, ...w]) : swapLead(reshape(out, [n, size, o, ...y]));
  }
  const [n, c, ...xs] = x;
  const [, o, ...ys] = g;
  const joined: Geometry = {
    ...geometry,
    groups: size * groups,
    x: [n, size * c, ...xs],
    w: [size * o, ...w.slice(1)],
    g: [n, size * o, ...ys],
  };
  const out = run(joined, (role) =>
    reshape(role === "w" ? full("w") : swapLead(full(role)), joined[role]),
  );
  if (result === "w") return reshape(out, [size, ...w]);
  const [, channels, ...spatial] = geometry[result];
  return swapLead(reshape(out, [n, size, channels, ...spatial]));
}

/** The first two axes exchanged. */
const swapLead = (x: Tensor): Tensor => transpose(x, [1, 0, ...range(2, x.rank)]);

export interface ConvOptions {
  /** Step between output positions; one number serves all axes. */
  stride?: number | readonly number[];
  /** Zeros around the input: a number, pairs [before, after], "valid" for none, "same" to keep ceil(n / stride). */
  padding?: number | "valid" | "same" | readonly (number | Widths)[];
  /** Step between kernel entries, also known as atrous convolution. */
  dilation?: number | readonly number[];
  /** Step between input entries with zeros in between: the transposed ("fractionally strided") convolution. */
  inputDilation?: number | readonly number[];
  /** Channels fall into this many groups that do not see each other. */
  groups?: number;
}

const perAxis = (
  value: number | readonly number[] | undefined,
  axes: number,
  operation: string,
): number[] => {
  const list =
    value === undefined
      ? range(axes).map(() => 1)
      : typeof value === "number"
        ? range(axes).map(() => value)
        : [...value];
  if (list.length !== axes || list.some((n) => !Number.isInteger(n) || n < 1)) {
    fail(
      `${operation}: ${JSON.stringify(value)} is not a positive integer for each of the ${axes} spatial axes`,
    );
  }
  return list;
};

export function resolvePadding(
  padding: ConvOptions["padding"],
  input: readonly number[],
  window: readonly number[],
  stride: readonly number[],
  operation: string,
): Widths[] {
  if (padding === undefined || padding === "valid") return input.map(() => [0, 0]);
  if (padding === "same") {
    return input.map((n, axis) => {
      const total = Math.max(
        0,
        (Math.ceil(n / stride[axis]) - 1) * stride[axis] + window[axis] - n,
      );
      return [Math.floor(total / 2), Math.ceil(total / 2)];
    });
  }
  if (typeof padding === "number") return input.map(() => [padding, padding]);
  if (padding.length !== input.length) {
    fail(`${operation}: ${padding.length} paddings for ${input.length} spatial axes`);
  }
  return padding.map((width) => (typeof width === "number" ? [width, width] : width));
}

/** Reach of a kernel axis of this length. */
export const extent = (length: number, dilation: number): number => (length - 1) * dilation + 1;

function checkOperands(operation: string, x: Aval, w: Aval): void {
  const complain = (why: string) =>
    fail(`${operation}: input ${showShape(x.shape)}, kernel ${showShape(w.shape)}: ${why}`);
  if (x.dtype !== w.dtype)
    complain(`${x.dtype} and ${w.dtype} do not mix; convert one with .astype()`);
  if (!isFloat(x.dtype)) complain(`takes floats, got ${x.dtype}; convert with .astype()`);
  if (x.shape.length !== w.shape.length || x.shape.length < 3 || x.shape.length > 4) {
    complain("expected [N, C, X...] and [O, C / groups, K...] with one or two spatial axes");
  }
}

/**
 * Cross-correlation of x [N, C, X...] with kernels w [O, C / groups, K...], over one or two spatial
 * axes; the result is [N, O, Y...] with Y = floor((X + padding - reach of K) / stride) + 1.
 */
export function conv(input: TensorLike, kernel: TensorLike, options: ConvOptions = {}): Tensor {
  const [given, w] = [lift(input), lift(kernel)];
  checkOperands("conv", given, w);
  const axes = w.rank - 2;
  const { groups = 1 } = options;
  const stride = perAxis(options.stride, axes, "conv");
  const dilation = perAxis(options.dilation, axes, "conv");
  const x = dilate(given, [1, 1, ...perAxis(options.inputDilation, axes, "conv")]);
  const [n, channels, ...space] = x.shape;
  const [o, perGroup, ...k] = w.shape;
  if (channels !== perGroup * groups || o % groups !== 0) {
    fail(
      `conv: input ${showShape(x.shape)}, kernel ${showShape(w.shape)}: ${channels} channels in ${groups} ` +
        `group(s) need kernels [O, ${channels / groups}, K...] with O divisible by ${groups}`,
    );
  }
  const window = k.map((length, axis) => extent(length, dilation[axis]));
  const padding = resolvePadding(options.padding, space, window, stride, "conv");
  if (padding.some(([before, after]) => before < 0 || after < 0)) {
    const cropped = pad(x, [
      [0, 0],
      [0, 0],
      ...padding.map(([a, b]) => [Math.min(a, 0), Math.min(b, 0)] as Widths),
    ]);
    const positive = padding.map(([a, b]) => [Math.max(a, 0), Math.max(b, 0)] as Widths);
    return conv(cropped, w, { stride, dilation, groups, padding: positive });
  }
  const out = space.map((length, axis) => {
    const room = length + padding[axis][0] + padding[axis][1] - window[axis];
    if (room < 0)
      fail(
        `conv: a kernel reaching ${showShape(window)} does not fit input ${showShape(x.shape)} with its padding`,
      );
    return Math.floor(room / stride[axis]) + 1;
  });
  const geometry: Geometry = {
    stride,
    padding,
    dilation,
    groups,
    x: x.shape,
    w: w.shape,
    g: [n, o, ...out],
  };
  return apply1(faces.g, [x, w], geometry);
}

export interface ConvTransposeOptions extends Omit<ConvOptions, "padding" | "inputDilation"> {
  padding?: number | readonly (number | Widths)[];
  /** Extra length at the end of each axis, to choose among the input lengths a strided conv maps to one. */
  outputPadding?: number | readonly number[];
}

/**
 * The transpose of {@link conv} in its input: x [N, C, X...] with kernels w [C, O / groups, K...]
 * gives [N, O, Y...], Y = (X - 1) stride - padding + reach of K + outputPadding.
 */
export function convTranspose(
  input: TensorLike,
  kernel: TensorLike,
  options: ConvTransposeOptions = {},
): Tensor {
  const [g, w] = [lift(input), lift(kernel)];
  checkOperands("convTranspose", g, w);
  const axes = w.rank - 2;
  const { groups = 1, outputPadding = 0 } = options;
  const stride = perAxis(options.stride, axes, "convTranspose");
  const dilation = perAxis(options.dilation, axes, "convTranspose");
  const [n, channels, ...space] = g.shape;
  const [c, perGroup, ...k] = w.shape;
  if (channels !== c || c % groups !== 0) {
    fail(
      `convTranspose: input ${showShape(g.shape)} needs kernels [${channels}, O / ${groups}, K...], got ${showShape(w.shape)}`,
    );
  }
  const padding = resolvePadding(options.padding, space, k, stride, "convTranspose");
  const extra = typeof outputPadding === "number" ? space.map(() => outputPadding) : outputPadding;
  const out = space.map((length, axis) => {
    const full = (length - 1) * stride[axis] + extent(k[axis], dilation[axis]) + extra[axis];
    return full - padding[axis][0] - padding[axis][1];
  });
  if (
    out.some((length) => length < 0) ||
    extra.some((length, axis) => length < 0 || length >= Math.max(stride[axis], dilation[axis]))
  ) {
    fail(
      `convTranspose: padding ${JSON.stringify(padding)} and outputPadding [${extra}] do not fit input ${showShape(g.shape)}`,
    );
  }
  const geometry: Geometry = {
    stride,
    padding,
    dilation,
    groups,
    x: [n, perGroup * groups, ...out],
    w: w.shape,
    g: g.shape,
  };
  return apply1(faces.x, [g, w], geometry);
}
