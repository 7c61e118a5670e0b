/**
 * Convolution and its two derivatives in ONNX operators.
 *
 * float32 has Conv and ConvTranspose. float64 has neither on ONNX Runtime's CPU provider and goes by
 * way of columns: every window of the input gathered into a column, then one matrix product.
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
  const { groups, w: kernel, g } = geometry;
  const matrix = emit.op("Reshape", [
    w,
    emit.shape([1, groups, kernel[0] / groups, sizeOf(kernel.slice(1))]),
  ]);
  const product = emit.op("MatMul", [matrix, columns(emit, x, geometry, dtype)]);
  return emit.op("Reshape", [product, emit.shape(g)]);
}

export function lowerInputGrad(
  emit: Emitter,
  [g, w]: readonly string[],
  geometry: Geometry,
  dtype: DType,
): string {
  if (sizeOf(geometry.x) === 0 || sizeOf(geometry.g) === 0) return zeros(emit, geometry.x, dtype);
  if (dtype === "float32") {
    return emit.op("ConvTranspose", [g, w], {
      ...convAttributes(geometry),
      output_padding: remainder(geometry),
    });
  }
  const { groups, w: kernel, x, g: cotangent } = geometry;
  const [n, , ...out] = cotangent;
  const perGroup = [n, groups, kernel[0] / groups, sizeOf(out)];
  const matrix = emit.op("Reshape", [
    w,
    emit.shape([1, groups, kernel[0] / groups, sizeOf(kernel.slice(1))]),
  ]);
  const transposed = emit.op("Transpose", [matrix], { perm: [0, 1, 3, 2] });
  const spread = emit.op("MatMul", [transposed, emit.op("Reshape", [g, emit.shape(perGroup)])]);
  return scatterColumns(emit, spread, { ...geometry, x }, dtype);
}

export function lowerKernelGrad(
  emit: Emitter,
  [x, g]: readonly string[],
  geometry: Geometry,
  dtype: DType,
): string {
  if (sizeOf(geometry.g) === 0 || sizeOf(geometry.x) === 0) return zeros(emit, geometry.w, dtype);
  const { groups, w: kernel, g: cotangent } = geometry;
  const [n, o, ...out] = cotangent;
  const positions = sizeOf(out);
  const window = sizeOf(kernel.slice(1));
  // dW[o, ck] = sum over samples and positions of g[o, (n, y)] columns[ck, (n, y)].
  const gathered = columns(emit, x, geometry, dtype);
  const left = emit.op("Reshape", [g, emit.shape([n, groups, o / groups, positions])]);
  if (groups === 1) {
    const rows = emit.op("Reshape", [
      emit.op("Transpose", [left], { perm: [1, 2, 0, 3] }),
      emit.shape([o, n * positions]),
    ]);
    const right = emit.op("Reshape", [
      emit.op("Transpose", [gathered], { perm: [0, 1, 3, 2] }),
      emit.shape([n * positions, window]),
    ]);
    return emit.op("Reshape", [emit.op("MatMul", [rows, right]), emit.shape(kernel)]);
  }
  const products = emit.op("MatMul", [
    left,
    emit.op("Transpose", [gathered], { perm: [0, 1, 3, 2] }),
  ]);
  const total = emit.op("ReduceSum", [products, emit.int64([0])], { keepdims: 0 });
  return emit.op("Reshape", [total, emit.shape(kernel)]);
}

const zeros = (emit: Emitter, shape: Shape, dtype: DType): string =>
  emit.op("Expand", [emit.scalar(0, dtype), emit.shape(shape)]);

/** Input entries at the end of each axis that no window reaches. */
const remainder = ({ x, w, g, stride, dilation, padding }: Geometry): number[] =>
  stride.map((step, axis) => {
    const reach = (w[axis + 2] - 1) * dilation[axis] + 1;
    return x[axis + 2] + padding[axis][0] + padding[axis][1] - ((g[axis + 2] - 1) * step + reach);
  });

/** x [N, C, X...] -> [N, groups, C / groups K, Y]: the entries under every window position. */
function columns(emit: Emitter, x: string, geometry: Geometry, dtype: DType): string {
  const { groups, x: input, w, g } = geometry;
  const [n, c] = input;
  const padded = padSpatial(emit, x, geometry, dtype);
  const flat = emit.op("Reshape", [padded.name, emit.shape([n, c, sizeOf(padded.space)])]);
  const places = emit.op("Reshape", [
    emit.int64(windowPlaces(geometry, padded.space)),
    emit.shape([-1]),
  ]);
  const gathered = emit.op("Gather", [flat, places], { axis: 2 });
  return emit.op("Reshape", [
    gathered,
    emit.shape([n, groups, (c / groups) * sizeOf(w.slice(2)), sizeOf(spatial(g))]),
  ]);
}

/** The transpose of {@link columns}: entries of all windows added back where they came from. */
function scatterColumns(emit: Emitter, values: string, geometry: Geometry, dtype: DType): string {
  const { x, padding } = geometry;
  const [n, c] = x;
  const space = spatial(x).map((length, axis) => length + padding[axis][0] + padding[axis][1]);
  const places = windowPlaces(geometry, space);
  const updates = emit.op(
    "Transpose",
    [emit.op("Reshape", [values, emit.shape([n * c, places.length])])],
    { perm: [1, 0] },
  );
  const index = emit.op("Unsqueeze", [emit.int64(places), emit.int64([-1])]);
  const blank = zeros(emit, [sizeOf(space), n * c], dtype);
  const added = emit.op("ScatterND", [blank, index, updates], { reduction: "add" });
  const whole = emit.op("Reshape", [
    emit.op("Transpose", [added], { perm: [1, 0] }),
    emit.shape([n, c, ...space]),
  ]);
  if (padding.every(([before, after]) => before === 0 && after === 0)) return whole;
  const axes = range(2, x.length);
  const start = begins(geometry);
  const stop = start.map((from, axis) => from + x[axis + 2]);
  return emit.op("Slice", [whole, emit.int64(start), emit.int64(stop), emit.int64(axes)]);
}

function padSpatial(
  emit: Emitter,
  x: string,
  geometry: Geometry,
  dtype: DType,
): { name: string; space: number[] } {
  const { padding } = geometry;
  const space = spatial(geometry.x).map(
    (length, axis) => length + padding[axis][0] + padding[axis][1],
  );
  if (padding.every(([before, after]) => before === 0 && after === 0)) return { name: x, space };
  const pads = emit.int64([0, 0, ...begins(geometry), 0, 0, ...ends(geometry)]);
  return { name: emit.op("Pad", [x, pads, emit.scalar(0, dtype)], { mode: "constant" }), space };
}

/** Flat position in the padded input of every (kernel entry, output position), the latter fastest. */
function windowPlaces({ w, g, stride, dilation }: Geometry, space: Shape): number[] {
  const strides = stridesOf(space);
  const offsets = (lengths: Shape, step: readonly number[]): number[] =>
    lengths.reduce<number[]>(
      (all, length, axis) =>
        all.flatMap((base) => range(length).map((i) => base + i * step[axis] * strides[axis])),
      [0],
    );
  const positions = offsets(spatial(g), stride);
  return offsets(spatial(w), dilation).flatMap((offset) =>
    positions.map((position) => position + offset),
  );
}
