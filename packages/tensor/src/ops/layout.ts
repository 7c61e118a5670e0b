/** The same entries under other axes. */
import { fail, showShape } from "../errors.ts";
import { apply1, lift, type Op, type Tensor, type TensorLike } from "../graph.ts";
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

/** The same tensor for every member of a batch. */
export const repeatBatch = (x: Tensor, size: number): Tensor => broadcastTo(x, [size, ...x.shape]);

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
