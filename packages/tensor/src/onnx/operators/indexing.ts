/**
 * Entries chosen by integer tensors. All the scattered ways of ONNX to choose come down to one: rows
 * of a matrix by their number, counted through the axes that are indexed.
 */
import { fail } from "../../errors.ts";
import { constant, type Tensor } from "../../graph.ts";
import { array } from "../../ndarray.ts";
import { add, mul } from "../../ops/arithmetic.ts";
import { cast } from "../../ops/cast.ts";
import { gather, oneHot, scatterAdd } from "../../ops/indexing.ts";
import { broadcastTo, reshape, squeeze } from "../../ops/layout.ts";
import { greater, less, where } from "../../ops/logic.ts";
import { topK } from "../../ops/ordering.ts";
import { sliceAxis } from "../../ops/window.ts";
import { normalizeAxis, range, type Shape, sizeOf, stridesOf } from "../../shape.ts";
import type { Call, Operators } from "../call.ts";

/** Positions counted from the front, where negative ones count from the end. */
const fromFront = (index: Tensor, length: number): Tensor =>
  where(less(index, 0), add(index, length), index);

/** For every entry of an array of this shape, its index along one axis times `stride`. */
function coordinates(shape: Shape, axis: number, stride: number): Tensor {
  const inner = sizeOf(shape.slice(axis + 1));
  const values = Int32Array.from(range(sizeOf(shape)), (i) => {
    return (Math.floor(i / inner) % shape[axis]) * stride;
  });
  return constant(array(values, { shape }));
}

/** Row numbers of an index tensor that runs along `axis` and stays in place along the others. */
function rowsAlong(index: Tensor, shape: Shape, axis: number): Tensor {
  const strides = stridesOf(shape);
  return range(index.rank).reduce<Tensor>(
    (rows, a) => (a === axis ? rows : add(rows, coordinates(index.shape, a, strides[a]))),
    mul(fromFront(index, shape[axis]), strides[axis]),
  );
}

/** Row numbers of index tuples [..., k] into the axes after the first `batch`, shared with `shape`. */
function rowsOfTuples(index: Tensor, shape: Shape, batch: number): { rows: Tensor; count: number } {
  const last = index.rank - 1;
  const depth = index.shape[last];
  const indexed = shape.slice(0, batch + depth);
  const strides = stridesOf(indexed);
  const parts = range(depth).map((i) => {
    const part = squeeze(sliceAxis(index, last, i, i + 1), last);
    return mul(fromFront(part, shape[batch + i]), strides[batch + i]);
  });
  const lead = range(batch).map((axis) =>
    coordinates(index.shape.slice(0, last), axis, strides[axis]),
  );
  const all = [...parts, ...lead];
  if (all.length === 0) fail("index tuples of length 0");
  return { rows: all.reduce((a, b) => add(a, b)), count: sizeOf(indexed) };
}

const asRows = (x: Tensor, count: number, rest: Shape): Tensor => reshape(x, [count, ...rest]);

/** Rows replaced by updates, or with updates added to them. */
function scatter(rows: Tensor, places: Tensor, updates: Tensor, reduction: string): Tensor {
  if (reduction === "add") return scatterAdd(rows, places, updates);
  if (reduction !== "none") return fail(`the reduction "${reduction}" is not supported`);
  // What is to be replaced becomes 0 first; ONNX leaves the result open where places repeat.
  const zero = broadcastTo(constant(array(0, { dtype: "int32" })), [rows.shape[0]]);
  const one = broadcastTo(constant(array(1, { dtype: "int32" })), places.shape);
  const hit = reshape(greater(scatterAdd(zero, places, one), 0), [
    rows.shape[0],
    ...rows.shape.slice(1).map(() => 1),
  ]);
  const isBoolean = rows.dtype === "bool";
  const numbers = (x: Tensor) => (isBoolean ? cast(x, "int32") : x);
  const replaced = scatterAdd(where(hit, 0, numbers(rows)), places, numbers(updates));
  return isBoolean ? cast(replaced, "bool") : replaced;
}

function scatterElements({ input, integer, text }: Call): Tensor {
  const [x, index, updates] = [input(0), input(1), input(2)];
  const axis = normalizeAxis("axis", integer("axis", 0), x.rank);
  const places = reshape(rowsAlong(index, x.shape, axis), [index.size]);
  const flat = scatter(
    reshape(x, [x.size]),
    places,
    reshape(updates, [updates.size]),
    text("reduction", "none"),
  );
  return reshape(flat, x.shape);
}

export const indexing: Operators = {
  Gather: { trace: ({ input, integer }) => gather(input(0), input(1), integer("axis", 0)) },
  GatherElements: {
    trace: ({ input, integer }) => {
      const [x, index] = [input(0), input(1)];
      const axis = normalizeAxis("axis", integer("axis", 0), x.rank);
      return gather(reshape(x, [x.size]), rowsAlong(index, x.shape, axis));
    },
  },
  GatherND: {
    trace: ({ input, integer }) => {
      const [x, index] = [input(0), input(1)];
      const batch = integer("batch_dims", 0);
      const { rows, count } = rowsOfTuples(index, x.shape, batch);
      const rest = x.shape.slice(batch + index.shape[index.rank - 1]);
      return gather(asRows(x, count, rest), rows);
    },
  },
  Scatter: { trace: scatterElements },
  ScatterElements: { trace: scatterElements },
  ScatterND: {
    trace: ({ input, text }) => {
      const [x, index, updates] = [input(0), input(1), input(2)];
      const { rows, count } = rowsOfTuples(index, x.shape, 0);
      const rest = x.shape.slice(index.shape[index.rank - 1]);
      const flat = scatter(asRows(x, count, rest), rows, updates, text("reduction", "none"));
      return reshape(flat, x.shape);
    },
  },
  OneHot: {
    concrete: [1],
    trace: ({ input, numbers, integer }) => {
      const depth = (numbers(1) ?? fail("the depth is missing"))[0];
      const index = fromFront(cast(input(0), "int32"), depth);
      const [off, on] = [0, 1].map((i) => squeeze(sliceAxis(input(2), 0, i, i + 1), 0));
      const mask = oneHot(index, depth, { dtype: "bool", axis: integer("axis", -1) });
      return where(mask, on, off);
    },
  },
  TopK: {
    concrete: [1],
    trace: ({ input, numbers, integer }) => {
      const k = numbers(1)?.[0] ?? integer("k");
      return topK(input(0), k, {
        axis: integer("axis", -1),
        largest: integer("largest", 1) === 1,
      });
    },
  },
  Compress: {
    concrete: [1],
    trace: ({ input, numbers, has, integer }) => {
      const kept = numbers(1) ?? fail("the condition is missing");
      const places = Int32Array.from(kept.flatMap((keep, i) => (keep ? [i] : [])));
      const x = has("axis") ? input(0) : reshape(input(0), [input(0).size]);
      return gather(x, constant(array(places)), integer("axis", 0));
    },
  },
};
