/** Images resized: every output entry is a weighted sum of a few input entries along each axis. */
import { fail } from "../../errors.ts";
import { constant, type Tensor } from "../../graph.ts";
import { array } from "../../ndarray.ts";
import { add, mul } from "../../ops/arithmetic.ts";
import { gather } from "../../ops/indexing.ts";
import { normalizeAxis, range } from "../../shape.ts";
import type { Call, Operators } from "../call.ts";

/** Where an output position lies on the input axis. */
type Place = (position: number) => number;

/** How the positions of an axis correspond, for `to` of `from` entries at the given scale. */
function placing(mode: string, from: number, to: number, scale: number): Place {
  switch (mode) {
    case "half_pixel":
      return (position) => (position + 0.5) / scale - 0.5;
    case "pytorch_half_pixel":
      return (position) => (to > 1 ? (position + 0.5) / scale - 0.5 : 0);
    case "asymmetric":
      return (position) => position / scale;
    case "align_corners":
      return (position) => (to === 1 ? 0 : (position * (from - 1)) / (to - 1));
    case "half_pixel_symmetric": {
      // Centred on the length the scale asks for, which rounding may have shortened.
      const adjustment = to / (scale * from);
      const offset = (from / 2) * (1 - adjustment);
      return (position) => offset + (position + 0.5) / scale - 0.5;
    }
    default:
      return fail(`the coordinate transformation "${mode}" is not supported`);
  }
}

const nearest: Readonly<Record<string, (place: number) => number>> = {
  round_prefer_floor: (place) => Math.ceil(place - 0.5),
  round_prefer_ceil: (place) => Math.floor(place + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Weights of Keys' cubic convolution for the four entries around a place, `t` beyond the second. */
function cubicWeights(t: number, a: number): number[] {
  const near = (d: number) => ((a + 2) * d - (a + 3)) * d * d + 1;
  const far = (d: number) => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return [far(1 + t), near(t), near(1 - t), far(2 - t)];
}

/** Input entries and their weights for an output position. */
function tapsAt(place: number, mode: string, call: Call): { first: number; weights: number[] } {
  const first = Math.floor(place);
  const t = place - first;
  if (mode === "nearest") {
    const rule = call.text("nearest_mode", call.opset < 11 ? "floor" : "round_prefer_floor");
    const round = nearest[rule] ?? fail(`nearest_mode "${rule}" is unknown`);
    return { first: round(place), weights: [1] };
  }
  if (mode === "linear") return { first, weights: [1 - t, t] };
  if (mode === "cubic")
    return { first: first - 1, weights: cubicWeights(t, call.float("cubic_coeff_a", -0.75)) };
  return fail(`the mode "${mode}" is not supported`);
}

function resizeAxis(x: Tensor, axis: number, to: number, scale: number, call: Call): Tensor {
  const from = x.shape[axis];
  const mode = call.text("mode", "nearest");
  if (from === to && scale === 1) return x;
  const coordinates = call.opset < 11 ? "asymmetric" : "half_pixel";
  const place = placing(call.text("coordinate_transformation_mode", coordinates), from, to, scale);
  const excludes = call.integer("exclude_outside", 0) === 1;
  const taps = range(to).map((position) => {
    const { first, weights } = tapsAt(place(position), mode, call);
    const inside = weights.map((weight, i) => {
      const outside = first + i < 0 || first + i >= from;
      return excludes && outside ? 0 : weight;
    });
    const total = inside.reduce((a, b) => a + b);
    return { first, weights: excludes ? inside.map((weight) => weight / total) : inside };
  });
  const column = (values: readonly number[]) =>
    constant(
      array(values.slice(), {
        dtype: x.dtype,
        shape: range(x.rank).map((a) => (a === axis ? to : 1)),
      }),
    );
  return range(taps[0].weights.length)
    .map((i) => {
      const entries = taps.map(({ first }) => Math.min(from - 1, Math.max(0, first + i)));
      const chosen = gather(x, constant(array(Int32Array.from(entries))), axis);
      return mode === "nearest" ? chosen : mul(chosen, column(taps.map((tap) => tap.weights[i])));
    })
    .reduce((a, b) => add(a, b));
}

function resize(call: Call, scalesInput: number, sizesInput: number): Tensor {
  const x = call.input(0);
  if (call.integer("antialias", 0) === 1) fail("antialias is not supported");
  const axes = (call.integers("axes") ?? range(x.rank)).map((axis) =>
    normalizeAxis("resize", axis, x.rank),
  );
  const scales = call.numbers(scalesInput) ?? call.floats("scales") ?? [];
  const sizes = call.numbers(sizesInput) ?? [];
  const given = scales.length > 0 ? scales : sizes;
  if (given.length !== axes.length)
    fail(`${given.length} scales or sizes for ${axes.length} axes of ${x.toString()}`);
  if (scales.length > 0) {
    return axes.reduce((result, axis, i) => {
      const to = Math.floor(Math.fround(x.shape[axis] * scales[i])); // in float32, as 0.7 of 10 is 7
      return resizeAxis(result, axis, to, scales[i], call);
    }, x);
  }
  const policy = call.text("keep_aspect_ratio_policy", "stretch");
  const ratios = axes.map((axis, i) => sizes[i] / x.shape[axis]);
  const shared = policy === "not_larger" ? Math.min(...ratios) : Math.max(...ratios);
  return axes.reduce((result, axis, i) => {
    if (policy === "stretch") return resizeAxis(result, axis, sizes[i], ratios[i], call);
    const to = Math.round(x.shape[axis] * shared);
    return resizeAxis(result, axis, to, shared, call);
  }, x);
}

export const resizing: Operators = {
  Resize: {
    concrete: [1, 2, 3],
    trace: (call) => (call.opset < 11 ? resize(call, 1, -1) : resize(call, 2, 3)),
  },
  Upsample: { concrete: [1], trace: (call) => resize(call, 1, -1) },
};
