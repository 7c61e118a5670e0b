/** Pooling over windows and over whole images. */
import { fail } from "../../errors.ts";
import { constant, lift, type Tensor } from "../../graph.ts";
import { array } from "../../ndarray.ts";
import { add, mul } from "../../ops/arithmetic.ts";
import { conv, extent } from "../../ops/conv.ts";
import { argmax } from "../../ops/extremum.ts";
import { gather } from "../../ops/indexing.ts";
import { broadcastTo, reshape } from "../../ops/layout.ts";
import { maxPool, unfold } from "../../ops/pool.ts";
import { max, mean } from "../../ops/reduce.ts";
import { pad, type Widths } from "../../ops/window.ts";
import { range, sizeOf } from "../../shape.ts";
import { type Call, type Operators, of } from "../call.ts";
import { overhang, windowPadding } from "./window.ts";

interface Windows {
  readonly x: Tensor;
  readonly kernel: number[];
  readonly stride: number[];
  readonly dilation: number[];
  /** What the node asks for. */
  readonly padding: Widths[];
  /** How far windows hang over the end of the padding. */
  readonly beyond: number[];
}

function windowsOf(call: Call): Windows {
  const x = call.input(0);
  const kernel = call.integers("kernel_shape") ?? fail("the attribute kernel_shape is missing");
  const stride = call.integers("strides") ?? kernel.map(() => 1);
  const dilation = call.integers("dilations") ?? kernel.map(() => 1);
  const reach = kernel.map((length, axis) => extent(length, dilation[axis]));
  const space = x.shape.slice(2);
  const padding = windowPadding(call, space, reach, stride);
  const beyond =
    call.integer("ceil_mode", 0) === 1
      ? overhang(space, padding, reach, stride)
      : kernel.map(() => 0);
  return { x, kernel, stride, dilation, padding, beyond };
}

/** Padding and overhang filled in, so that the windows that follow need none. */
function extended(x: Tensor, padding: readonly Widths[], beyond: readonly number[], value: number) {
  const widths = padding.map(([before, after], axis): Widths => [before, after + beyond[axis]]);
  return pad(x, [[0, 0], [0, 0], ...widths], { value });
}

function traceMaxPool(call: Call): (Tensor | undefined)[] {
  const { x, kernel, stride, dilation, padding, beyond } = windowsOf(call);
  const lowest = Number.NEGATIVE_INFINITY;
  const isDense = dilation.every((step) => step === 1);
  const isPlain =
    beyond.every((extra) => extra === 0) &&
    padding.every(([before, after], axis) => before < kernel[axis] && after < kernel[axis]);
  if (isDense && isPlain && !call.wants(1)) return [maxPool(x, kernel, { stride, padding })];
  const filled = extended(x, padding, beyond, lowest);
  if (isDense && !call.wants(1)) return [maxPool(filled, kernel, { stride })];
  const [n, c] = x.shape;
  const count = sizeOf(kernel);
  const columns = (image: Tensor, channels: number) => {
    const windows = unfold(image, kernel, { stride, dilation });
    return reshape(windows, [windows.shape[0], channels, count, windows.shape[2]]);
  };
  const out = filled.shape
    .slice(2)
    .map(
      (length, axis) =>
        Math.floor((length - extent(kernel[axis], dilation[axis])) / stride[axis]) + 1,
    );
  const entries = columns(filled, c);
  const values = reshape(max(entries, 2), [n, c, ...out]);
  if (!call.wants(1)) return [values];
  if (call.integer("storage_order", 0) === 1) fail("storage_order 1 is not supported");
  // Positions are counted through the whole tensor.
  const space = x.shape.slice(2);
  const places = constant(
    array(Float32Array.from(range(sizeOf(space))), { shape: [1, 1, ...space] }),
  );
  const table = reshape(columns(extended(places, padding, beyond, -1), 1), [-1]);
  const [positions, which] = [entries.shape[3], argmax(entries, 2)];
  const place = gather(
    table,
    add(mul(which, positions), constant(array(Int32Array.from(range(positions))))),
  ).astype("int32");
  const images = constant(
    array(
      Int32Array.from(range(n * c), (i) => i * sizeOf(space)),
      { shape: [n, c, 1] },
    ),
  );
  return [values, reshape(add(place, images), [n, c, ...out])];
}

/** Means of windows: sums of entries over how many count. */
function traceAveragePool(call: Call): Tensor {
  const { x, kernel, stride, dilation, padding, beyond } = windowsOf(call);
  const includesPadding = call.integer("count_include_pad", 0) === 1;
  const [n, c, ...space] = x.shape;
  const widths = padding.map(([before, after], axis): Widths => [before, after + beyond[axis]]);
  const ones = broadcastTo(lift(1, x.dtype), [1, 1, ...kernel]);
  const sums = conv(reshape(x, [n * c, 1, ...space]), ones, { stride, dilation, padding: widths });
  const out = sums.shape.slice(2);
  const counted = out.map((length, axis) =>
    range(length).map((position) => {
      const [before, after] = includesPadding ? padding[axis] : [0, 0];
      return range(kernel[axis]).filter((i) => {
        const place = position * stride[axis] - padding[axis][0] + i * dilation[axis];
        return place >= -before && place < space[axis] + after;
      }).length;
    }),
  );
  const weights = counted.reduce<number[]>(
    (all, counts) => all.flatMap((product) => counts.map((count) => product / count)),
    [1],
  );
  const scale = constant(array(weights, { shape: out, dtype: x.dtype }));
  return reshape(mul(sums, scale), [n, c, ...out]);
}

const overSpace = (f: (x: Tensor, axes: readonly number[]) => Tensor) =>
  of((x) => {
    const pooled = f(x, range(2, x.rank));
    return reshape(pooled, [...x.shape.slice(0, 2), ...x.shape.slice(2).map(() => 1)]);
  });

export const pool: Operators = {
  MaxPool: { trace: traceMaxPool },
  AveragePool: { trace: traceAveragePool },
  GlobalAveragePool: overSpace(mean),
  GlobalMaxPool: overSpace(max),
};
