/** Shapes, and the moving of entries. */
import { fail, showShape } from "../../errors.ts";
import { lift, type Tensor } from "../../graph.ts";
import { concat, flip, split } from "../../ops/joining.ts";
import { broadcastTo, expandDims, reshape, squeeze, tile, transpose } from "../../ops/layout.ts";
import { tril, triu } from "../../ops/matrix.ts";
import { pad, sliceAxis, type Widths } from "../../ops/window.ts";
import { broadcastShapes, normalizeAxis, range, sizeOf } from "../../shape.ts";
import { axesOf, type Call, type Operators } from "../call.ts";

/** Reshape's target: 0 keeps the length of that axis (unless `allowzero`), -1 is inferred. */
function targetShape(x: Tensor, target: readonly number[], allowZero: boolean): number[] {
  return target.map((length, axis) => {
    if (length !== 0 || allowZero) return length;
    return (
      x.shape[axis] ?? fail(`the shape [${target}] keeps axis ${axis} of ${showShape(x.shape)}`)
    );
  });
}

/** Entries start, start + step, ... along an axis up to but not including stop, as in Python. */
function sliceAlong(x: Tensor, axis: number, start: number, stop: number, step: number): Tensor {
  if (step === 0) fail("a slice has step 0");
  const length = x.shape[axis];
  const place = (index: number, low: number, high: number) =>
    Math.min(high, Math.max(low, index < 0 ? index + length : index));
  if (step > 0) {
    const from = place(start, 0, length);
    return sliceAxis(x, axis, from, Math.max(from, place(stop, 0, length)), step);
  }
  const from = place(start, -1, length - 1);
  const count = Math.max(0, Math.ceil((place(stop, -1, length - 1) - from) / step));
  const first = length - 1 - from;
  if (count === 0) return sliceAxis(x, axis, 0, 0);
  return sliceAxis(flip(x, axis), axis, first, first + (count - 1) * -step + 1, -step);
}

function traceSlice(call: Call): Tensor {
  const x = call.input(0);
  const starts = call.numbers(1) ?? call.integers("starts") ?? fail("starts are missing");
  const ends = call.numbers(2) ?? call.integers("ends") ?? fail("ends are missing");
  const axes = call.numbers(3) ?? call.integers("axes") ?? range(starts.length);
  const steps = call.numbers(4) ?? starts.map(() => 1);
  return axes.reduce(
    (result, axis, i) =>
      sliceAlong(result, normalizeAxis("slice", axis, x.rank), starts[i], ends[i], steps[i]),
    x,
  );
}

function tracePad(call: Call): Tensor {
  const x = call.input(0);
  const pads = call.numbers(1) ?? call.integers("pads") ?? fail("pads are missing");
  const value = call.numbers(2)?.[0] ?? call.float("value", 0);
  const axes = (call.numbers(3) ?? range(x.rank)).map((axis) => normalizeAxis("pad", axis, x.rank));
  const widths = range(x.rank).map((axis): Widths => {
    const i = axes.indexOf(axis);
    return i < 0 ? [0, 0] : [pads[i], pads[i + axes.length]];
  });
  const mode = call.text("mode", "constant");
  if (mode === "constant" || mode === "edge" || mode === "reflect")
    return pad(x, widths, { mode, value });
  if (mode === "wrap") return widths.reduce(wrap, x);
  return fail(`the mode "${mode}" is not supported`);
}

function wrap(x: Tensor, [before, after]: Widths, axis: number): Tensor {
  const length = x.shape[axis];
  if (before < 0 || after < 0 || before > length || after > length)
    fail(`wrap cannot extend axis ${axis} of length ${length} by ${before} and ${after}`);
  return concat(
    [sliceAxis(x, axis, length - before, length), x, sliceAxis(x, axis, 0, after)],
    axis,
  );
}

function traceSplit(call: Call): Tensor[] {
  const x = call.input(0);
  const axis = normalizeAxis("split", call.integer("axis", 0), x.rank);
  const given = call.numbers(1) ?? call.integers("split");
  if (given !== undefined) return split(x, given, axis);
  const parts = call.integer("num_outputs", call.outputs);
  const length = Math.ceil(x.shape[axis] / parts); // the last part may be shorter
  return split(
    x,
    range(parts).map((i) => Math.max(0, Math.min(length, x.shape[axis] - i * length))),
    axis,
  );
}

/** Squares of `blocksize` entries of space and the channels they are kept in. */
function blocks({ input, integer }: Call): { x: Tensor; b: number; shape: readonly number[] } {
  const x = input(0);
  return { x, b: integer("blocksize"), shape: x.shape };
}

export const layout: Operators = {
  Reshape: {
    concrete: [1],
    trace: ({ input, numbers, integers, integer }) => {
      const target = numbers(1) ?? integers("shape") ?? fail("the shape is missing");
      return reshape(input(0), targetShape(input(0), target, integer("allowzero", 0) === 1));
    },
  },
  Flatten: {
    trace: ({ input, integer }) => {
      const { shape } = input(0);
      const axis = integer("axis", 1);
      const first = axis < 0 ? axis + shape.length : axis;
      return reshape(input(0), [sizeOf(shape.slice(0, first)), sizeOf(shape.slice(first))]);
    },
  },
  Squeeze: {
    concrete: [1],
    trace: (call) => squeeze(call.input(0), axesOf(call, 1)),
  },
  Unsqueeze: {
    concrete: [1],
    trace: (call) => expandDims(call.input(0), axesOf(call, 1) ?? fail("axes are missing")),
  },
  Transpose: { trace: ({ input, integers }) => transpose(input(0), integers("perm")) },
  Expand: {
    concrete: [1],
    trace: ({ input, numbers }) => {
      const target = numbers(1) ?? fail("the shape is missing");
      return broadcastTo(input(0), broadcastShapes("Expand", input(0).shape, target));
    },
  },
  Tile: {
    concrete: [1],
    trace: ({ input, numbers }) => tile(input(0), numbers(1) ?? fail("repeats are missing")),
  },
  Concat: {
    trace: ({ inputs, input, integer }) =>
      concat(
        inputs.map((_, i) => input(i)),
        integer("axis"),
      ),
  },
  Split: { concrete: [1], trace: traceSplit },
  Slice: { concrete: [1, 2, 3, 4], trace: traceSlice },
  Pad: { concrete: [1, 2, 3], trace: tracePad },
  Trilu: {
    concrete: [1],
    trace: ({ input, numbers, integer }) =>
      (integer("upper", 1) === 1 ? triu : tril)(input(0), numbers(1)?.[0] ?? 0),
  },
  DepthToSpace: {
    trace: (call) => {
      const { x, b, shape } = blocks(call);
      const [n, c, h, w] = shape;
      const depth = c / (b * b);
      const split =
        call.text("mode", "DCR") === "DCR"
          ? transpose(reshape(x, [n, b, b, depth, h, w]), [0, 3, 4, 1, 5, 2])
          : transpose(reshape(x, [n, depth, b, b, h, w]), [0, 1, 4, 2, 5, 3]);
      return reshape(split, [n, depth, h * b, w * b]);
    },
  },
  SpaceToDepth: {
    trace: (call) => {
      const { x, b, shape } = blocks(call);
      const [n, c, h, w] = shape;
      const split = transpose(reshape(x, [n, c, h / b, b, w / b, b]), [0, 3, 5, 1, 2, 4]);
      return reshape(split, [n, c * b * b, h / b, w / b]);
    },
  },
  ReverseSequence: {
    concrete: [1],
    trace: ({ input, numbers, integer }) => {
      const x = input(0);
      const lengths = numbers(1) ?? fail("sequence_lens are missing");
      const [batch, time] = [integer("batch_axis", 1), integer("time_axis", 0)];
      const members = lengths.map((length, i) => {
        const one = sliceAxis(x, batch, i, i + 1);
        const head = flip(sliceAxis(one, time, 0, length), time);
        return concat([head, sliceAxis(one, time, length, x.shape[time])], time);
      });
      return concat(members, batch);
    },
  },
  Identity: { trace: ({ input }) => input(0) },
  Dropout: {
    concrete: [1, 2],
    trace: ({ input, numbers, wants }) => {
      if (numbers(2)?.[0])
        fail("dropout in training mode is random; export the model for inference");
      const mask = wants(1) ? broadcastTo(lift(true), input(0).shape) : undefined;
      return [input(0), mask];
    },
  },
};
