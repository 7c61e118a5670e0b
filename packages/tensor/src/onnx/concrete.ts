/**
 * Values that are known while tracing. A tensor made of nothing but constants can be computed on the
 * spot; importing a model needs that for shapes, axes and slices, which are tensors in ONNX and fixed
 * numbers here. Integers, comparisons and layout are all it takes: what is not listed, or large,
 * counts as unknown.
 */
import { allocate, type DType, isInteger } from "../dtype.ts";
import { type Aval, constantValue, type Node, type Tensor } from "../graph.ts";
import { NDArray } from "../ndarray.ts";
import { type Shape, sizeOf, stridesOf } from "../shape.ts";

type Values = ArrayLike<number>;
type Evaluate = (inputs: readonly NDArray[], attributes: never, result: Aval) => Values | undefined;

/** Entries of `a` seen as another shape: flat position = offset + sum of index times stride. */
function strided(a: NDArray, shape: Shape, strides: readonly number[], offset = 0): Values {
  const size = sizeOf(shape);
  const out = new Float64Array(size);
  const index = new Array<number>(shape.length).fill(0);
  let place = offset;
  for (let i = 0; i < size; i++) {
    out[i] = a.data[place];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += strides[axis];
      if (++index[axis] < shape[axis]) break;
      place -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return out;
}

/** Strides that repeat entries along the axes `shape` has and `a` has not. */
function spread(a: NDArray, shape: Shape): Values {
  const own = stridesOf(a.shape);
  const lead = shape.length - a.rank;
  const strides = shape.map((_, axis) =>
    axis < lead || a.shape[axis - lead] === 1 ? 0 : own[axis - lead],
  );
  return strided(a, shape, strides);
}

const elementwise =
  (f: (...values: number[]) => number): Evaluate =>
  (inputs, _, { shape }) => {
    const operands = inputs.map((input) => spread(input, shape));
    return Array.from({ length: sizeOf(shape) }, (_, i) =>
      f(...operands.map((values) => values[i])),
    );
  };

const reduction =
  (initial: number, f: (total: number, value: number) => number): Evaluate =>
  ([x], { axes }: { axes: readonly number[] }, { shape }) => {
    const kept = [...x.shape.keys()].filter((axis) => !axes.includes(axis));
    const own = stridesOf(x.shape);
    const order = [...kept, ...axes];
    const moved = strided(
      x,
      order.map((axis) => x.shape[axis]),
      order.map((axis) => own[axis]),
    );
    const count = sizeOf(axes.map((axis) => x.shape[axis]));
    return Array.from({ length: sizeOf(shape) }, (_, i) => {
      let total = initial;
      for (let j = 0; j < count; j++) total = f(total, moved[i * count + j]);
      return total;
    });
  };

const floorMod = (a: number, b: number): number => a - b * Math.floor(a / b);

const evaluations: Readonly<Record<string, Evaluate>> = {
  add: elementwise((a, b) => a + b),
  sub: elementwise((a, b) => a - b),
  mul: elementwise((a, b) => a * b),
  div: elementwise((a, b) => a / b),
  floorDivide: elementwise((a, b) => Math.floor(a / b)),
  mod: elementwise(floorMod),
  pow: elementwise((a, b) => a ** b),
  maximum: elementwise(Math.max),
  minimum: elementwise(Math.min),
  neg: elementwise((a) => -a),
  reciprocal: elementwise((a) => 1 / a),
  abs: elementwise(Math.abs),
  sign: elementwise(Math.sign),
  floor: elementwise(Math.floor),
  ceil: elementwise(Math.ceil),
  sqrt: elementwise(Math.sqrt),
  relu: elementwise((a) => Math.max(a, 0)),
  equal: elementwise((a, b) => Number(a === b)),
  less: elementwise((a, b) => Number(a < b)),
  lessEqual: elementwise((a, b) => Number(a <= b)),
  greater: elementwise((a, b) => Number(a > b)),
  greaterEqual: elementwise((a, b) => Number(a >= b)),
  not: elementwise((a) => 1 - a),
  and: elementwise((a, b) => a * b),
  or: elementwise((a, b) => Math.max(a, b)),
  xor: elementwise((a, b) => Number(a !== b)),
  where: elementwise((condition, a, b) => (condition ? a : b)),
  sum: reduction(0, (total, value) => total + value),
  prod: reduction(1, (total, value) => total * value),
  max: reduction(Number.NEGATIVE_INFINITY, Math.max),
  min: reduction(Number.POSITIVE_INFINITY, Math.min),
  cast: ([x], { dtype }: { dtype: DType }) =>
    isInteger(dtype) ? Array.from(x.data, Math.trunc) : x.data,
  iota: (_, { length }: { length: number }) => Array.from({ length }, (_, i) => i),
  reshape: ([x]) => x.data,
  broadcastTo: ([x], _, { shape }) => spread(x, shape),
  transpose: ([x], { order }: { order: readonly number[] }, { shape }) => {
    const own = stridesOf(x.shape);
    return strided(
      x,
      shape,
      order.map((axis) => own[axis]),
    );
  },
  slice: ([x], { start, step }: Record<"start" | "step", readonly number[]>, { shape }) => {
    const own = stridesOf(x.shape);
    return strided(
      x,
      shape,
      own.map((stride, axis) => stride * step[axis]),
      own.reduce((place, stride, axis) => place + stride * start[axis], 0),
    );
  },
  flip: ([x], { axes }: { axes: readonly number[] }, { shape }) => {
    const own = stridesOf(shape);
    const offset = axes.reduce((place, axis) => place + own[axis] * (shape[axis] - 1), 0);
    return strided(
      x,
      shape,
      own.map((stride, axis) => (axes.includes(axis) ? -stride : stride)),
      offset,
    );
  },
  concat: (inputs, { axis }: { axis: number }, { shape }) => {
    const rows = sizeOf(shape.slice(0, axis));
    const inner = sizeOf(shape.slice(axis + 1));
    return Array.from({ length: rows }, (_, row) =>
      inputs.flatMap((input) => {
        const length = input.shape[axis] * inner;
        return Array.from(input.data.subarray(row * length, (row + 1) * length));
      }),
    ).flat();
  },
  gather: ([x, index], { axis }: { axis: number }, { shape }) => {
    const rows = sizeOf(x.shape.slice(0, axis));
    const inner = sizeOf(x.shape.slice(axis + 1));
    const length = x.shape[axis];
    if (index.data.some((position) => position < -length || position >= length)) return undefined;
    const out = new Float64Array(sizeOf(shape));
    let next = 0;
    for (let row = 0; row < rows; row++) {
      for (const position of index.data) {
        const from = (row * length + (position < 0 ? position + length : position)) * inner;
        for (let i = 0; i < inner; i++) out[next++] = x.data[from + i];
      }
    }
    return out;
  },
};

/** Names of the operations whose results can be known. */
export const knowable: readonly string[] = Object.keys(evaluations);

/** Results above this size are left to the runtime. */
const largest = 1 << 16;

const results = new WeakMap<Node, NDArray | "unknown">();

/** The value of a tensor that depends on constants only, if the operations that make it are listed here. */
export function concreteValue(tensor: Tensor): NDArray | undefined {
  const constant = constantValue(tensor);
  if (constant !== undefined) return constant;
  const { node } = tensor;
  const known = results.get(node) ?? evaluate(tensor) ?? "unknown";
  results.set(node, known);
  return known === "unknown" ? undefined : known;
}

function evaluate({ node, shape, dtype, size }: Tensor): NDArray | undefined {
  const rule = Object.hasOwn(evaluations, node.op.name) ? evaluations[node.op.name] : undefined;
  if (rule === undefined || size > largest) return undefined;
  const inputs: NDArray[] = [];
  for (const input of node.inputs) {
    const value = concreteValue(input);
    if (value === undefined) return undefined;
    inputs.push(value);
  }
  const values = rule(inputs, node.attributes as never, { shape, dtype });
  if (values === undefined) return undefined;
  const data = allocate(dtype, size);
  data.set(dtype === "bool" ? Array.from(values, (value) => Number(value !== 0)) : values);
  return new NDArray(data, shape, dtype);
}
