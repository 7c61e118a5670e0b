/**
 * Convolution and its two derivatives in ONNX operators.
 *
 * float32 has Conv and ConvTranspose. float64 has neither on ONNX Runtime's CPU provider and goes by
 * way of columns: the input seen through each kernel entry, side by side, then one matrix product.
 * The kernel gradient always does, or by way of bands: written as a convolution, with the cotangent for a
 * kernel as large as the image, it takes about twice as long (and columns by Gather six times as long as by
 * slices). All of them spend more time on copies than on products, so the way with the fewest copies is taken.
 */
import type { DType } from "../dtype.ts";
import type { Geometry } from "../ops/conv.ts";
import { range, type Shape, sizeOf, stridesOf } from "../shape.ts";
import type { Attributes, Emitter } from "./emitter.ts";

const spatial = (shape: Shape): number[] => shape.slice(2);
const begins = ({ padding }: Geometry): number[] => padding.map(([before]) => before);
const ends = ({ padding }: Geometry): number[] => padding.map(([, after]) => after);

const convAttributes = (geometry: Geometry): Attributes => ({
  strides: geometry.stride,
  pads: [...begins(geometry), ...ends(geometry)],
  dilations: geometry.dilation,
  group: geometry.groups,
  kernel_shape: spatial(geometry.w),
});

export function lowerConv(
  emit: Emitter,
  [x, w]: readonly string[],
  geometry: Geometry,
  dtype: DType,
): string {
  if (sizeOf(geometry.g) === 0 || sizeOf(geometry.w) === 0) return zeros(emit, geometry.g, dtype);
  if (dtype === "float32") return emit.op("Conv", [x, w], convAttributes(geometry));
  const product = emit.op("MatMul", [
    kernelMatrix(emit, w, geometry),
    columns(emit, x, geometry, dtype),
  ]);
  return emit.op("Reshape", [product, emit.shape(geometry.g)]);
}

export function lowerInputGrad(
  emit: Emitter,
  [g, w]: readonly string[],
  geometry: Geometry,
  dtype: DType,
): string {
  if (sizeOf(geometry.x) === 0 || sizeOf(geometry.g) === 0) return zeros(emit, geometry.x, dtype);
  if (dtype === "float32" && isFlippable(geometry)) return flipped(emit, [g, w], geometry);
  if (dtype === "float32") {
    return emit.op("ConvTranspose", [g, w], {
      ...convAttributes(geometry),
      output_padding: remainder(geometry),
    });
  }
  const { groups, g: cotangent } = geometry;
  const [n, o, ...out] = cotangent;
  const perGroup = emit.op("Reshape", [g, emit.shape([n, groups, o / groups, sizeOf(out)])]);
  const matrix = emit.op("Transpose", [kernelMatrix(emit, w, geometry)], { perm: [0, 1, 3, 2] });
  return scatterColumns(emit, emit.op("MatMul", [matrix, perGroup]), geometry, dtype);
}

/**
 * Whether the gradient by the input is better a convolution of the cotangent with the kernel turned around:
 * ONNX Runtime then copies O entries a place and window, with ConvTranspose C.
 */
function isFlippable({ stride, dilation, padding, groups, w }: Geometry): boolean {
  const [o, c, ...window] = w;
  const fits = window.every((length, axis) =>
    padding[axis].every((width) => width <= (length - 1) * dilation[axis]),
  );
  return groups === 1 && o <= c && stride.every((step) => step === 1) && fits;
}

function flipped(emit: Emitter, [g, w]: readonly string[], geometry: Geometry): string {
  const { w: kernel, dilation, padding } = geometry;
  const window = spatial(kernel);
  const all = (value: number) => emit.int64(window.map(() => value));
  const axes = emit.int64(range(2, kernel.length));
  // An end before every start: ONNX clamps it to "before the first".
  const turned = emit.op("Slice", [w, all(-1), all(-(2 ** 31)), axes, all(-1)]);
  const exchanged = emit.op("Transpose", [turned], { perm: [1, 0, ...range(2, kernel.length)] });
  const reach = window.map((length, axis) => (length - 1) * dilation[axis]);
  return emit.op("Conv", [g, exchanged], {
    dilations: dilation,
    kernel_shape: window,
    pads: [
      ...padding.map(([before], axis) => reach[axis] - before),
      ...padding.map(([, after], axis) => reach[axis] - after),
    ],
  });
}

export function lowerKernelGrad(
  emit: Emitter,
  [x, g]: readonly string[],
  geometry: Geometry,
  dtype: DType,
): string {
  if (sizeOf(geometry.g) === 0 || sizeOf(geometry.x) === 0) return zeros(emit, geometry.w, dtype);
  if (isBanded(geometry)) return kernelGradByBands(emit, [x, g], geometry, dtype);
  const { groups, w: kernel, g: cotangent } = geometry;
  const [n, o, ...out] = cotangent;
  // dW[o, kc] = sum over samples and positions of g[n, o, y] columns[n, kc, y].
  const left = emit.op("Reshape", [g, emit.shape([n, groups, o / groups, sizeOf(out)])]);
  const right = emit.op("Transpose", [columns(emit, x, geometry, dtype)], { perm: [0, 1, 3, 2] });
  const products = emit.op("MatMul", [left, right]);
  const total = emit.op("ReduceSum", [products, emit.int64([0])], { keepdims: 0 });
  const [, c, ...window] = kernel;
  const byEntry = emit.op("Reshape", [total, emit.shape([o, sizeOf(window), c])]);
  return emit.op("Reshape", [
    emit.op("Transpose", [byEntry], { perm: [0, 2, 1] }),
    emit.shape(kernel),
  ]);
}

/** Whether bands copy less than columns: K C of the input and H O of the cotangent, instead of H K C. */
function isBanded({ stride, w: [o, c, ...window], groups }: Geometry): boolean {
  if (window.length !== 2 || stride[0] !== 1) return false;
  const [height, width] = window;
  return width * c * groups + height * o < height * width * c * groups;
}

/**
 * The gradient by a kernel of H rows and K columns in one product: rows of the padded input, seen through each
 * of the K columns, lie one after the other, so that a step down is a step of one row in that sequence, which
 * the cotangent makes instead, with zeros before and after it.
 *
 * dW[o, h, k, c] = sum over n, y of g[n, o, y - h rows] x[n, c, y, k]
 */
function kernelGradByBands(
  emit: Emitter,
  [x, g]: readonly string[],
  geometry: Geometry,
  dtype: DType,
): string {
  const { groups, x: input, w: kernel, g: cotangent, stride, dilation } = geometry;
  const [n, c] = input;
  const [, o, rows, length] = cotangent;
  const [, perGroup, height, width] = kernel;
  const [paddedRows] = paddedSpace(geometry);
  const across = emit.int64([3]);
  const padded = paddedInput(emit, x, geometry, dtype);
  const views = range(width).map((k) => {
    const start = k * dilation[1];
    const stop = start + (length - 1) * stride[1] + 1;
    const place = [emit.int64([start]), emit.int64([stop]), across, emit.int64([stride[1]])];
    const view = emit.op("Slice", [padded, ...place]);
    return emit.op("Reshape", [view, emit.shape([n, groups, c / groups, paddedRows * length])]);
  });
  const flat = emit.op("Reshape", [g, emit.shape([n, groups, o / groups, rows * length])]);
  const shifts = range(height).map((h) => {
    const before = h * dilation[0];
    const after = paddedRows - rows - before;
    const widths = emit.int64([0, 0, 0, before * length, 0, 0, 0, after * length]);
    return emit.op("Pad", [flat, widths, emit.scalar(0, dtype)], { mode: "constant" });
  });
  const right = emit.op("Transpose", [joined(emit, views)], { perm: [0, 1, 3, 2] });
  const products = emit.op("MatMul", [joined(emit, shifts), right]);
  const total = emit.op("ReduceSum", [products, emit.int64([0])], { keepdims: 0 });
  const split = [groups, height, o / groups, width, perGroup];
  const byEntry = emit.op("Reshape", [total, emit.shape(split)]);
  return emit.op("Reshape", [
    emit.op("Transpose", [byEntry], { perm: [0, 2, 4, 1, 3] }),
    emit.shape(kernel),
  ]);
}

/** Along the axis of channels. */
const joined = (emit: Emitter, parts: readonly string[]): string =>
  parts.length === 1 ? parts[0] : emit.op("Concat", parts, { axis: 2 });

const zeros = (emit: Emitter, shape: Shape, dtype: DType): string =>
  emit.op("Expand", [emit.scalar(0, dtype), emit.shape(shape)]);

/** w [O, C, K...] -> [1, groups, O / groups, K C], the kernel entries before the channels. */
function kernelMatrix(emit: Emitter, w: string, { groups, w: kernel }: Geometry): string {
  const [o, c, ...window] = kernel;
  const flat = emit.op("Reshape", [w, emit.shape([o, c, sizeOf(window)])]);
  const byEntry = emit.op("Transpose", [flat], { perm: [0, 2, 1] });
  return emit.op("Reshape", [byEntry, emit.shape([1, groups, o / groups, sizeOf(window) * c])]);
}

/** Input entries at the end of each axis that no window reaches. */
const remainder = ({ x, w, g, stride, dilation, padding }: Geometry): number[] =>
  stride.map((step, axis) => {
    const reach = (w[axis + 2] - 1) * dilation[axis] + 1;
    return x[axis + 2] + padding[axis][0] + padding[axis][1] - ((g[axis + 2] - 1) * step + reach);
  });

/** Spatial lengths of the input with its padding. */
const paddedSpace = ({ x, padding }: Geometry): number[] =>
  spatial(x).map((length, axis) => length + padding[axis][0] + padding[axis][1]);

const isPadded = ({ padding }: Geometry): boolean =>
  padding.some(([before, after]) => before !== 0 || after !== 0);

function paddedInput(emit: Emitter, x: string, geometry: Geometry, dtype: DType): string {
  if (!isPadded(geometry)) return x;
  const pads = emit.int64([0, 0, ...begins(geometry), 0, 0, ...ends(geometry)]);
  return emit.op("Pad", [x, pads, emit.scalar(0, dtype)], { mode: "constant" });
}

/** x [N, C, X...] -> [N, groups, K C / groups, Y]: what each kernel entry sees at every position. */
function columns(emit: Emitter, x: string, geometry: Geometry, dtype: DType): string {
  const { groups, x: input, w, g, stride, dilation } = geometry;
  const [n, c] = input;
  const out = spatial(g);
  const perEntry = emit.shape([n, groups, c / groups, sizeOf(out)]);
  const padded = paddedInput(emit, x, geometry, dtype);
  const axes = emit.int64(range(2, input.length));
  const views = kernelEntries(w).map((entry) => {
    const start = entry.map((place, axis) => place * dilation[axis]);
    const stop = start.map((from, axis) => from + (out[axis] - 1) * stride[axis] + 1);
    const view = emit.op("Slice", [
      padded,
      emit.int64(start),
      emit.int64(stop),
      axes,
      emit.int64(stride),
    ]);
    return emit.op("Reshape", [view, perEntry]);
  });
  return joined(emit, views);
}

/** Places within the kernel, in row-major order. */
const kernelEntries = (w: Shape): number[][] =>
  spatial(w).reduce<number[][]>(
    (all, length) => all.flatMap((place) => range(length).map((i) => [...place, i])),
    [[]],
  );

/** The transpose of {@link columns}: what all kernel entries saw, added back where it came from. */
function scatterColumns(emit: Emitter, values: string, geometry: Geometry, dtype: DType): string {
  const { x, w, g, stride, dilation, groups } = geometry;
  const [n, c] = x;
  const space = paddedSpace(geometry);
  const strides = stridesOf(space);
  const positions = spatial(g).reduce<number[]>(
    (all, length, axis) =>
      all.flatMap((base) => range(length).map((i) => base + i * stride[axis] * strides[axis])),
    [0],
  );
  const places = kernelEntries(w).flatMap((entry) => {
    const offset = entry.reduce(
      (sum, place, axis) => sum + place * dilation[axis] * strides[axis],
      0,
    );
    return positions.map((position) => position + offset);
  });
  const entries = sizeOf(spatial(w));
  const split = emit.op("Reshape", [
    values,
    emit.shape([n, groups, entries, c / groups, positions.length]),
  ]);
  const byChannel = emit.op("Transpose", [split], { perm: [0, 1, 3, 2, 4] });
  const updates = emit.op("Reshape", [byChannel, emit.shape([n * c, places.length])]);
  const index = emit.op("Expand", [emit.int64(places), emit.shape([n * c, places.length])]);
  const blank = zeros(emit, [n * c, sizeOf(space)], dtype);
  const added = emit.op("ScatterElements", [blank, index, updates], { axis: 1, reduction: "add" });
  const whole = emit.op("Reshape", [added, emit.shape([n, c, ...space])]);
  if (!isPadded(geometry)) return whole;
  const start = begins(geometry);
  const stop = start.map((from, axis) => from + x[axis + 2]);
  return emit.op("Slice", [
    whole,
    emit.int64(start),
    emit.int64(stop),
    emit.int64(range(2, x.length)),
  ]);
}
