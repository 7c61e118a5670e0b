/** Normalisations, as they are computed after training. */
import { fail } from "../../errors.ts";
import type { Tensor } from "../../graph.ts";
import { add, div, mul, pow, sub } from "../../ops/arithmetic.ts";
import { reshape } from "../../ops/layout.ts";
import { equal, where } from "../../ops/logic.ts";
import { layerNorm } from "../../ops/normalize.ts";
import { mean, norm, variance } from "../../ops/reduce.ts";
import { rsqrt, sqrt } from "../../ops/transcendental.ts";
import { pad, sliceAxis } from "../../ops/window.ts";
import { normalizeAxis, range } from "../../shape.ts";
import type { Call, Operator, Operators } from "../call.ts";

/** One number a channel, in the shape that broadcasts over x [N, C, X...]. */
const perChannel = (values: Tensor, x: Tensor): Tensor =>
  reshape(values, [values.size, ...x.shape.slice(2).map(() => 1)]);

function batchNormalization(call: Call): Tensor {
  const [x, scale, bias, average, spread] = range(5).map((i) => call.input(i));
  if (call.integer("training_mode", 0) === 1 || call.wants(1))
    fail("batch normalisation in training mode is not supported; export the model for inference");
  if (call.integer("spatial", 1) === 0) fail("spatial 0 is not supported");
  const factor = mul(scale, rsqrt(add(spread, call.float("epsilon", 1e-5))));
  const centred = sub(x, perChannel(average, x));
  return add(mul(centred, perChannel(factor, x)), perChannel(bias, x));
}

/** x normalised within `groups` groups of channels. */
const withinGroups = (x: Tensor, groups: number, epsilon: number): Tensor =>
  reshape(layerNorm(reshape(x, [x.shape[0], groups, -1]), { epsilon }), x.shape);

function groupNormalization(call: Call): Tensor {
  const [x, scale, bias] = range(3).map((i) => call.input(i));
  const groups = call.integer("num_groups");
  const normal = withinGroups(x, groups, call.float("epsilon", 1e-5));
  if (call.opset >= 21) return add(mul(normal, perChannel(scale, x)), perChannel(bias, x));
  // Before operator set 21 there was one scale and bias a group.
  const grouped = reshape(normal, [x.shape[0], groups, -1]);
  const each = (values: Tensor) => reshape(values, [groups, 1]);
  return reshape(add(mul(grouped, each(scale)), each(bias)), x.shape);
}

/** Axes from the given one to the last. */
const trailing = (call: Call, x: Tensor): number[] =>
  range(normalizeAxis("axis", call.integer("axis", -1), x.rank), x.rank);

function layerNormalization(call: Call): (Tensor | undefined)[] {
  const [x, scale] = [call.input(0), call.input(1)];
  const axes = trailing(call, x);
  const epsilon = call.float("epsilon", 1e-5);
  const y = layerNorm(x, { axis: axes[0], epsilon, scale, bias: call.inputs[2] });
  const options = { keepDims: true };
  return [
    y,
    call.wants(1) ? mean(x, axes, options) : undefined,
    call.wants(2) ? rsqrt(add(variance(x, axes, options), epsilon)) : undefined,
  ];
}

/** x over the root of its mean square, scaled; known under two names. */
const rootMeanSquareNormalization: Operator = {
  trace: (call) => {
    const x = call.input(0);
    const square = mean(mul(x, x), trailing(call, x), { keepDims: true });
    return mul(mul(x, rsqrt(add(square, call.float("epsilon", 1e-5)))), call.input(1));
  },
};

/** Each entry over a power of the sum of squares in a window of neighbouring channels. */
function localResponse({ input, integer, float }: Call): Tensor {
  const x = input(0);
  const size = integer("size");
  const before = Math.floor((size - 1) / 2);
  const widths = x.shape.map((_, axis) =>
    axis === 1 ? ([before, size - 1 - before] as const) : ([0, 0] as const),
  );
  const squares = pad(mul(x, x), widths);
  const total = range(size)
    .map((i) => sliceAxis(squares, 1, i, i + x.shape[1]))
    .reduce((a, b) => add(a, b));
  const base = add(mul(total, float("alpha", 1e-4) / size), float("bias", 1));
  return div(x, pow(base, float("beta", 0.75)));
}

/** The sum of two branches and a bias, normalised; ONNX Runtime's optimizer writes it. */
function skipLayerNormalization(call: Call): (Tensor | undefined)[] {
  const [, , scale, shift, bias] = call.inputs;
  const joined = add(call.input(0), call.input(1));
  const total = bias === undefined ? joined : add(joined, bias);
  const y = layerNorm(total, { epsilon: call.float("epsilon", 1e-12), scale, bias: shift });
  return [y, undefined, undefined, call.wants(3) ? total : undefined];
}

export const normalization: Operators = {
  BatchNormalization: { trace: batchNormalization },
  InstanceNormalization: {
    trace: ({ input, float }) => {
      const [x, scale, bias] = range(3).map((i) => input(i));
      const normal = withinGroups(x, x.shape[1], float("epsilon", 1e-5));
      return add(mul(normal, perChannel(scale, x)), perChannel(bias, x));
    },
  },
  GroupNormalization: { trace: groupNormalization },
  LayerNormalization: { trace: layerNormalization },
  RMSNormalization: rootMeanSquareNormalization,
  SimplifiedLayerNormalization: rootMeanSquareNormalization,
  LRN: { trace: localResponse },
  LpNormalization: {
    trace: ({ input, integer }) => {
      const x = input(0);
      const axis = integer("axis", -1);
      const order = integer("p", 2);
      if (order !== 1 && order !== 2) fail(`p ${order} is not supported`);
      const length = norm(x, axis, { ord: order as 1 | 2, keepDims: true });
      return div(x, where(equal(length, 0), 1, length));
    },
  },
  MeanVarianceNormalization: {
    trace: ({ input, integers }) => {
      const x = input(0);
      const axes = integers("axes") ?? [0, 2, 3];
      const options = { keepDims: true };
      const deviation = sub(x, mean(x, axes, options));
      return div(deviation, add(sqrt(variance(x, axes, options)), 1e-9));
    },
  },
  "com.microsoft.SkipLayerNormalization": { trace: skipLayerNormalization },
};
