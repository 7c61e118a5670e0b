import { fail, showShape } from "../errors.ts";
import { apply, apply1, lift, type Op, type Tensor, type TensorLike } from "../graph.ts";
import { normalizeAxis } from "../shape.ts";
import { scatterAlongAxis } from "./indexing.ts";
import { broadcastTo } from "./layout.ts";

interface Choice {
  readonly k: number;
  readonly axis: number;
  readonly largest: boolean;
}

const topKOp: Op<Choice> = {
  name: "topK",
  infer: ([x], { k, axis }) => {
    if (x.dtype === "bool") fail("topK: takes numbers, got bool; convert with .astype()");
    if (!Number.isInteger(k) || k < 0 || k > x.shape[axis]) {
      fail(
        `topK: ${k} of the ${x.shape[axis]} entries along axis ${axis} of shape ${showShape(x.shape)}`,
      );
    }
    const shape = x.shape.map((n, a) => (a === axis ? k : n));
    return [
      { shape, dtype: x.dtype },
      { shape, dtype: "int32" },
    ];
  },
  vjp: ([g], { inputs: [x], outputs: [, index], attributes: { axis } }) => [
    g && scatterAlongAxis(broadcastTo(lift(0, x.dtype), x.shape), index, g, axis),
  ],
  batch: ([x], _, { attributes }) =>
    apply(topKOp, [x], { ...attributes, axis: attributes.axis + 1 }),
  onnx: (emit, [x], { inputs, attributes: { k, axis, largest } }) => {
    const { dtype } = inputs[0];
    const comparable = dtype === "uint32" ? emit.cast(x, "int64") : x;
    const [values, index] = emit.ops("TopK", [comparable, emit.int64([k])], 2, {
      axis,
      largest: Number(largest),
      sorted: 1,
    });
    return [dtype === "uint32" ? emit.cast(values, dtype) : values, emit.cast(index, "int32")];
  },
};

/** The k largest entries along an axis, largest first, and their positions (int32). */
export function topK(
  value: TensorLike,
  k: number,
  options: { axis?: number; largest?: boolean } = {},
): [values: Tensor, indices: Tensor] {
  const x = lift(value);
  const { axis = -1, largest = true } = options;
  const [values, indices] = apply(topKOp, [x], {
    k,
    axis: normalizeAxis("topK", axis, x.rank),
    largest,
  });
  return [values, indices];
}

function ordering(
  operation: string,
  value: TensorLike,
  axis: number,
  descending: boolean,
): readonly Tensor[] {
  const x = lift(value);
  const along = normalizeAxis(operation, axis, x.rank);
  return apply(topKOp, [x], { k: x.shape[along], axis: along, largest: descending });
}

/** Entries in ascending order along an axis; equal entries keep their order. */
export function sort(x: TensorLike, axis = -1, options: { descending?: boolean } = {}): Tensor {
  return ordering("sort", x, axis, options.descending ?? false)[0];
}

/** Positions (int32) that sort the entries along an axis; equal entries keep their order. */
export function argsort(x: TensorLike, axis = -1, options: { descending?: boolean } = {}): Tensor {
  return ordering("argsort", x, axis, options.descending ?? false)[1];
}

interface Cumulative {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

const cumsumOp: Op<Cumulative> = {
  name: "cumsum",
  infer: ([x]) => {
    if (x.dtype === "bool") fail("cumsum: takes numbers, got bool; convert with .astype()");
    return [x];
  },
  vjp: ([g], { attributes }) => [
    g && apply1(cumsumOp, [g], { ...attributes, reverse: !attributes.reverse }),
  ],
  batch: ([x], _, { attributes }) => [
    apply1(cumsumOp, [x], { ...attributes, axis: attributes.axis + 1 }),
  ],
  onnx: (emit, [x], { attributes: { axis, exclusive, reverse } }) =>
    emit.op("CumSum", [x, emit.scalar(axis, "int64")], {
      exclusive: Number(exclusive),
      reverse: Number(reverse),
    }),
  computeIn: { uint32: "int64" },
};

/** Running sums along an axis; `exclusive` leaves each entry itself out, `reverse` runs from the end. */
export function cumsum(
  value: TensorLike,
  axis = -1,
  options: { exclusive?: boolean; reverse?: boolean } = {},
): Tensor {
  const x = lift(value);
  const { exclusive = false, reverse = false } = options;
  return apply1(cumsumOp, [x], { axis: normalizeAxis("cumsum", axis, x.rank), exclusive, reverse });
}
