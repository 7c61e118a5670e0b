/** Parts of tensors, and what surrounds them: slicing and padding, each the transpose of the other. */
import { fail, showShape } from "../errors.ts";
import { apply1, lift, type Op, type Tensor, type TensorLike } from "../graph.ts";
import { range, type Shape, sameShape } from "../shape.ts";
import { concat, flip } from "./joining.ts";
import { broadcastTo, expandDims, reshape } from "./layout.ts";

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
