/** Pooling, and patches of images. */
import { fail, showShape } from "../errors.ts";
import { apply, lift, type Op, type Tensor, type TensorLike } from "../graph.ts";
import { type Shape, sizeOf } from "../shape.ts";
import { type ConvOptions, conv, extent, resolvePadding } from "./conv.ts";
import { scatterAlongAxis } from "./indexing.ts";
import { stack } from "./joining.ts";
import { broadcastTo, reshape } from "./layout.ts";
import { mean } from "./reduce.ts";
import { pad, slice, type Widths } from "./window.ts";

export interface PoolOptions {
  /** Step between windows; the window's own size by default. */
  stride?: number | readonly number[];
  padding?: ConvOptions["padding"];
}

interface Pooling {
  readonly window: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly Widths[];
  readonly shape: Shape;
}

function resolve(
  operation: string,
  x: Tensor,
  window: number | readonly number[],
  options: PoolOptions,
): Pooling {
  const space = x.shape.slice(2);
  if (space.length < 1 || space.length > 2) {
    fail(
      `${operation}: expected [N, C, X...] with one or two spatial axes, got ${showShape(x.shape)}`,
    );
  }
  const each = (value: number | readonly number[]) =>
    typeof value === "number" ? space.map(() => value) : [...value];
  const size = each(window);
  const stride = each(options.stride ?? window);
  if (
    [...size, ...stride].some((n) => !Number.isInteger(n) || n < 1) ||
    size.length !== space.length ||
    stride.length !== space.length
  ) {
    fail(
      `${operation}: window [${size}] and stride [${stride}] do not fit the spatial axes of ${showShape(x.shape)}`,
    );
  }
  const padding = resolvePadding(options.padding, space, size, stride, operation);
  const out = space.map(
    (n, axis) =>
      Math.floor((n + padding[axis][0] + padding[axis][1] - size[axis]) / stride[axis]) + 1,
  );
  if (out.some((n) => n < 1))
    fail(`${operation}: window [${size}] does not fit ${showShape(x.shape)} with its padding`);
  return { window: size, stride, padding, shape: [x.shape[0], x.shape[1], ...out] };
}

/** Values and, for the derivative, where in its own channel's image each came from. */
const maxPoolOp: Op<Pooling> = {
  name: "maxPool",
  infer: ([x], { shape }) => [
    { shape, dtype: x.dtype },
    { shape, dtype: "int32" },
  ],
  vjp: ([g], { inputs: [x], outputs: [y, places] }) => {
    if (g === undefined) return [undefined];
    const [n, c, ...space] = x.shape;
    const blank = broadcastTo(lift(0, x.dtype), [n, c, sizeOf(space)]);
    const flat = [n, c, sizeOf(y.shape.slice(2))];
    return [reshape(scatterAlongAxis(blank, reshape(places, flat), reshape(g, flat), 2), x.shape)];
  },
  batch: ([x], _, { attributes }, size) => {
    const [, n, ...rest] = x.shape;
    const shape = [size * n, ...attributes.shape.slice(1)];
    const joined = apply(maxPoolOp, [reshape(x, [size * n, ...rest])], { ...attributes, shape });
    return joined.map((out) => reshape(out, [size, n, ...shape.slice(1)]));
  },
  onnx: (emit, [x], { inputs: [input], attributes: { window, stride, padding } }) => {
    const [values, indices] = emit.ops("MaxPool", [x], 2, {
      kernel_shape: window,
      strides: stride,
      pads: [...padding.map(([before]) => before), ...padding.map(([, after]) => after)],
    });
    // ONNX counts through the whole tensor; within a channel the count is the remainder.
    const inChannel = emit.op("Mod", [indices, emit.scalar(sizeOf(input.shape.slice(2)), "int64")]);
    return [values, emit.cast(inChannel, "int32")];
  },
};

/** Largest entry of every window of x [N, C, X...]; ties give their cotangent to the first. */
export function maxPool(
  value: TensorLike,
  window: number | readonly number[],
  options: PoolOptions = {},
): Tensor {
  const x = lift(value);
  return apply(maxPoolOp, [x], resolve("maxPool", x, window, options))[0];
}

/** Mean of every window of x [N, C, X...]; padding counts as zeros. */
export function avgPool(
  value: TensorLike,
  window: number | readonly number[],
  options: PoolOptions = {},
): Tensor {
  const x = lift(value);
  const pooling = resolve("avgPool", x, window, options);
  const { shape, padding } = pooling;
  const tiles =
    padding.every(([a, b]) => a === 0 && b === 0) &&
    pooling.stride.every((s, i) => s === pooling.window[i]);
  if (tiles) {
    const [n, c, ...out] = shape;
    const covered = slice(
      x,
      null,
      null,
      ...out.map((length, i) => [0, length * pooling.window[i]] as const),
    );
    const blocks = reshape(covered, [
      n,
      c,
      ...out.flatMap((length, i) => [length, pooling.window[i]]),
    ]);
    return mean(
      blocks,
      out.map((_, i) => 3 + 2 * i),
    );
  }
  const [n, c, ...space] = x.shape;
  const kernel = broadcastTo(lift(1 / sizeOf(pooling.window), x.dtype), [1, 1, ...pooling.window]);
  const single = reshape(x, [n * c, 1, ...space]);
  return reshape(conv(single, kernel, { stride: pooling.stride, padding }), shape);
}

export interface UnfoldOptions extends PoolOptions {
  dilation?: number | readonly number[];
}

/**
 * Windows of x [N, C, X...] as columns [N, C K, L]: K entries of each of C channels for L window
 * positions, both in row-major order. The stride is 1 by default.
 */
export function unfold(
  value: TensorLike,
  window: number | readonly number[],
  options: UnfoldOptions = {},
): Tensor {
  const x = lift(value);
  const each = (v: number | readonly number[]) =>
    typeof v === "number" ? x.shape.slice(2).map(() => v) : [...v];
  const size = each(window);
  const dilation = each(options.dilation ?? 1);
  const reach = size.map((n, axis) => extent(n, dilation[axis]));
  const { stride, padding, shape } = resolve("unfold", x, reach, { stride: 1, ...options });
  const [n, c, ...out] = shape;
  const padded = pad(x, [[0, 0], [0, 0], ...padding]);
  const places = size.reduce<number[][]>(
    (all, length) => all.flatMap((place) => Array.from({ length }, (_, i) => [...place, i])),
    [[]],
  );
  const taps = places.map((place) => {
    const spans = place.map((i, axis) => {
      const start = i * dilation[axis];
      return [start, start + (out[axis] - 1) * stride[axis] + 1, stride[axis]] as const;
    });
    return slice(padded, null, null, ...spans);
  });
  return reshape(stack(taps, 2), [n, c * places.length, sizeOf(out)]);
}
