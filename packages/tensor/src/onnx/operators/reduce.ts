/** Reductions over axes. */
import type { Tensor } from "../../graph.ts";
import { abs, mul, neg, sub } from "../../ops/arithmetic.ts";
import { cast } from "../../ops/cast.ts";
import { argmax, argmin } from "../../ops/extremum.ts";
import { flip } from "../../ops/joining.ts";
import { expandDims } from "../../ops/layout.ts";
import { cumsum } from "../../ops/ordering.ts";
import {
  logsumexp,
  max,
  mean,
  min,
  norm,
  prod,
  type ReduceOptions,
  sum,
} from "../../ops/reduce.ts";
import { log } from "../../ops/transcendental.ts";
import { normalizeAxis } from "../../shape.ts";
import { axesOf, type Operator, type Operators } from "../call.ts";

/** `f` over the axes given, all if none are, unless the node says that none means none. */
const reduction = (
  f: (x: Tensor, axes: readonly number[] | undefined, options: ReduceOptions) => Tensor,
): Operator => ({
  concrete: [1],
  trace: (call) => {
    const x = call.input(0);
    const axes = axesOf(call, 1);
    const isEmpty = axes === undefined || axes.length === 0;
    const none = isEmpty && call.integer("noop_with_empty_axes", 0) === 1;
    return f(x, none ? [] : isEmpty ? undefined : axes, {
      keepDims: call.integer("keepdims", 1) === 1,
    });
  },
});

/** Extremes of booleans are "any" and "all". */
const orBoolean =
  (f: typeof max): typeof max =>
  (value, axes, options) => {
    const x = value as Tensor;
    return x.dtype === "bool"
      ? cast(f(cast(x, "int32"), axes, options), "bool")
      : f(x, axes, options);
  };

const argument = (f: (x: Tensor, axis: number) => Tensor): Operator => ({
  trace: ({ input, integer }) => {
    const x = input(0);
    const axis = normalizeAxis("axis", integer("axis", 0), x.rank);
    const last = integer("select_last_index", 0) === 1;
    const place = last ? sub(neg(f(flip(x, axis), axis)), 1 - x.shape[axis]) : f(x, axis);
    return integer("keepdims", 1) === 1 ? expandDims(place, axis) : place;
  },
});

export const reduce: Operators = {
  ReduceSum: reduction(sum),
  ReduceMean: reduction(mean),
  ReduceMax: reduction(orBoolean(max)),
  ReduceMin: reduction(orBoolean(min)),
  ReduceProd: reduction(prod),
  ReduceL1: reduction((x, axes, options) => sum(abs(x), axes, options)),
  ReduceL2: reduction(norm),
  ReduceLogSum: reduction((x, axes, options) => log(sum(x, axes, options))),
  ReduceLogSumExp: reduction(logsumexp),
  ReduceSumSquare: reduction((x, axes, options) => sum(mul(x, x), axes, options)),
  ArgMax: argument(argmax),
  ArgMin: argument(argmin),
  CumSum: {
    concrete: [1],
    trace: ({ input, numbers, integer }) =>
      cumsum(input(0), numbers(1)?.[0], {
        exclusive: integer("exclusive", 0) === 1,
        reverse: integer("reverse", 0) === 1,
      }),
  },
};
