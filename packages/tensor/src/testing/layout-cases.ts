/** Operations that move entries. */
import type { Tensor } from "../graph.ts";
import { concat, stack } from "../ops/joining.ts";
import type { PadOptions, SliceSpec, Widths } from "../ops/window.ts";
import type { Case } from "./cases.ts";
import { real } from "./random.ts";
import { at, build, permute, type Reference, reshaped } from "./reference.ts";

type Shape = readonly number[];

const dtypes = ["int32", "uint32", "bool"] as const;

/** An operation on one tensor of any element type. */
const moving = (
  name: string,
  shape: Shape,
  f: (x: Tensor) => Tensor | readonly Tensor[],
  reference: (x: Reference) => Reference | readonly Reference[],
): Case => ({ name, inputs: [real(shape)], f, reference, dtypes });

export const transposeCase = (shape: Shape, order?: readonly number[]): Case =>
  moving(
    `transpose of [${shape}]${order === undefined ? "" : ` to [${order}]`}`,
    shape,
    (x) => x.transpose(order),
    (x) =>
      permute(
        x,
        order?.map((axis) => (axis + shape.length) % shape.length) ?? [...shape.keys()].reverse(),
      ),
  );

export const swapAxesCase = (shape: Shape, a: number, b: number): Case =>
  moving(
    `swapAxes of [${shape}], ${a} and ${b}`,
    shape,
    (x) => x.swapAxes(a, b),
    (x) => {
      const order = [...shape.keys()];
      const [first, second] = [order.at(a) ?? 0, order.at(b) ?? 0];
      return permute(x, order.with(first, second).with(second, first));
    },
  );

export const moveAxisCase = (shape: Shape, from: number, to: number): Case =>
  moving(
    `moveAxis of [${shape}], ${from} to ${to}`,
    shape,
    (x) => x.moveAxis(from, to),
    (x) => {
      const [source, target] = [from, to].map((axis) => (axis < 0 ? axis + shape.length : axis));
      const rest = [...shape.keys()].filter((axis) => axis !== source);
      return permute(x, rest.toSpliced(target, 0, source));
    },
  );

export const reshapeCase = (from: Shape, to: Shape, result: Shape): Case =>
  moving(
    `reshape of [${from}] to [${to}]`,
    from,
    (x) => x.reshape(to),
    (x) => reshaped(x, result),
  );

export const expandDimsCase = (
  shape: Shape,
  axes: number | readonly number[],
  result: Shape,
): Case =>
  moving(
    `expandDims of [${shape}] at [${axes}]`,
    shape,
    (x) => x.expandDims(axes),
    (x) => reshaped(x, result),
  );

export const squeezeCase = (
  shape: Shape,
  axes: number | readonly number[] | undefined,
  result: Shape,
): Case =>
  moving(
    `squeeze of [${shape}], axes [${axes ?? "all"}]`,
    shape,
    (x) => x.squeeze(axes),
    (x) => reshaped(x, result),
  );

export const broadcastToCase = (from: Shape, to: Shape): Case =>
  moving(
    `broadcastTo of [${from}] to [${to}]`,
    from,
    (x) => x.broadcastTo(to),
    (x) => build(to, (index) => at(x, index)),
  );

/** What a slice takes of an axis, as JavaScript's own slice reads start and stop. */
const taken = (length: number, spec: SliceSpec): number[] => {
  const all = Array.from({ length }, (_, i) => i);
  if (spec === null) return all;
  if (typeof spec === "number") return all.slice(spec).slice(0, 1);
  const [start, stop, step = 1] = spec;
  return all.slice(start, stop ?? undefined).filter((_, i) => i % step === 0);
};

export const sliceCase = (shape: Shape, ...specs: readonly SliceSpec[]): Case =>
  moving(
    `slice of [${shape}] by ${JSON.stringify(specs)}`,
    shape,
    (x) => x.slice(...specs),
    (x) => {
      const places = shape.map((length, axis) => taken(length, specs[axis] ?? null));
      const full = build(
        places.map((list) => list.length),
        (index) =>
          at(
            x,
            index.map((i, axis) => places[axis][i]),
          ),
      );
      return reshaped(
        full,
        full.shape.filter((_, axis) => typeof specs[axis] !== "number"),
      );
    },
  );

export const padCase = (shape: Shape, widths: readonly Widths[], options: PadOptions = {}): Case =>
  moving(
    `pad of [${shape}] by ${JSON.stringify(widths)} ${JSON.stringify(options)}`,
    shape,
    (x) => x.pad(widths, options),
    (x) => {
      const { mode = "constant", value = 0 } = options;
      const source = (i: number, length: number) => {
        if (mode === "edge") return Math.min(Math.max(i, 0), length - 1);
        if (mode === "reflect") return i < 0 ? -i : i >= length ? 2 * (length - 1) - i : i;
        return i;
      };
      const padded = shape.map((length, axis) => length + widths[axis][0] + widths[axis][1]);
      return build(padded, (index) => {
        const place = index.map((i, axis) => source(i - widths[axis][0], shape[axis]));
        const isInside = place.every((i, axis) => i >= 0 && i < shape[axis]);
        return isInside ? at(x, place) : value;
      });
    },
  );

function joined(parts: readonly Reference[], axis: number): Reference {
  const [{ shape }] = parts;
  const along = axis < 0 ? axis + shape.length : axis;
  const owner = parts.flatMap((part, p) =>
    Array.from({ length: part.shape[along] }, (_, i) => [p, i] as const),
  );
  return build(shape.with(along, owner.length), (index) => {
    const [p, i] = owner[index[along]];
    // Not `at` on the index itself: an axis of length 1 must not answer to every index here.
    return at(parts[p], index.with(along, i));
  });
}

export const concatCase = (shapes: readonly Shape[], axis: number): Case => ({
  name: `concat of ${shapes.map((shape) => `[${shape}]`).join(", ")} along ${axis}`,
  inputs: shapes.map(real),
  f: (...parts) => concat(parts, axis),
  reference: (...parts) => joined(parts, axis),
  dtypes,
});

export const stackCase = (shape: Shape, parts: number, axis: number): Case => {
  const place = axis < 0 ? axis + shape.length + 1 : axis;
  const single = [...shape.slice(0, place), 1, ...shape.slice(place)];
  return {
    name: `stack of ${parts} [${shape}] along ${axis}`,
    inputs: Array.from({ length: parts }, () => real(shape)),
    f: (...list) => stack(list, axis),
    reference: (...list) =>
      joined(
        list.map((part) => reshaped(part, single)),
        place,
      ),
    dtypes,
  };
};

/** Consecutive parts of these lengths along an axis. */
function parts(x: Reference, lengths: readonly number[], axis: number): Reference[] {
  const along = axis < 0 ? axis + x.shape.length : axis;
  let start = 0;
  return lengths.map((length) => {
    const from = start;
    start += length;
    return build(x.shape.with(along, length), (index) =>
      at(x, index.with(along, from + index[along])),
    );
  });
}

export const splitCase = (shape: Shape, into: number | readonly number[], axis: number): Case =>
  moving(
    `split of [${shape}] into ${JSON.stringify(into)} along ${axis}`,
    shape,
    (x) => x.split(into, axis),
    (x) => {
      const length = shape.at(axis) ?? 0;
      const lengths = typeof into === "number" ? new Array<number>(into).fill(length / into) : into;
      return parts(x, lengths, axis);
    },
  );

export const unstackCase = (shape: Shape, axis: number): Case =>
  moving(
    `unstack of [${shape}] along ${axis}`,
    shape,
    (x) => x.unstack(axis),
    (x) => {
      const along = axis < 0 ? axis + shape.length : axis;
      const ones = new Array<number>(shape[along]).fill(1);
      return parts(x, ones, axis).map((part) => reshaped(part, shape.toSpliced(along, 1)));
    },
  );

export const flipCase = (shape: Shape, axes?: number | readonly number[]): Case =>
  moving(
    `flip of [${shape}], axes [${axes ?? "all"}]`,
    shape,
    (x) => x.flip(axes),
    (x) => {
      const list = axes === undefined ? [...shape.keys()] : [axes].flat();
      const over = list.map((axis) => (axis < 0 ? axis + shape.length : axis));
      return build(shape, (index) =>
        at(
          x,
          index.map((i, axis) => (over.includes(axis) ? shape[axis] - 1 - i : i)),
        ),
      );
    },
  );

export const rollCase = (shape: Shape, shift: number, axis: number): Case =>
  moving(
    `roll of [${shape}] by ${shift} along ${axis}`,
    shape,
    (x) => x.roll(shift, axis),
    (x) => {
      const along = axis < 0 ? axis + shape.length : axis;
      const length = shape[along];
      return build(shape, (index) =>
        at(x, index.with(along, (((index[along] - shift) % length) + length) % length)),
      );
    },
  );

export const tileCase = (shape: Shape, counts: readonly number[]): Case =>
  moving(
    `tile of [${shape}] by [${counts}]`,
    shape,
    (x) => x.tile(counts),
    (x) => {
      const rank = Math.max(shape.length, counts.length);
      const lengths = [...new Array<number>(rank - shape.length).fill(1), ...shape];
      const times = [...new Array<number>(rank - counts.length).fill(1), ...counts];
      return build(
        lengths.map((length, axis) => length * times[axis]),
        (index) =>
          at(
            x,
            index.map((i, axis) => i % lengths[axis]),
          ),
      );
    },
  );

export const repeatCase = (shape: Shape, times: number, axis: number): Case =>
  moving(
    `repeat of [${shape}], ${times} times along ${axis}`,
    shape,
    (x) => x.repeat(times, axis),
    (x) => {
      const along = axis < 0 ? axis + shape.length : axis;
      return build(shape.with(along, shape[along] * times), (index) =>
        at(x, index.with(along, Math.floor(index[along] / times))),
      );
    },
  );
