/** Convolutions, pooling and patches, from their definitions. */
import type { ConvOptions, ConvTransposeOptions } from "../ops/conv.ts";
import type { PoolOptions, UnfoldOptions } from "../ops/pool.ts";
import type { Widths } from "../ops/window.ts";
import type { Case } from "./cases.ts";
import { distinct, real } from "./random.ts";
import { at, build, count, indices, type Reference, sum } from "./reference.ts";

type Shape = readonly number[];
type PerAxis = number | readonly number[] | undefined;

const perAxis = (value: PerAxis, axes: number): readonly number[] =>
  typeof value === "object" ? value : new Array<number>(axes).fill(value ?? 1);

/** Zeros before and after each axis; "same" keeps ceil(length / stride) positions, the odd zero at the end. */
function widthsOf(
  padding: ConvOptions["padding"],
  space: Shape,
  reach: Shape,
  stride: Shape,
): readonly Widths[] {
  if (padding === undefined || padding === "valid") return space.map(() => [0, 0]);
  if (padding === "same") {
    return space.map((length, axis) => {
      const windows = Math.ceil(length / stride[axis]);
      const total = Math.max(0, (windows - 1) * stride[axis] + reach[axis] - length);
      const before = Math.floor(total / 2);
      return [before, total - before];
    });
  }
  const list = typeof padding === "number" ? space.map(() => padding) : padding;
  return list.map((width) => (typeof width === "number" ? [width, width] : width));
}

/** How windows lie over a space: where the entry `k` of the window at position `y` is. */
interface Windows {
  readonly shape: Shape;
  readonly place: (y: Shape, k: Shape) => number[];
}

function windowsOf(
  space: Shape,
  size: Shape,
  options: { stride: Shape; dilation: Shape; padding: ConvOptions["padding"] },
): Windows {
  const { stride, dilation } = options;
  const reach = size.map((length, axis) => (length - 1) * dilation[axis] + 1);
  const widths = widthsOf(options.padding, space, reach, stride);
  return {
    shape: space.map(
      (length, axis) =>
        Math.floor((length + widths[axis][0] + widths[axis][1] - reach[axis]) / stride[axis]) + 1,
    ),
    place: (y, k) =>
      y.map((i, axis) => i * stride[axis] + k[axis] * dilation[axis] - widths[axis][0]),
  };
}

const isInside = (place: Shape, space: Shape): boolean =>
  place.every((i, axis) => i >= 0 && i < space[axis]);

/** Zeros between the entries of every spatial axis. */
function spaced(x: Reference, step: Shape): Reference {
  const [n, c, ...space] = x.shape;
  const lengths = space.map((length, axis) => Math.max(0, (length - 1) * step[axis] + 1));
  return build([n, c, ...lengths], ([sample, channel, ...place]) =>
    place.every((i, axis) => i % step[axis] === 0)
      ? at(x, [sample, channel, ...place.map((i, axis) => i / step[axis])])
      : 0,
  );
}

function convolve(given: Reference, w: Reference, options: ConvOptions): Reference {
  const [o, perGroup, ...size] = w.shape;
  const axes = size.length;
  const x = spaced(given, perAxis(options.inputDilation, axes));
  const [n, , ...space] = x.shape;
  const windows = windowsOf(space, size, {
    stride: perAxis(options.stride, axes),
    dilation: perAxis(options.dilation, axes),
    padding: options.padding,
  });
  const taps = indices([perGroup, ...size]);
  const filters = o / (options.groups ?? 1);
  return build([n, o, ...windows.shape], ([sample, filter, ...y]) => {
    const group = Math.floor(filter / filters);
    return sum(
      taps.map(([channel, ...k]) => {
        const place = windows.place(y, k);
        if (!isInside(place, space)) return 0;
        return (
          at(x, [sample, group * perGroup + channel, ...place]) * at(w, [filter, channel, ...k])
        );
      }),
    );
  });
}

/** Every input entry lays a scaled kernel over the result; what falls on the padding is lost. */
function convolveTransposed(g: Reference, w: Reference, options: ConvTransposeOptions): Reference {
  const [n, channels, ...positions] = g.shape;
  const [, perGroup, ...size] = w.shape;
  const axes = size.length;
  const groups = options.groups ?? 1;
  const stride = perAxis(options.stride, axes);
  const dilation = perAxis(options.dilation, axes);
  const extra = perAxis(options.outputPadding ?? 0, axes);
  const widths = widthsOf(options.padding, positions, size, stride);
  const space = positions.map(
    (length, axis) =>
      (length - 1) * stride[axis] +
      (size[axis] - 1) * dilation[axis] +
      1 +
      extra[axis] -
      widths[axis][0] -
      widths[axis][1],
  );
  const shape = [n, perGroup * groups, ...space];
  const data = new Array<number>(count(shape)).fill(0);
  for (const [sample, channel, ...y] of indices(g.shape)) {
    const group = Math.floor(channel / (channels / groups));
    for (const [filter, ...k] of indices([perGroup, ...size])) {
      const place = y.map(
        (i, axis) => i * stride[axis] + k[axis] * dilation[axis] - widths[axis][0],
      );
      if (!isInside(place, space)) continue;
      const target = [sample, group * perGroup + filter, ...place].reduce(
        (p, i, axis) => p * shape[axis] + i,
        0,
      );
      data[target] += at(g, [sample, channel, ...y]) * at(w, [channel, filter, ...k]);
    }
  }
  return { shape, data };
}

const shown = (options: object): string => {
  const text = JSON.stringify(options);
  return text === "{}" ? "" : ` ${text}`;
};

export const convCase = (x: Shape, w: Shape, options: ConvOptions = {}): Case => ({
  name: `conv of [${x}] by [${w}]${shown(options)}`,
  inputs: [real(x), real(w)],
  f: (a, b) => a.conv(b, options),
  reference: (a, b) => convolve(a, b, options),
});

export const convTransposeCase = (
  x: Shape,
  w: Shape,
  options: ConvTransposeOptions = {},
): Case => ({
  name: `convTranspose of [${x}] by [${w}]${shown(options)}`,
  inputs: [real(x), real(w)],
  f: (a, b) => a.convTranspose(b, options),
  reference: (a, b) => convolveTransposed(a, b, options),
});

function pooled(
  x: Reference,
  window: PerAxis,
  options: PoolOptions,
  summary: (entries: number[], size: number) => number,
): Reference {
  const [n, c, ...space] = x.shape;
  const size = perAxis(window, space.length);
  const windows = windowsOf(space, size, {
    stride: perAxis(options.stride ?? size, space.length),
    dilation: space.map(() => 1),
    padding: options.padding,
  });
  return build([n, c, ...windows.shape], ([sample, channel, ...y]) => {
    const places = indices(size).map((k) => windows.place(y, k));
    const inside = places.filter((place) => isInside(place, space));
    return summary(
      inside.map((place) => at(x, [sample, channel, ...place])),
      places.length,
    );
  });
}

export const poolCases = (
  shape: Shape,
  window: number | readonly number[],
  options: PoolOptions = {},
): Case[] => [
  {
    name: `maxPool of [${shape}] by ${JSON.stringify(window)}${shown(options)}`,
    inputs: [distinct(shape)],
    f: (x) => x.maxPool(window, options),
    reference: (x) => pooled(x, window, options, (entries) => Math.max(...entries)),
  },
  {
    name: `avgPool of [${shape}] by ${JSON.stringify(window)}${shown(options)}`,
    inputs: [real(shape)],
    f: (x) => x.avgPool(window, options),
    reference: (x) => pooled(x, window, options, (entries, size) => sum(entries) / size),
  },
];

/** Windows as columns and the way back. */
export function patchCases(
  shape: Shape,
  window: number | readonly number[],
  options: UnfoldOptions = {},
): Case[] {
  const [n, c, ...space] = shape;
  const size = perAxis(window, space.length);
  const windows = windowsOf(space, size, {
    stride: perAxis(options.stride, space.length),
    dilation: perAxis(options.dilation, space.length),
    padding: options.padding,
  });
  const taps = indices([c, ...size]);
  const positions = indices(windows.shape);
  const columns = [n, taps.length, positions.length];
  const unfolded = (x: Reference) =>
    build(columns, ([sample, tap, position]) => {
      const [channel, ...k] = taps[tap];
      const place = windows.place(positions[position], k);
      return isInside(place, space) ? at(x, [sample, channel, ...place]) : 0;
    });
  const folded = (g: Reference) => {
    const data = new Array<number>(count(shape)).fill(0);
    for (const [sample, tap, position] of indices(columns)) {
      const [channel, ...k] = taps[tap];
      const place = windows.place(positions[position], k);
      if (!isInside(place, space)) continue;
      const target = [sample, channel, ...place].reduce((p, i, axis) => p * shape[axis] + i, 0);
      data[target] += at(g, [sample, tap, position]);
    }
    return { shape, data };
  };
  const of = `${JSON.stringify(window)}${shown(options)}`;
  return [
    {
      name: `unfold of [${shape}] by ${of}`,
      inputs: [real(shape)],
      f: (x) => x.unfold(window, options),
      reference: unfolded,
    },
    {
      name: `fold of [${columns}] to [${shape}] by ${of}`,
      inputs: [real(columns)],
      f: (x) => x.fold(shape, window, options),
      reference: folded,
    },
  ];
}
