/** Operations that move entries without changing them. */
import { fail, showShape } from "../errors.ts";
import { apply1, type Cotangent, lift, type Op, type Tensor, type TensorLike } from "../graph.ts";
import { inferLength } from "../ndarray.ts";
import { normalizeAxis, range, type Shape, sameShape, tryBroadcast } from "../shape.ts";
import { sumTo } from "./reduce.ts";

interface ToShape {
  readonly shape: Shape;
}

const reshapeOp: Op<ToShape> = {
  name: "reshape",
  infer: ([x], { shape }) => [{ shape, dtype: x.dtype }],
  vjp: ([g], { inputs: [x] }) => [g && reshape(g, x.shape)],
  batch: ([x], _, { attributes: { shape } }, size) => [reshape(x, [size, ...shape])],
  onnx: (emit, [x], { attributes: { shape } }) =>
    emit.op("Reshape", [x, emit.shape(shape)], shape.includes(0) ? { allowzero: 1 } : {}),
  simplify: ({ inputs: [x], attributes: { shape } }) => {
    if (sameShape(x.shape, shape)) return x;
    return x.node.op === (reshapeOp as Op) ? reshape(x.node.inputs[0], shape) : undefined;
  },
};

/** The same entries in row-major order under another shape; one length may be -1. */
export function reshape(value: TensorLike, shape: Shape): Tensor {
  const x = lift(value);
  const target = inferLength("reshape", x.size, shape);
  return sameShape(target, x.shape) ? x : apply1(reshapeOp, [x], { shape: target });
}

interface Permutation {
  readonly order: readonly number[];
}

const isIdentity = (order: readonly number[]): boolean => order.every((axis, i) => axis === i);

const transposeOp: Op<Permutation> = {
  name: "transpose",
  infer: ([x], { order }) => [{ shape: order.map((axis) => x.shape[axis]), dtype: x.dtype }],
  vjp: ([g], { attributes: { order } }) => [
    g &&
      transpose(
        g,
        order.map((_, axis) => order.indexOf(axis)),
      ),
  ],
  batch: ([x], _, { attributes: { order } }) => [
    transpose(x, [0, ...order.map((axis) => axis + 1)]),
  ],
  onnx: (emit, [x], { attributes: { order } }) => emit.op("Transpose", [x], { perm: order }),
  simplify: ({ inputs: [x], attributes: { order } }) => {
    if (isIdentity(order)) return x;
    if (x.node.op !== (transposeOp as Op)) return undefined;
    const inner = (x.node.attributes as Permutation).order;
    return transpose(
      x.node.inputs[0],
      order.map((axis) => inner[axis]),
    );
  },
};

/** Axes in another order; without one, reversed. */
export function transpose(value: TensorLike, order?: readonly number[]): Tensor {
  const x = lift(value);
  const axes =
    order?.map((axis) => normalizeAxis("transpose", axis, x.rank)) ?? range(x.rank).reverse();
  if (axes.length !== x.rank || new Set(axes).size !== x.rank) {
    fail(`transpose: [${axes}] does not order the ${x.rank} axes of shape ${showShape(x.shape)}`);
  }
  return isIdentity(axes) ? x : apply1(transposeOp, [x], { order: axes });
}

/** Two axes exchanged. */
export function swapAxes(value: TensorLike, a: number, b: number): Tensor {
  const x = lift(value);
  const [first, second] = [a, b].map((axis) => normalizeAxis("swapAxes", axis, x.rank));
  const order = range(x.rank);
  [order[first], order[second]] = [second, first];
  return transpose(x, order);
}

/** One axis moved to another place, the others keeping their order. */
export function moveAxis(value: TensorLike, from: number, to: number): Tensor {
  const x = lift(value);
  const [source, target] = [from, to].map((axis) => normalizeAxis("moveAxis", axis, x.rank));
  const order = range(x.rank).filter((axis) => axis !== source);
  order.splice(target, 0, source);
  return transpose(x, order);
}

/** New axes of length 1 at the given places of the result. */
export function expandDims(value: TensorLike, axes: number | readonly number[]): Tensor {
  const x = lift(value);
  const list = typeof axes === "number" ? [axes] : axes;
  const rank = x.rank + list.length;
  const places = new Set(list.map((axis) => normalizeAxis("expandDims", axis, rank)));
  if (places.size !== list.length) fail(`expandDims: axes [${list}] repeat an axis`);
  let next = 0;
  return reshape(
    x,
    range(rank).map((axis) => (places.has(axis) ? 1 : x.shape[next++])),
  );
}

/** Axes of length 1 removed; without `axes`, all of them. */
export function squeeze(value: TensorLike, axes?: number | readonly number[]): Tensor {
  const x = lift(value);
  const given =
    axes === undefined ? range(x.rank).filter((axis) => x.shape[axis] === 1) : [axes].flat();
  const drop = given.map((axis) => normalizeAxis("squeeze", axis, x.rank));
  for (const axis of drop) {
    if (x.shape[axis] !== 1)
      fail(`squeeze: axis ${axis} of shape ${showShape(x.shape)} is not of length 1`);
  }
  return reshape(
    x,
    x.shape.filter((_, axis) => !drop.includes(axis)),
  );
}

const broadcastToOp: Op<ToShape> = {
  name: "broadcastTo",
  infer: ([x], { shape }) => {
    const joined = tryBroadcast(x.shape, shape);
    if (joined === undefined || !sameShape(joined, shape)) {
      fail(`broadcastTo: ${showShape(x.shape)} does not broadcast to ${showShape(shape)}`);
    }
    return [{ shape, dtype: x.dtype }];
  },
  vjp: ([g], { inputs: [x] }) => [g && sumTo(g, x.shape)],
  batch: ([x], _, { attributes: { shape } }, size) => {
    const fill = new Array<number>(shape.length - (x.rank - 1)).fill(1);
    return [broadcastTo(reshape(x, [size, ...fill, ...x.shape.slice(1)]), [size, ...shape])];
  },
  onnx: (emit, [x], { attributes: { shape } }) => emit.op("Expand", [x, emit.shape(shape)]),
  simplify: ({ inputs: [x], attributes: { shape } }) => {
    if (sameShape(x.shape, shape)) return x;
    return x.node.op === (broadcastToOp as Op) ? broadcastTo(x.node.inputs[0], shape) : undefined;
  },
};

/** Entries repeated along axes of length 1, and along new leading axes, to fill a shape. */
export function broadcastTo(value: TensorLike, shape: Shape): Tensor {
  const x = lift(value);
  return sameShape(x.shape, shape) ? x : apply1(broadcastToOp, [x], { shape });
}

interface Window {
  readonly start: readonly number[];
  readonly stop: readonly number[];
  readonly step: readonly number[];
}

const sliceOp: Op<Window> = {
  name: "slice",
  infer: ([x], { start, stop, step }) => {
    const shape = start.map((from, axis) =>
      Math.max(0, Math.ceil((stop[axis] - from) / step[axis])),
    );
    return [{ shape, dtype: x.dtype }];
  },
  vjp: ([g], { inputs: [x], attributes: { start, step } }) => [g && embed(g, x.shape, start, step)],
  batch: ([x], _, { attributes: { start, stop, step } }, size) => [
    apply1(sliceOp, [x], { start: [0, ...start], stop: [size, ...stop], step: [1, ...step] }),
  ],
  onnx: (emit, [x], { inputs, attributes: { start, stop, step } }) => {
    const axes = range(start.length).filter(
      (axis) => start[axis] !== 0 || stop[axis] !== inputs[0].shape[axis] || step[axis] !== 1,
    );
    const pick = (list: readonly number[]) => emit.int64(axes.map((axis) => list[axis]));
    return emit.op("Slice", [x, pick(start), pick(stop), emit.int64(axes), pick(step)]);
  },
  simplify: ({ inputs: [x], outputs: [y] }) => (sameShape(x.shape, y.shape) ? x : undefined),
};

/** The transpose of slicing: entries of `g` placed at start, start + step, ... of a zero tensor. */
function embed(g: Tensor, shape: Shape, start: readonly number[], step: readonly number[]): Tensor {
  const spaced = dilate(g, step);
  return pad(
    spaced,
    shape.map((length, axis) => [start[axis], length - start[axis] - spaced.shape[axis]]),
  );
}

/** Zeros between the entries along each axis: length n becomes (n - 1) step + 1. */
export function dilate(x: Tensor, step: readonly number[]): Tensor {
  return step.reduce((result, stride, axis) => {
    const length = result.shape[axis];
    if (stride === 1 || length <= 1) return result;
    const widths = [...range(result.rank + 1)].map(
      (a) => (a === axis + 1 ? [0, stride - 1] : [0, 0]) as Widths,
    );
    const padded = pad(expandDims(result, axis + 1), widths);
    const joined = reshape(
      padded,
      result.shape.map((n, a) => (a === axis ? n * stride : n)),
    );
    return sliceAxis(joined, axis, 0, (length - 1) * stride + 1);
  }, x);
}

/** One axis limited to [start, stop). */
export function sliceAxis(x: Tensor, axis: number, start: number, stop: number, step = 1): Tensor {
  const rank = range(x.rank);
  return apply1(sliceOp, [x], {
    start: rank.map((a) => (a === axis ? start : 0)),
    stop: rank.map((a) => (a === axis ? stop : x.shape[a])),
    step: rank.map((a) => (a === axis ? step : 1)),
  });
}

/**
 * What to take of one axis: `null` all of it, a number that entry (the axis disappears), or
 * `[start, stop, step]`, where negative places count from the end and the last two may be left out.
 */
export type SliceSpec =
  | null
  | number
  | readonly [number]
  | readonly [number, number | null]
  | readonly [number, number | null, number];

/**
 * Part of a tensor, one {@link SliceSpec} an axis; axes not mentioned stay whole.
 * @example slice(x, [0, 10], null, -1) // x[0:10, :, -1]
 */
export function slice(value: TensorLike, ...specs: readonly SliceSpec[]): Tensor {
  const x = lift(value);
  if (specs.length > x.rank)
    fail(`slice: ${specs.length} axes asked of shape ${showShape(x.shape)}`);
  const start = range(x.rank).map(() => 0);
  const stop = [...x.shape];
  const step = range(x.rank).map(() => 1);
  const dropped: number[] = [];
  specs.forEach((spec, axis) => {
    const length = x.shape[axis];
    if (spec === null) return;
    if (typeof spec === "number") {
      if (!Number.isInteger(spec) || spec < -length || spec >= length) {
        fail(`slice: index ${spec} is outside axis ${axis} of shape ${showShape(x.shape)}`);
      }
      start[axis] = spec < 0 ? spec + length : spec;
      stop[axis] = start[axis] + 1;
      dropped.push(axis);
      return;
    }
    const [from, to, stride = 1] = spec;
    if (!Number.isInteger(stride) || stride < 1)
      fail(`slice: step ${stride} is not positive; use flip to reverse`);
    const place = (index: number) =>
      Math.min(length, Math.max(0, index < 0 ? index + length : index));
    start[axis] = place(from);
    stop[axis] = Math.max(start[axis], place(to ?? length));
    step[axis] = stride;
  });
  const part =
    sameShape(stop, x.shape) && start.every((s) => s === 0) && step.every((s) => s === 1)
      ? x
      : apply1(sliceOp, [x], { start, stop, step });
  return reshape(
    part,
    part.shape.filter((_, axis) => !dropped.includes(axis)),
  );
}

/** Entries added before and after an axis; a negative count removes entries. */
export type Widths = readonly [before: number, after: number];

interface Padding {
  readonly widths: readonly Widths[];
  readonly value: number;
}

const padOp: Op<Padding> = {
  name: "pad",
  infer: ([x], { widths }) => {
    const shape = x.shape.map((length, axis) => length + widths[axis][0] + widths[axis][1]);
    if (shape.some((length) => length < 0)) {
      fail(`pad: widths ${JSON.stringify(widths)} take more than shape ${showShape(x.shape)} has`);
    }
    return [{ shape, dtype: x.dtype }];
  },
  vjp: ([g], { attributes: { widths } }) => [
    g &&
      pad(
        g,
        widths.map(([a, b]) => [-a, -b] as Widths),
      ),
  ],
  batch: ([x], _, { attributes: { widths, value } }) => [pad(x, [[0, 0], ...widths], { value })],
  onnx: (emit, [x], { inputs, attributes: { widths, value } }) => {
    const pads = emit.int64([
      ...widths.map(([before]) => before),
      ...widths.map(([, after]) => after),
    ]);
    return emit.op("Pad", [x, pads, emit.scalar(value, inputs[0].dtype)], { mode: "constant" });
  },
  simplify: ({ inputs: [x], outputs: [y], attributes: { value } }) =>
    x.size === 0 ? broadcastTo(lift(value, x.dtype), y.shape) : undefined,
};

export interface PadOptions {
  /** What to fill in; 0 by default. */
  value?: number;
  /** Repeat the outermost entries or mirror at them instead of filling in a value. */
  mode?: "constant" | "edge" | "reflect";
}

/** Entries added around (or, with negative widths, removed from) every axis. */
export function pad(
  value: TensorLike,
  widths: readonly Widths[],
  options: PadOptions = {},
): Tensor {
  const x = lift(value);
  if (widths.length !== x.rank) {
    fail(
      `pad: ${widths.length} pairs of widths for the ${x.rank} axes of shape ${showShape(x.shape)}`,
    );
  }
  const { mode = "constant" } = options;
  if (mode !== "constant")
    return widths.reduce((result, width, axis) => extend(result, axis, width, mode), x);
  // Removal first, as a slice: ONNX's Pad fills and removes only one way at a time.
  const removed = widths.reduce((result, [before, after], axis) => {
    const start = Math.max(0, -before);
    const stop = result.shape[axis] - Math.max(0, -after);
    if (stop < start) {
      fail(`pad: widths ${JSON.stringify(widths)} take more than shape ${showShape(x.shape)} has`);
    }
    return start === 0 && stop === result.shape[axis]
      ? result
      : sliceAxis(result, axis, start, stop);
  }, x);
  const grown = widths.map(
    ([before, after]) => [Math.max(0, before), Math.max(0, after)] as Widths,
  );
  if (grown.every(([before, after]) => before === 0 && after === 0)) return removed;
  return apply1(padOp, [removed], { widths: grown, value: options.value ?? 0 });
}

function extend(
  x: Tensor,
  axis: number,
  [before, after]: Widths,
  mode: "edge" | "reflect",
): Tensor {
  const length = x.shape[axis];
  const most = mode === "edge" ? Number.POSITIVE_INFINITY : length - 1;
  if (before < 0 || after < 0 || before > most || after > most || length === 0) {
    fail(`pad: ${mode} cannot extend axis ${axis} of length ${length} by ${before} and ${after}`);
  }
  if (before + after === 0) return x;
  const part = (start: number, stop: number) => sliceAxis(x, axis, start, stop);
  const repeat = (entry: Tensor, count: number) =>
    broadcastTo(
      entry,
      x.shape.map((n, a) => (a === axis ? count : n)),
    );
  const front = mode === "edge" ? repeat(part(0, 1), before) : flip(part(1, before + 1), axis);
  const back =
    mode === "edge"
      ? repeat(part(length - 1, length), after)
      : flip(part(length - 1 - after, length - 1), axis);
  return concat([front, x, back], axis);
}

interface Along {
  readonly axis: number;
}

const concatOp: Op<Along> = {
  name: "concat",
  infer: (inputs, { axis }) => {
    const [first] = inputs;
    for (const input of inputs) {
      const fits =
        input.rank === first.rank &&
        input.shape.every((n, a) => a === axis || n === first.shape[a]);
      if (!fits || input.dtype !== first.dtype) {
        const parts = inputs.map((part) => `${part.dtype}${showShape(part.shape)}`).join(", ");
        fail(`concat: ${parts} do not join along axis ${axis}`);
      }
    }
    const length = inputs.reduce((total, input) => total + input.shape[axis], 0);
    return [{ shape: first.shape.map((n, a) => (a === axis ? length : n)), dtype: first.dtype }];
  },
  vjp: ([g], { inputs, attributes: { axis } }, wanted) => {
    let start = 0;
    return inputs.map((input, i): Cotangent => {
      const from = start;
      start += input.shape[axis];
      return g && wanted[i] ? sliceAxis(g, axis, from, start) : undefined;
    });
  },
  batch: (inputs, batched, { attributes: { axis } }, size) => [
    concat(
      inputs.map((input, i) => (batched[i] ? input : repeatBatch(input, size))),
      axis + 1,
    ),
  ],
  onnx: (emit, inputs, { attributes: { axis } }) => emit.op("Concat", inputs, { axis }),
  simplify: ({ inputs, attributes: { axis } }) => {
    const filled = inputs.filter(({ size }) => size > 0);
    return filled.length < inputs.length ? concat(filled, axis) : undefined;
  },
};

/** The same tensor for every member of a batch. */
export const repeatBatch = (x: Tensor, size: number): Tensor => broadcastTo(x, [size, ...x.shape]);

/** Tensors joined along an existing axis. */
export function concat(values: readonly TensorLike[], axis = 0): Tensor {
  if (values.length === 0) fail("concat: nothing to join");
  const inputs = values.map((value) => lift(value));
  const along = normalizeAxis("concat", axis, inputs[0].rank);
  return inputs.length === 1 ? inputs[0] : apply1(concatOp, inputs, { axis: along });
}

/** Tensors of one shape joined along a new axis. */
export function stack(values: readonly TensorLike[], axis = 0): Tensor {
  if (values.length === 0) fail("stack: nothing to join");
  const inputs = values.map((value) => lift(value));
  const along = normalizeAxis("stack", axis, inputs[0].rank + 1);
  return concat(
    inputs.map((input) => expandDims(input, along)),
    along,
  );
}

/** Slices along an axis: as many equal ones as `parts` says, or of the lengths it lists. */
export function split(value: TensorLike, parts: number | readonly number[], axis = 0): Tensor[] {
  const x = lift(value);
  const along = normalizeAxis("split", axis, x.rank);
  const length = x.shape[along];
  const lengths = typeof parts === "number" ? new Array<number>(parts).fill(length / parts) : parts;
  if (
    lengths.some((n) => !Number.isInteger(n) || n < 0) ||
    lengths.reduce((a, b) => a + b, 0) !== length
  ) {
    fail(`split: axis ${along} of length ${length} does not split into ${JSON.stringify(parts)}`);
  }
  let start = 0;
  return lengths.map((n) => {
    start += n;
    return sliceAxis(x, along, start - n, start);
  });
}

/** The entries along an axis as a list of tensors without that axis. */
export function unstack(value: TensorLike, axis = 0): Tensor[] {
  const x = lift(value);
  const along = normalizeAxis("unstack", axis, x.rank);
  return range(x.shape[along]).map((i) => squeeze(sliceAxis(x, along, i, i + 1), along));
}

interface Reversed {
  readonly axes: readonly number[];
}

const flipOp: Op<Reversed> = {
  name: "flip",
  infer: ([x]) => [x],
  vjp: ([g], { attributes: { axes } }) => [g && flip(g, axes)],
  batch: ([x], _, { attributes: { axes } }) => [
    flip(
      x,
      axes.map((axis) => axis + 1),
    ),
  ],
  onnx: (emit, [x], { attributes: { axes } }) => {
    const all = (value: number) => emit.int64(axes.map(() => value));
    return emit.op("Slice", [x, all(-1), all(-0x7fffffff), emit.int64(axes), all(-1)]);
  },
};

/** Entries in reverse order along the axes (all by default). */
export function flip(value: TensorLike, axes?: number | readonly number[]): Tensor {
  const x = lift(value);
  const list = (axes === undefined ? range(x.rank) : [axes].flat()).map((axis) =>
    normalizeAxis("flip", axis, x.rank),
  );
  return list.length === 0 ? x : apply1(flipOp, [x], { axes: list });
}

/** Entries shifted along an axis, those pushed out coming back at the other end. */
export function roll(value: TensorLike, shift: number, axis: number): Tensor {
  const x = lift(value);
  const along = normalizeAxis("roll", axis, x.rank);
  const length = x.shape[along];
  const by = length === 0 ? 0 : ((shift % length) + length) % length;
  if (by === 0) return x;
  return concat(
    [sliceAxis(x, along, length - by, length), sliceAxis(x, along, 0, length - by)],
    along,
  );
}

/** The tensor repeated as a whole, `counts[i]` times along axis i. */
export function tile(value: TensorLike, counts: readonly number[]): Tensor {
  const x = lift(value);
  const rank = Math.max(x.rank, counts.length);
  const shape = [...new Array<number>(rank - x.rank).fill(1), ...x.shape];
  const times = [...new Array<number>(rank - counts.length).fill(1), ...counts];
  const interleaved = reshape(
    x,
    shape.flatMap((n) => [1, n]),
  );
  const spread = broadcastTo(
    interleaved,
    shape.flatMap((n, axis) => [times[axis], n]),
  );
  return reshape(
    spread,
    shape.map((n, axis) => n * times[axis]),
  );
}

/** Every entry along an axis repeated `count` times in place. */
export function repeat(value: TensorLike, count: number, axis: number): Tensor {
  const x = lift(value);
  const along = normalizeAxis("repeat", axis, x.rank);
  const spread = broadcastTo(expandDims(x, along + 1), [
    ...x.shape.slice(0, along + 1),
    count,
    ...x.shape.slice(along + 1),
  ]);
  return reshape(
    spread,
    x.shape.map((n, a) => (a === along ? n * count : n)),
  );
}
