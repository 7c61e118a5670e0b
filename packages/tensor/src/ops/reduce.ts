/** Reductions over axes. */
import { type ComputeType, type DType, isFloat } from "../dtype.ts";
import { fail, showShape } from "../errors.ts";
import {
  type Aval,
  apply1,
  type Cotangent,
  lift,
  type Node,
  type Op,
  type Tensor,
  type TensorLike,
} from "../graph.ts";
import type { Emitter } from "../lower/emitter.ts";
import { array, eye } from "../ndarray.ts";
import { type Axes, keepAxes, normalizeAxes, type Shape, sizeOf, withoutAxes } from "../shape.ts";
import { abs, div, mul, sub } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { broadcastTo, reshape, transpose } from "./layout.ts";
import { equal, where } from "./logic.ts";
import { exp, sqrt } from "./transcendental.ts";

interface Reduction {
  /** Sorted, non-negative. */
  readonly axes: readonly number[];
}

type ReductionNode = Node<Reduction>;

/** A cotangent of a reduction spread back over the reduced axes. */
const spreadBack = (g: Tensor, { inputs: [x], attributes: { axes } }: ReductionNode): Tensor =>
  broadcastTo(reshape(g, keepAxes(x.shape, axes)), x.shape);

function reduction(
  name: string,
  onnx: string,
  rules: {
    floatsOnly?: boolean;
    /** The value of a reduction of nothing, if it has one. */
    empty?: number;
    vjp: (g: Tensor, node: ReductionNode) => Cotangent;
    /** A faster lowering for some inputs. */
    onnx?: (emit: Emitter, x: string, input: Aval, axes: readonly number[]) => string | undefined;
    computeIn?: Partial<Record<DType, ComputeType>>;
  },
): Op<Reduction> {
  const op: Op<Reduction> = {
    name,
    infer: ([x], { axes }) => {
      if (x.dtype === "bool" || (rules.floatsOnly && !isFloat(x.dtype))) {
        fail(
          `${name}: takes ${rules.floatsOnly ? "floats" : "numbers"}, got ${x.dtype}; convert with .astype()`,
        );
      }
      if (rules.empty === undefined && axes.some((axis) => x.shape[axis] === 0)) {
        fail(`${name}: no value for the empty axes [${axes}] of shape ${showShape(x.shape)}`);
      }
      return [{ shape: withoutAxes(x.shape, axes), dtype: x.dtype }];
    },
    vjp: ([g], node) => [g && rules.vjp(g, node)],
    batch: ([x], _, { attributes: { axes } }) => [
      apply1(op, [x], { axes: axes.map((axis) => axis + 1) }),
    ],
    onnx: (emit, [x], { inputs: [input], attributes: { axes } }) =>
      rules.onnx?.(emit, x, input, axes) ?? emit.op(onnx, [x, emit.int64(axes)], { keepdims: 0 }),
    simplify: ({ inputs: [x], attributes: { axes } }) => {
      if (x.size === 0 && rules.empty !== undefined) {
        return broadcastTo(lift(rules.empty, x.dtype), withoutAxes(x.shape, axes));
      }
      const single = axes.every((axis) => x.shape[axis] === 1);
      return single ? reshape(x, withoutAxes(x.shape, axes)) : undefined;
    },
    computeIn: rules.computeIn,
  };
  return op;
}

/** Equal shares of a cotangent for all entries that attain the extremum. */
function extremumVjp(g: Tensor, node: ReductionNode): Tensor {
  const [x] = node.inputs;
  const attained = cast(equal(x, spreadBack(node.outputs[0], node)), x.dtype);
  const count = sum(attained, node.attributes.axes);
  return mul(attained, spreadBack(div(g, count), node));
}

const integersInInt64: Partial<Record<DType, ComputeType>> = { uint32: "int64" };

/**
 * Sums over leading axes as a product with a row of ones: several times faster than the runtime's
 * reduction, which walks the columns. It is what every bias gradient needs.
 */
function sumByProduct(
  emit: Emitter,
  x: string,
  { shape, dtype }: Aval,
  axes: readonly number[],
): string | undefined {
  const leading = axes.every((axis, i) => axis === i);
  const rows = sizeOf(shape.slice(0, axes.length));
  const columns = sizeOf(shape.slice(axes.length));
  if (!leading || !isFloat(dtype) || columns < 8 || rows < 2) return undefined;
  const ones = emit.op("Expand", [emit.scalar(1, dtype), emit.shape([rows])]);
  const matrix = shape.length === 2 ? x : emit.op("Reshape", [x, emit.shape([rows, columns])]);
  const sums = emit.op("MatMul", [ones, matrix]);
  const kept = shape.slice(axes.length);
  return kept.length === 1 ? sums : emit.op("Reshape", [sums, emit.shape(kept)]);
}

/**
 * Sums over leading axes and others, such as those of a batch norm: the runtime is slow when the axes
 * are no one block, so the others go first and the leading ones follow.
 */
function sumInTwoSteps(
  emit: Emitter,
  x: string,
  input: Aval,
  axes: readonly number[],
): string | undefined {
  const leading = axes.filter((axis, i) => axis === i);
  const others = axes.slice(leading.length);
  if (leading.length === 0 || others.length === 0 || !isFloat(input.dtype))
    return sumByProduct(emit, x, input, axes);
  const first = emit.op("ReduceSum", [x, emit.int64(others)], { keepdims: 0 });
  const rest = { shape: withoutAxes(input.shape, others), dtype: input.dtype };
  return (
    sumByProduct(emit, first, rest, leading) ??
    emit.op("ReduceSum", [first, emit.int64(leading)], { keepdims: 0 })
  );
}

const sumOp = reduction("sum", "ReduceSum", {
  onnx: sumInTwoSteps,
  empty: 0,
  vjp: spreadBack,
  computeIn: integersInInt64,
});

/** The runtime's extrema skip NaN: a sum of signs, which is NaN only where an entry is, brings it back. */
const extremum = (onnx: string) =>
  ({
    vjp: extremumVjp,
    onnx: (emit, x, { dtype }, axes) => {
      if (!isFloat(dtype)) return undefined;
      const over = (type: string, name: string) =>
        emit.op(type, [name, emit.int64(axes)], { keepdims: 0 });
      const nothing = emit.op("Mul", [
        over("ReduceSum", emit.op("Sign", [x])),
        emit.scalar(0, dtype),
      ]);
      return emit.op("Add", [over(onnx, x), nothing]);
    },
    // Its extrema of int64 compare only the lower half; float64 holds every uint32 exactly.
    computeIn: { uint32: "float64" },
  }) satisfies Parameters<typeof reduction>[2];

const maxOp = reduction("max", "ReduceMax", extremum("ReduceMax"));
const minOp = reduction("min", "ReduceMin", extremum("ReduceMin"));
const prodOp = reduction("prod", "ReduceProd", {
  empty: 1,
  vjp: (g, node) => mul(spreadBack(g, node), productOfOthers(node.inputs[0], node.attributes.axes)),
  computeIn: integersInInt64,
});
const logsumexpOp = reduction("logsumexp", "ReduceLogSumExp", {
  floatsOnly: true,
  vjp: (g, node) =>
    mul(spreadBack(g, node), exp(sub(node.inputs[0], spreadBack(node.outputs[0], node)))),
});

/** For every entry the product of all others along the axes: no division, so zeros are exact. */
function productOfOthers(x: Tensor, axes: readonly number[]): Tensor {
  const count = sizeOf(axes.map((axis) => x.shape[axis]));
  const kept = withoutAxes(x.shape, axes);
  // [..., axes...] -> [..., count, count] with ones on the diagonal, multiplied along the last axis.
  const order = [...x.shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
  const rows = reshape(transpose(x, order), [...kept, 1, count]);
  const others = prod(where(array(eye(count), { dtype: "bool" }), 1, rows), -1);
  const back = order.map((_, axis) => order.indexOf(axis));
  return transpose(
    reshape(
      others,
      order.map((axis) => x.shape[axis]),
    ),
    back,
  );
}

export interface ReduceOptions {
  /** Leave the reduced axes in place with length 1. */
  keepDims?: boolean;
}

function reduce(op: Op<Reduction>, value: TensorLike, over: Axes, options: ReduceOptions): Tensor {
  const x = lift(value);
  const axes = normalizeAxes(op.name, over, x.rank);
  const reduced = axes.length === 0 ? x : apply1(op, [x], { axes });
  return options.keepDims ? reshape(reduced, keepAxes(x.shape, axes)) : reduced;
}

/** Sum over `axes` (all by default). Booleans count as int32. */
export function sum(value: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const x = lift(value);
  return reduce(sumOp, x.dtype === "bool" ? cast(x, "int32") : x, axes, options);
}

/** Largest entry; tied entries share the cotangent equally. */
export function max(x: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  return reduce(maxOp, x, axes, options);
}

/** Smallest entry; tied entries share the cotangent equally. */
export function min(x: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  return reduce(minOp, x, axes, options);
}

/** Product; its derivative is exact where entries are zero. */
export function prod(x: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  return reduce(prodOp, x, axes, options);
}

/** log of the sum of exponentials, without overflow. */
export function logsumexp(x: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  return reduce(logsumexpOp, x, axes, options);
}

const countOver = (shape: Shape, axes: Axes): number =>
  sizeOf(normalizeAxes("mean", axes, shape.length).map((axis) => shape[axis]));

/** Arithmetic mean over `axes`; integers and booleans become float32. */
export function mean(value: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const lifted = lift(value);
  const x = isFloat(lifted.dtype) ? lifted : cast(lifted, "float32");
  const count = countOver(x.shape, axes);
  if (count === 0) fail(`mean: no value for an empty axis of shape ${showShape(x.shape)}`);
  return mul(sum(x, axes, options), 1 / count);
}

export interface VarianceOptions extends ReduceOptions {
  /** Degrees of freedom taken off the count: 0 for the population, 1 for the unbiased estimate. */
  ddof?: number;
}

/** Mean squared deviation from the mean. */
export function variance(x: TensorLike, axes?: Axes, options: VarianceOptions = {}): Tensor {
  const { ddof = 0 } = options;
  const t = lift(x);
  const count = countOver(t.shape, axes);
  if (count - ddof <= 0)
    fail(`variance: ${count} values leave no degrees of freedom with ddof ${ddof}`);
  const deviation = sub(t, mean(t, axes, { keepDims: true }));
  return mul(sum(mul(deviation, deviation), axes, options), 1 / (count - ddof));
}

/** Square root of the variance; its derivative at variance 0 is 0. */
export function std(x: TensorLike, axes?: Axes, options: VarianceOptions = {}): Tensor {
  return safeSqrt(variance(x, axes, options));
}

/** Square root whose derivative at 0 is 0, the subgradient of least norm. */
function safeSqrt(x: Tensor): Tensor {
  const isZero = equal(x, 0);
  return where(isZero, 0, sqrt(where(isZero, 1, x)));
}

/** Euclidean norm over `axes` (all by default), or another p-norm; the derivative at 0 is 0. */
export function norm(
  value: TensorLike,
  axes?: Axes,
  options: ReduceOptions & { ord?: 1 | 2 | typeof Number.POSITIVE_INFINITY } = {},
): Tensor {
  const x = lift(value);
  const { ord = 2 } = options;
  if (ord === 1) return sum(abs(x), axes, options);
  if (ord === 2) return safeSqrt(sum(mul(x, x), axes, options));
  return max(abs(x), axes, options);
}

/** Sum a tensor down to a shape it was broadcast from. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  const lead = x.rank - shape.length;
  const axes = [...x.shape.keys()].filter(
    (axis) => axis < lead || (shape[axis - lead] === 1 && x.shape[axis] !== 1),
  );
  return axes.length === 0 ? x : reshape(sum(x, axes), shape);
}
