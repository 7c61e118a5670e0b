/** Operations that choose entries by integer tensors. */
import type { DType } from "../dtype.ts";
import { fail, showShape } from "../errors.ts";
import { apply1, lift, type Op, type Tensor, type TensorLike } from "../graph.ts";
import { normalizeAxis, range, sameShape } from "../shape.ts";
import { add, mul } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { broadcastTo, expandDims, moveAxis, repeatBatch, reshape, transpose } from "./layout.ts";
import { equal, less, where } from "./logic.ts";

interface Along {
  readonly axis: number;
}

function indexTensor(operation: string, value: TensorLike): Tensor {
  const index = typeof value === "number" ? lift(value, "int32") : lift(value);
  if (index.dtype === "uint32") return cast(index, "int32");
  if (index.dtype !== "int32")
    fail(`${operation}: indices must be int32, got ${index.dtype}; convert with .astype("int32")`);
  return index;
}

/** Indices counted from the front: negative ones count from the end of an axis of this length. */
const fromFront = (index: Tensor, length: number): Tensor =>
  where(less(index, 0), add(index, length), index);

/** Every member's indices moved to its part of the members' rows joined end to end. */
function joinedIndices(index: Tensor, length: number, size: number): Tensor {
  const member = reshape(iota(size), [size, ...index.shape.slice(1).map(() => 1)]);
  return add(fromFront(index, length), mul(member, length));
}

const gatherOp: Op<Along> = {
  name: "gather",
  infer: ([x, index], { axis }) => {
    if (x.shape[axis] === 0 && index.size > 0)
      fail(`gather: nothing to choose from along axis ${axis} of ${showShape(x.shape)}`);
    return [
      {
        shape: [...x.shape.slice(0, axis), ...index.shape, ...x.shape.slice(axis + 1)],
        dtype: x.dtype,
      },
    ];
  },
  vjp: ([g], { inputs: [x, index], attributes: { axis } }) => [
    g && scatterAdd(broadcastTo(lift(0, x.dtype), x.shape), index, g, axis),
    undefined,
  ],
  batch: ([x, index], [batchedX, batchedIndex], { attributes: { axis } }, size) => {
    if (!batchedIndex) return [gather(x, index, axis + 1)];
    if (!batchedX) return [moveAxis(gather(x, index, axis), axis, 0)];
    const rows = moveAxis(x, axis + 1, 1); // [size, length, rest...]
    const [, length, ...rest] = rows.shape;
    const joined = gather(
      reshape(rows, [size * length, ...rest]),
      joinedIndices(index, length, size),
      0,
    );
    return [moveAxes(joined, index.rank - 1, axis)];
  },
  onnx: (emit, [x, index], { attributes: { axis } }) => emit.op("Gather", [x, index], { axis }),
};

/** [size, index..., rest...] -> [size, rest[0..axis)..., index..., rest[axis..)...] */
function moveAxes(x: Tensor, count: number, axis: number): Tensor {
  const indexAxes = range(1, 1 + count);
  const rest = range(1 + count, x.rank);
  return transpose(x, [0, ...rest.slice(0, axis), ...indexAxes, ...rest.slice(axis)]);
}

/**
 * Entries of `x` along `axis` at the given positions: the axis is replaced by the axes of `index`.
 * Negative positions count from the end; positions outside are an error when the graph runs.
 */
export function gather(value: TensorLike, positions: TensorLike, axis = 0): Tensor {
  const [x, index] = [lift(value), indexTensor("gather", positions)];
  return apply1(gatherOp, [x, index], { axis: normalizeAxis("gather", axis, x.rank) });
}

const scatterAddOp: Op<Along> = {
  name: "scatterAdd",
  infer: ([x, index, updates], { axis }) => {
    const expected = [...x.shape.slice(0, axis), ...index.shape, ...x.shape.slice(axis + 1)];
    if (!sameShape(expected, updates.shape) || x.dtype !== updates.dtype) {
      fail(
        `scatterAdd: updates ${updates.dtype}${showShape(updates.shape)} where ${x.dtype}${showShape(expected)} ` +
          `belongs (x ${showShape(x.shape)}, indices ${showShape(index.shape)}, axis ${axis})`,
      );
    }
    return [x];
  },
  vjp: ([g], { inputs: [, index], attributes: { axis } }) => [
    g,
    undefined,
    g && gather(g, index, axis),
  ],
  batch: ([x, index, updates], batched, { attributes: { axis } }, size) => {
    const each = (t: Tensor, i: number) => (batched[i] ? t : repeatBatch(t, size));
    if (!batched[1]) return [scatterAdd(each(x, 0), index, each(updates, 2), axis + 1)];
    const rows = moveAxis(each(x, 0), axis + 1, 1);
    const [, length, ...rest] = rows.shape;
    const count = index.rank - 1;
    const order = range(1, 1 + rest.length);
    const all = each(updates, 2); // [size, before..., index..., after...]
    const flat = transpose(all, [
      0,
      ...range(1 + axis, 1 + axis + count),
      ...order.map((a) => (a <= axis ? a : a + count)),
    ]);
    const joined = scatterAdd(
      reshape(rows, [size * length, ...rest]),
      joinedIndices(index, length, size),
      flat,
      0,
    );
    return [moveAxis(reshape(joined, [size, length, ...rest]), 1, axis + 1)];
  },
  onnx: (emit, [x, index, updates], { inputs, attributes: { axis } }) => {
    // ScatterND would take whole rows, but its threads race where indices repeat and lose updates.
    const [target, positions, added] = inputs;
    const before = target.shape.slice(0, axis);
    const after = target.shape.slice(axis + 1);
    const rows = [...before, positions.size, ...after];
    const places = emit.op("Reshape", [
      index,
      emit.shape([...before.map(() => 1), positions.size, ...after.map(() => 1)]),
    ]);
    const everywhere = emit.op("Expand", [places, emit.shape(rows)]);
    const flat =
      added.rank === rows.length ? updates : emit.op("Reshape", [updates, emit.shape(rows)]);
    return emit.op("ScatterElements", [x, everywhere, flat], { axis, reduction: "add" });
  },
  simplify: ({ inputs: [x, , updates] }) => (updates.size === 0 ? x : undefined),
  computeIn: { uint32: "int64" },
};

/**
 * `x` with `updates` added at the given positions along `axis`; positions that repeat add up.
 * `updates` has the shape of `gather(x, index, axis)`.
 */
export function scatterAdd(
  value: TensorLike,
  positions: TensorLike,
  updates: TensorLike,
  axis = 0,
): Tensor {
  const x = lift(value);
  const index = indexTensor("scatterAdd", positions);
  return apply1(scatterAddOp, [x, index, lift(updates, x.dtype)], {
    axis: normalizeAxis("scatterAdd", axis, x.rank),
  });
}

function checkAlong(operation: string, x: Tensor, index: Tensor, axis: number): void {
  const fits = x.rank === index.rank && x.shape.every((n, a) => a === axis || n === index.shape[a]);
  if (!fits) {
    fail(
      `${operation}: indices ${showShape(index.shape)} do not run along axis ${axis} of shape ${showShape(x.shape)}`,
    );
  }
}

const takeAlongAxisOp: Op<Along> = {
  name: "takeAlongAxis",
  infer: ([x, index], { axis }) => {
    checkAlong("takeAlongAxis", x, index, axis);
    return [{ shape: index.shape, dtype: x.dtype }];
  },
  vjp: ([g], { inputs: [x, index], attributes: { axis } }) => [
    g && scatterAlongAxis(broadcastTo(lift(0, x.dtype), x.shape), index, g, axis),
    undefined,
  ],
  batch: (inputs, batched, { attributes: { axis } }, size) => {
    const [x, index] = inputs.map((t, i) => (batched[i] ? t : repeatBatch(t, size)));
    return [takeAlongAxis(x, index, axis + 1)];
  },
  onnx: (emit, [x, index], { attributes: { axis } }) =>
    emit.op("GatherElements", [x, index], { axis }),
};

/** Entries of `x` at positions that differ from row to row: result[i, j] = x[i, index[i, j]] along axis 1. */
export function takeAlongAxis(value: TensorLike, positions: TensorLike, axis = -1): Tensor {
  const [x, index] = [lift(value), indexTensor("takeAlongAxis", positions)];
  return apply1(takeAlongAxisOp, [x, index], {
    axis: normalizeAxis("takeAlongAxis", axis, x.rank),
  });
}

const scatterAlongAxisOp: Op<Along> = {
  name: "scatterAlongAxis",
  infer: ([x, index, updates], { axis }) => {
    checkAlong("scatterAlongAxis", x, index, axis);
    if (!sameShape(index.shape, updates.shape) || x.dtype !== updates.dtype) {
      fail(
        `scatterAlongAxis: updates ${updates.dtype}${showShape(updates.shape)} where ${x.dtype}${showShape(index.shape)} belongs`,
      );
    }
    return [x];
  },
  vjp: ([g], { inputs: [, index], attributes: { axis } }) => [
    g,
    undefined,
    g && takeAlongAxis(g, index, axis),
  ],
  batch: (inputs, batched, { attributes: { axis } }, size) => {
    const [x, index, updates] = inputs.map((t, i) => (batched[i] ? t : repeatBatch(t, size)));
    return [scatterAlongAxis(x, index, updates, axis + 1)];
  },
  onnx: (emit, inputs, { attributes: { axis } }) =>
    emit.op("ScatterElements", inputs, { axis, reduction: "add" }),
  simplify: ({ inputs: [x, , updates] }) => (updates.size === 0 ? x : undefined),
  computeIn: { uint32: "int64" },
};

/** `x` with `updates` added at positions that differ from row to row; the transpose of {@link takeAlongAxis}. */
export function scatterAlongAxis(
  value: TensorLike,
  positions: TensorLike,
  updates: TensorLike,
  axis = -1,
): Tensor {
  const x = lift(value);
  const index = indexTensor("scatterAlongAxis", positions);
  return apply1(scatterAlongAxisOp, [x, index, lift(updates, x.dtype)], {
    axis: normalizeAxis("scatterAlongAxis", axis, x.rank),
  });
}

interface Iota {
  readonly length: number;
  readonly dtype: DType;
}

const iotaOp: Op<Iota> = {
  name: "iota",
  infer: (_, { length, dtype }) => [{ shape: [length], dtype }],
  batch: () => fail("iota has no inputs to batch"),
  onnx: (emit, _, { attributes: { length, dtype } }) => {
    const count = emit.op("Range", [
      emit.scalar(0, "int64"),
      emit.scalar(length, "int64"),
      emit.scalar(1, "int64"),
    ]);
    return emit.cast(count, dtype);
  },
};

/** 0, 1, ..., length - 1, made when the graph runs. */
export const iota = (length: number, dtype: DType = "int32"): Tensor =>
  apply1(iotaOp, [], { length, dtype });

/** 1 at the index and 0 elsewhere along a new axis; an index outside gives zeros. */
export function oneHot(
  positions: TensorLike,
  classes: number,
  options: { dtype?: DType; axis?: number } = {},
): Tensor {
  const index = indexTensor("oneHot", positions);
  const { dtype = "float32", axis = -1 } = options;
  const place = normalizeAxis("oneHot", axis, index.rank + 1);
  const labels = reshape(
    iota(classes),
    range(index.rank + 1).map((a) => (a === place ? classes : 1)),
  );
  return cast(equal(expandDims(index, place), labels), dtype);
}
